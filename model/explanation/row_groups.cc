#include "model/explanation/row_groups.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr int kWords = 8;  // that a category is told apart by
constexpr double kFarOut = 3.0;
constexpr int kPowerIterations = 6;

// The codes of the most frequent words, the most frequent first.
std::vector<float> FrequentCodes(const RowMajorMatrix& rows, int feature) {
  std::map<float, int64_t> counts;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    if (!std::isnan(rows(i, feature))) ++counts[rows(i, feature)];
  }
  std::vector<std::pair<int64_t, float>> ranked;
  for (const auto& [code, count] : counts) ranked.emplace_back(-count, code);
  std::sort(ranked.begin(), ranked.end());
  std::vector<float> codes;
  for (size_t i = 0; i < ranked.size() && i < kWords; ++i) codes.push_back(ranked[i].second);
  return codes;
}

// [n, width]
absl::StatusOr<RowMajorMatrix> ScaledRows(const RowMajorMatrix& rows, const Schema& schema, const StopCheck& stop) {
  std::vector<std::vector<float>> columns;
  for (int f = 0; f < schema.size(); ++f) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    if (schema.features[f].kind == FeatureKind::kCategorical) {
      for (const float code : FrequentCodes(rows, f)) {
        std::vector<float>& column = columns.emplace_back(rows.rows());
        for (Eigen::Index i = 0; i < rows.rows(); ++i) column[i] = rows(i, f) == code ? 1.0f : 0.0f;
      }
      continue;
    }
    std::vector<float>& column = columns.emplace_back(rows.rows());
    for (Eigen::Index i = 0; i < rows.rows(); ++i) column[i] = rows(i, f);
    const RobustScale scale = RobustScaleOf(column);
    for (float& value : column) {
      const double scaled = (value - scale.center) / scale.scale;
      value = std::isnan(value) ? 0.0f : static_cast<float>(std::clamp(scaled, -kFarOut, kFarOut));
    }
  }
  RowMajorMatrix scaled(rows.rows(), static_cast<Eigen::Index>(columns.size()));
  for (size_t c = 0; c < columns.size(); ++c) {
    for (Eigen::Index i = 0; i < rows.rows(); ++i) scaled(i, static_cast<Eigen::Index>(c)) = columns[c][i];
  }
  return scaled;
}

class Bisection {
 public:
  Bisection(const RowMajorMatrix& scaled, const StopCheck& stop)
      : scaled_(scaled), stop_(stop), group_of_(scaled.rows()) {
    order_.resize(scaled.rows());
    std::iota(order_.begin(), order_.end(), 0);
    projection_.resize(scaled.rows());
  }

  absl::StatusOr<std::vector<int>> Run(int groups) {
    ROICAST_RETURN_IF_ERROR(Cut(0, static_cast<int64_t>(order_.size()), 0, groups));
    return std::move(group_of_);
  }

 private:
  // Rows order_[begin, end) become the groups from first_group on.
  absl::Status Cut(int64_t begin, int64_t end, int first_group, int groups) {
    if (groups == 1) {
      for (int64_t k = begin; k < end; ++k) group_of_[order_[k]] = first_group;
      return absl::OkStatus();
    }
    const int left = groups / 2;
    const int64_t middle = begin + (end - begin) * left / groups;
    ROICAST_RETURN_IF_ERROR(Project(begin, end));
    std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end,
                     [&](int64_t a, int64_t b) { return std::pair(projection_[a], a) < std::pair(projection_[b], b); });
    ROICAST_RETURN_IF_ERROR(Cut(begin, middle, first_group, left));
    return Cut(middle, end, first_group + left, groups - left);
  }

  // On the first principal direction, by power iteration.
  absl::Status Project(int64_t begin, int64_t end) {
    const Eigen::Index width = scaled_.cols();
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(width);
    for (int64_t k = begin; k < end; ++k) mean += scaled_.row(order_[k]).transpose().cast<double>();
    mean /= static_cast<double>(end - begin);
    // Not orthogonal to any direction that a simple table would have.
    Eigen::VectorXd direction(width);
    for (Eigen::Index c = 0; c < width; ++c) direction(c) = 1.0 + 0.1 * std::sin(static_cast<double>(c + 1));
    Eigen::VectorXd centred(width), next(width);
    for (int iteration = 0; iteration <= kPowerIterations; ++iteration) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      next.setZero();
      for (int64_t k = begin; k < end; ++k) {
        centred = scaled_.row(order_[k]).transpose().cast<double>() - mean;
        const double along = centred.dot(direction);
        projection_[order_[k]] = along;
        next += along * centred;
      }
      const double norm = next.norm();
      if (!(norm > 0.0)) break;
      direction = next / norm;
    }
    return absl::OkStatus();
  }

  const RowMajorMatrix& scaled_;
  const StopCheck& stop_;
  std::vector<int> group_of_;
  std::vector<int64_t> order_;
  std::vector<double> projection_;
};

}  // namespace

RobustScale RobustScaleOf(std::vector<float> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](float x) { return std::isnan(x); }), values.end());
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const size_t last = values.size() - 1;
  RobustScale robust;
  robust.center = 0.5 * (static_cast<double>(values[last / 2]) + values[(last + 1) / 2]);
  robust.scale = static_cast<double>(values[last * 3 / 4]) - values[last / 4];
  if (robust.scale > 0.0) return robust;
  double mean = 0.0, squares = 0.0;
  for (const float value : values) mean += value;
  mean /= static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  robust.scale = std::sqrt(squares / static_cast<double>(values.size()));
  if (!(robust.scale > 0.0)) robust.scale = 1.0;
  return robust;
}

absl::StatusOr<std::vector<int>> GroupRows(const RowMajorMatrix& rows, const Schema& schema, int groups,
                                           const StopCheck& stop) {
  ROICAST_CHECK(groups >= 1 && rows.rows() >= groups && rows.cols() == schema.size());
  ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix scaled, ScaledRows(rows, schema, stop));
  return Bisection(scaled, stop).Run(groups);
}

}  // namespace roicast
