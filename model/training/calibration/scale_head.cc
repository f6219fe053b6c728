#include "model/training/calibration/scale_head.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"

namespace roicast {
namespace {

constexpr double kPenalties[] = {1e-3, 1e-2, 0.1, 1.0};
constexpr int kMostSteps = 30;
constexpr double kConverged = 1e-6;
// An error this many times the median counts as that: a few wild rows do not decide.
constexpr double kMostOfMedian = 20.0;
constexpr double kMaxLogScale = 30.0;
constexpr size_t kMostRows = 8000;
constexpr double kWorthwhile = 0.02;

// |errors|, neither 0 nor wild.
Eigen::VectorXd Sizes(absl::Span<const double> errors) {
  std::vector<double> sizes;
  for (const double error : errors) sizes.push_back(std::abs(error));
  std::vector<double> sorted = sizes;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<int64_t>(sorted.size() / 2), sorted.end());
  const double median = std::max(1e-12, sorted[sorted.size() / 2]);
  Eigen::VectorXd bounded(static_cast<Eigen::Index>(sizes.size()));
  for (size_t i = 0; i < sizes.size(); ++i) {
    bounded[static_cast<Eigen::Index>(i)] = std::clamp(sizes[i], 1e-3 * median, kMostOfMedian * median);
  }
  return bounded;
}

// −ln of the likelihood, up to a constant.
double Deviance(const Eigen::VectorXd& log_scale, const Eigen::VectorXd& sizes) {
  return (log_scale.array() + sizes.array() * (-log_scale.array()).exp()).sum();
}

// Width of the 90 % interval of scores with a mean scale of 1.
absl::StatusOr<double> Width(std::vector<double> scores, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(SortOrStop(scores, stop));
  const auto last = static_cast<double>(scores.size() - 1);
  const auto low = static_cast<size_t>(std::lround(0.05 * last)), high = static_cast<size_t>(std::lround(0.95 * last));
  return scores[high] - scores[low];
}

class AdaptiveFit {
 public:
  AdaptiveFit(const RowMajorMatrix& units, absl::Span<const double> errors, absl::Span<const int> fold_of,
              const StopCheck& stop)
      : units_(units), errors_(errors), stop_(stop), sizes_(Sizes(errors)) {
    const size_t rows = errors.size(), used = std::min(rows, kMostRows);
    for (size_t i = 0; i < used; ++i) all_.push_back(static_cast<int64_t>(i * rows / used));
    for (int k = 0; k < kScaleFolds; ++k) {
      std::vector<int64_t>& inside = inside_.emplace_back();
      std::vector<int64_t>& outside = outside_.emplace_back();
      for (const int64_t row : all_) {
        if (fold_of[static_cast<size_t>(row)] != k) inside.push_back(row);
      }
      for (size_t row = 0; row < rows; ++row) {
        if (fold_of[row] == k) outside.push_back(static_cast<int64_t>(row));
      }
    }
  }

  absl::StatusOr<std::optional<AdaptiveScale>> Run() const {
    for (const std::vector<int64_t>& inside : inside_) {
      if (inside.empty()) return std::optional<AdaptiveScale>();
    }
    Eigen::VectorXd best;
    double least = 0.0, penalty = 0.0;
    for (const double candidate : kPenalties) {
      ROICAST_ASSIGN_OR_RETURN(Eigen::VectorXd log_scale, OutOfFold(candidate));
      const double deviance = Deviance(log_scale, sizes_);
      if (!std::isfinite(deviance) || (best.size() > 0 && deviance >= least)) continue;
      best = std::move(log_scale);
      least = deviance;
      penalty = candidate;
    }
    if (best.size() == 0) return std::optional<AdaptiveScale>();
    ROICAST_ASSIGN_OR_RETURN(const bool pays, Pays(best));
    std::optional<AdaptiveScale> scale;
    if (!pays) return scale;
    scale.emplace();
    scale->log_scale.assign(best.begin(), best.end());
    scale->head = Fit(all_, penalty);
    return scale;
  }

 private:
  ScaleHead Fit(const std::vector<int64_t>& rows, double penalty) const {
    const RowMajorMatrix units = units_(rows, Eigen::all);
    std::vector<double> errors;
    for (const int64_t row : rows) errors.push_back(errors_[static_cast<size_t>(row)]);
    return FitScaleHead(units, errors, penalty);
  }

  absl::StatusOr<Eigen::VectorXd> OutOfFold(double penalty) const {
    Eigen::VectorXd log_scale = Eigen::VectorXd::Zero(units_.rows());
    for (int k = 0; k < kScaleFolds; ++k) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const ScaleHead head = Fit(inside_[k], penalty);
      for (const int64_t row : outside_[k]) log_scale[row] = head.Evaluate(units_.row(row).data());
    }
    return log_scale;
  }

  absl::StatusOr<bool> Pays(const Eigen::VectorXd& log_scale) const {
    std::vector<double> scores;
    double scale = 0.0;
    for (size_t i = 0; i < errors_.size(); ++i) {
      const double row_scale = std::exp(log_scale[static_cast<Eigen::Index>(i)]);
      scores.push_back(errors_[i] / row_scale);
      scale += row_scale;
    }
    ROICAST_ASSIGN_OR_RETURN(const double scaled, Width(std::move(scores), stop_));
    ROICAST_ASSIGN_OR_RETURN(const double plain, Width({errors_.begin(), errors_.end()}, stop_));
    return scaled * scale / static_cast<double>(errors_.size()) < (1.0 - kWorthwhile) * plain;
  }

  const RowMajorMatrix& units_;
  const absl::Span<const double> errors_;
  const StopCheck& stop_;
  const Eigen::VectorXd sizes_;
  std::vector<int64_t> all_;  // the rows that heads are fitted to
  std::vector<std::vector<int64_t>> inside_, outside_;
};

}  // namespace

double ScaleHead::Evaluate(const float* units) const {
  const double sum = bias + weights.dot(Eigen::Map<const Eigen::VectorXf>(units, weights.size()).cast<double>());
  return std::clamp(sum, -kMaxLogScale, kMaxLogScale);
}

DenseLayer ScaleHead::ToLayer() const {
  DenseLayer layer;
  layer.weights = weights.cast<float>().transpose();
  layer.biases = Eigen::VectorXf::Constant(1, static_cast<float>(bias));
  return layer;
}

ScaleHead FitScaleHead(const RowMajorMatrix& units, absl::Span<const double> errors, double penalty) {
  ROICAST_CHECK(units.rows() == static_cast<Eigen::Index>(errors.size()) && units.rows() > 0 && units.cols() > 0);
  const Eigen::Index n = units.rows(), u = units.cols();
  const Eigen::VectorXd sizes = Sizes(errors);
  Eigen::MatrixXd x = units.cast<double>();
  const Eigen::RowVectorXd mean = x.colwise().mean();
  x.rowwise() -= mean;
  Eigen::RowVectorXd deviation = (x.colwise().squaredNorm() / static_cast<double>(n)).cwiseSqrt();
  for (double& value : deviation) value = value > 1e-9 ? value : 1.0;
  x.array().rowwise() /= deviation.array();
  const double lambda = penalty * static_cast<double>(n);
  Eigen::MatrixXd information = x.transpose() * x;
  information.diagonal().array() += lambda;
  const Eigen::LDLT<Eigen::MatrixXd> solver(information);

  // The units have mean 0: the bias has a step of its own.
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(u);
  double bias = std::log(sizes.mean());
  Eigen::VectorXd log_scale = Eigen::VectorXd::Constant(n, bias);
  double objective = Deviance(log_scale, sizes);
  for (int step = 0; step < kMostSteps; ++step) {
    const Eigen::VectorXd excess = (sizes.array() * (-log_scale.array()).exp() - 1.0).matrix();
    const Eigen::VectorXd change = solver.solve(x.transpose() * excess - lambda * weights);
    const double bias_change = excess.mean();
    double length = 1.0, found = objective;
    Eigen::VectorXd tried;
    for (; length > 1e-3; length *= 0.5) {
      tried = (x * (weights + length * change)).array() + (bias + length * bias_change);
      tried = tried.cwiseMax(-kMaxLogScale).cwiseMin(kMaxLogScale);
      found = Deviance(tried, sizes) + 0.5 * lambda * (weights + length * change).squaredNorm();
      if (found < objective) break;
    }
    if (!(found < objective)) break;
    weights += length * change;
    bias += length * bias_change;
    log_scale = std::move(tried);
    const bool converged = objective - found < kConverged * static_cast<double>(n);
    objective = found;
    if (converged) break;
  }
  ScaleHead head;
  head.weights = weights.array() / deviation.transpose().array();
  head.bias = bias - head.weights.dot(mean.transpose());
  return head;
}

absl::StatusOr<std::optional<AdaptiveScale>> FitAdaptiveScale(const RowMajorMatrix& units,
                                                              absl::Span<const double> errors,
                                                              absl::Span<const int> fold_of, const StopCheck& stop) {
  ROICAST_CHECK(units.rows() == static_cast<Eigen::Index>(errors.size()) && fold_of.size() == errors.size());
  if (units.rows() < kFewestRowsPerUnit * units.cols()) return std::nullopt;
  return AdaptiveFit(units, errors, fold_of, stop).Run();
}

RowMajorMatrix LastHiddenUnits(const Mlp& mlp, const RowMajorMatrix& encoded) {
  ROICAST_CHECK(mlp.layers.size() >= 2);
  RowMajorMatrix units(encoded.rows(), mlp.layers[mlp.layers.size() - 2].outputs());
  for (Eigen::Index i = 0; i < encoded.rows(); ++i) {
    units.row(i) = mlp.LastHidden(encoded.row(i).data()).cast<float>().transpose();
  }
  return units;
}

}  // namespace roicast
