#include "model/training/capacity/logistic_path.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/status_macros.h"
#include "model/training/capacity/symmetric_eigen.h"

namespace roicast {
namespace {

constexpr int kLeastPower = -10, kMostPower = 20;
constexpr Eigen::Index kRowsOfBlock = 4096;
// Iterations that choose the penalty anew, and all of them.
constexpr int kChoosingIterations = 6, kMostIterations = 50;
constexpr double kConverged = 1e-9;
// Of the variance p (1 − p) of a row: fitted probabilities of 0 and 1 would have no weight, and a response without
// bound.
constexpr double kLeastVariance = 1e-6;

class LogisticFit {
 public:
  LogisticFit(const RowMajorMatrix& x, absl::Span<const float> y, absl::Span<const float> row_weights,
              const StopCheck& stop)
      : stop_(stop),
        x_(x),
        y_(Eigen::Map<const Eigen::VectorXf>(y.data(), x.rows()).cast<double>()),
        weight_(Eigen::VectorXd::Ones(x.rows())),
        rows_(x.rows()),
        inputs_(x.cols() <= kMaxLinearInputs ? x.cols() : 0) {
    if (!row_weights.empty()) weight_ = Eigen::Map<const Eigen::VectorXf>(row_weights.data(), rows_).cast<double>();
    weight_ /= weight_.mean();
  }

  absl::StatusOr<LinearModel> Run() {
    const double half = 0.5 / static_cast<double>(rows_);
    const double rate = std::clamp(weight_.dot(y_) / static_cast<double>(rows_), half, 1.0 - half);
    model_.weights = Eigen::VectorXd::Zero(x_.cols());
    model_.bias = LogOdds(rate);
    if (inputs_ == 0) return model_;
    ROICAST_ASSIGN_OR_RETURN(mean_square_, MeanSquare());
    if (!(mean_square_ > 0.0)) return model_;
    z_ = Eigen::VectorXd::Constant(rows_, model_.bias);
    for (int iteration = 0; iteration < kMostIterations; ++iteration) {
      ROICAST_ASSIGN_OR_RETURN(const bool moved, Step(iteration < kChoosingIterations));
      if (!moved && iteration >= kChoosingIterations) break;
    }
    return model_;
  }

 private:
  template <typename Add>
  absl::Status ForBlocks(const Add& add) const {
    for (Eigen::Index from = 0; from < rows_; from += kRowsOfBlock) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      add(from, std::min(kRowsOfBlock, rows_ - from));
    }
    return absl::OkStatus();
  }

  Eigen::MatrixXd Block(Eigen::Index from, Eigen::Index count) const {
    return x_.middleRows(from, count).leftCols(inputs_).cast<double>();
  }

  // Of an input about its mean, averaged over inputs.
  absl::StatusOr<double> MeanSquare() const {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(inputs_), squares = sum;
    ROICAST_RETURN_IF_ERROR(ForBlocks([&](Eigen::Index from, Eigen::Index count) {
      const Eigen::MatrixXd block = Block(from, count);
      sum += block.transpose() * weight_.segment(from, count);
      squares += block.array().square().matrix().transpose() * weight_.segment(from, count);
    }));
    const auto n = static_cast<double>(rows_);
    return (squares / n - (sum / n).array().square().matrix()).mean();
  }

  absl::StatusOr<Eigen::VectorXd> LogOddsOf(const Eigen::VectorXd& weights, double bias) const {
    Eigen::VectorXd z(rows_);
    ROICAST_RETURN_IF_ERROR(ForBlocks([&](Eigen::Index from, Eigen::Index count) {
      z.segment(from, count) = (Block(from, count) * weights.head(inputs_)).array() + bias;
    }));
    return z;
  }

  // −2 · log likelihood + penalty · Σ weights².
  double Objective(const Eigen::VectorXd& z, const Eigen::VectorXd& weights, double penalty) const {
    double total = penalty * weights.squaredNorm();
    for (Eigen::Index i = 0; i < rows_; ++i) {
      const double loss = std::max(z[i], 0.0) + std::log1p(std::exp(-std::abs(z[i]))) - y_[i] * z[i];
      total += 2.0 * weight_[i] * loss;
    }
    return total;
  }

  // One iteration; false: nothing changed.
  absl::StatusOr<bool> Step(bool choose) {
    Eigen::VectorXd working(rows_), response(rows_);
    for (Eigen::Index i = 0; i < rows_; ++i) {
      const double p = Probability(z_[i]);
      const double variance = std::max(p * (1.0 - p), kLeastVariance);
      working[i] = weight_[i] * variance;
      response[i] = z_[i] + (y_[i] - p) / variance;
    }
    const double total = working.sum();
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(inputs_);
    ROICAST_RETURN_IF_ERROR(ForBlocks([&](Eigen::Index from, Eigen::Index count) {
      mean += Block(from, count).transpose() * working.segment(from, count);
    }));
    mean /= total;
    const double mean_response = working.dot(response) / total;
    Eigen::MatrixXd xx = Eigen::MatrixXd::Zero(inputs_, inputs_);
    Eigen::VectorXd xy = Eigen::VectorXd::Zero(inputs_);
    ROICAST_RETURN_IF_ERROR(ForBlocks([&](Eigen::Index from, Eigen::Index count) {
      const Eigen::MatrixXd centred = Block(from, count).rowwise() - mean.transpose();
      const Eigen::MatrixXd weighted = working.segment(from, count).asDiagonal() * centred;
      xx.selfadjointView<Eigen::Lower>().rankUpdate(
          (working.segment(from, count).cwiseSqrt().asDiagonal() * centred).transpose());
      xy += weighted.transpose() * (response.segment(from, count).array() - mean_response).matrix();
    }));
    xx = xx.selfadjointView<Eigen::Lower>();
    if (!choose) return MoveTo(Solve(std::move(xx), xy), mean, mean_response);
    ROICAST_ASSIGN_OR_RETURN(Eigen::VectorXd weights, ChoosePenalty(xx, xy));
    return MoveTo(std::move(weights), mean, mean_response);
  }

  // The penalty of the least Σ working · error² + 2 · degrees of freedom, without what does not depend on it.
  absl::StatusOr<Eigen::VectorXd> ChoosePenalty(const Eigen::MatrixXd& xx, const Eigen::VectorXd& xy) {
    ROICAST_ASSIGN_OR_RETURN(const SymmetricEigen eigen, DecomposeSymmetric(xx, stop_));
    const Eigen::ArrayXd values = eigen.values.cwiseMax(0.0).array();
    const Eigen::ArrayXd projected = (eigen.vectors.transpose() * xy).array();
    double least = std::numeric_limits<double>::infinity();
    Eigen::VectorXd best = Eigen::VectorXd::Zero(inputs_);
    for (int power = kLeastPower; power <= kMostPower; ++power) {
      const double penalty = std::ldexp(0.25 * mean_square_, power);
      const Eigen::ArrayXd shrunk = projected / (values + penalty);
      const double freedom = (values / (values + penalty)).sum();
      const double errors = (shrunk.square() * values).sum() - 2.0 * (shrunk * projected).sum();
      if (errors + 2.0 * freedom >= least) continue;
      least = errors + 2.0 * freedom;
      best = shrunk.matrix();
      model_.penalty = penalty;
    }
    return Eigen::VectorXd(eigen.vectors * best);
  }

  Eigen::VectorXd Solve(Eigen::MatrixXd xx, const Eigen::VectorXd& xy) const {
    xx.diagonal().array() += model_.penalty;
    return xx.ldlt().solve(xy);
  }

  // Goes there, or a part of the way if that is worse than staying.
  absl::StatusOr<bool> MoveTo(Eigen::VectorXd weights, const Eigen::VectorXd& mean, double mean_response) {
    const double bias = mean_response - weights.dot(mean);
    Eigen::VectorXd padded = Eigen::VectorXd::Zero(x_.cols());
    padded.head(inputs_) = weights;
    const double before = Objective(z_, model_.weights, model_.penalty);
    for (double part = 1.0; part > 1e-4; part *= 0.5) {
      const Eigen::VectorXd moved = model_.weights + part * (padded - model_.weights);
      const double moved_bias = model_.bias + part * (bias - model_.bias);
      ROICAST_ASSIGN_OR_RETURN(Eigen::VectorXd z, LogOddsOf(moved, moved_bias));
      const double after = Objective(z, moved, model_.penalty);
      if (!(after <= before)) continue;
      model_.weights = moved;
      model_.bias = moved_bias;
      z_ = std::move(z);
      return before - after > kConverged * (1.0 + std::abs(before));
    }
    return false;
  }

  const StopCheck& stop_;
  const RowMajorMatrix& x_;
  const Eigen::VectorXd y_;
  Eigen::VectorXd weight_;  // of mean 1
  const Eigen::Index rows_, inputs_;
  double mean_square_ = 0.0;
  Eigen::VectorXd z_;
  LinearModel model_;
};

}  // namespace

absl::StatusOr<LinearModel> FitLogisticRidge(const RowMajorMatrix& x, absl::Span<const float> y,
                                             absl::Span<const float> row_weights, const StopCheck& stop) {
  ROICAST_CHECK(x.rows() > 0 && static_cast<Eigen::Index>(y.size()) == x.rows());
  ROICAST_CHECK(row_weights.empty() || row_weights.size() == y.size());
  return LogisticFit(x, y, row_weights, stop).Run();
}

double Probability(double z) { return 1.0 / (1.0 + std::exp(-z)); }

double LogOdds(double probability) { return std::log(probability) - std::log1p(-probability); }

}  // namespace roicast
