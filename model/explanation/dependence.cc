#include "model/explanation/dependence.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/explanation/usable_rows.h"

namespace roicast {
namespace {

using explanation::PredictInBlocks;
using explanation::UsableRows;

constexpr double kLowShare = 0.1, kHighShare = 0.9;

absl::StatusOr<UsableRows> RowsToAsk(const Predictor& predictor, absl::Span<const float> rows,
                                     const DependenceOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_ASSIGN_OR_RETURN(UsableRows usable,
                           explanation::SelectUsableRows(predictor, rows, {}, options.max_rows, options.seed, stop));
  if (usable.size() > 0) return usable;
  return absl::InvalidArgumentError("dependence: expected at least 1 row with a prediction, got 0");
}

// The spend of rows, set to grid values with what moves along.
class VariedSpend {
 public:
  VariedSpend(std::vector<float>* values, const Schema& schema, const MovesWithSpend& moves)
      : values_(*values), original_(*values), schema_(schema), moves_(moves) {}
  void Set(float spend) {
    values_ = original_;
    for (size_t i = 0; i < values_.size(); i += static_cast<size_t>(schema_.size())) {
      moves_.SetSpend(schema_, spend, values_.data() + i);
    }
  }

 private:
  std::vector<float>& values_;
  const std::vector<float> original_;
  const Schema& schema_;
  const MovesWithSpend& moves_;
};

// One column of rows, set to grid values and back.
class VariedColumn {
 public:
  VariedColumn(std::vector<float>* values, size_t width, const FeatureGrid& grid)
      : values_(*values), width_(width), grid_(grid) {
    for (size_t i = Column(); i < values_.size(); i += width_) original_.push_back(values_[i]);
  }
  void Set(float grid_value) {
    for (size_t i = 0; i < original_.size(); ++i) {
      values_[i * width_ + Column()] = SetGridValue(grid_, grid_value, original_[i]);
    }
  }

 private:
  size_t Column() const { return static_cast<size_t>(grid_.feature); }

  std::vector<float>& values_;
  const size_t width_;
  const FeatureGrid& grid_;
  std::vector<float> original_;
};

double MeanOf(absl::Span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

float QuantileOf(std::vector<float>& values, double share) {
  const auto at = values.begin() + std::lround(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Positions of `count` rows, evenly spread over the order of their predictions.
std::vector<size_t> SpreadRows(const std::vector<float>& predictions, int count) {
  std::vector<size_t> order(predictions.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return predictions[a] < predictions[b]; });
  if (static_cast<size_t>(count) >= order.size()) return order;
  std::vector<size_t> chosen;
  for (int k = 0; k < count; ++k) {
    chosen.push_back(order[(2 * static_cast<size_t>(k) + 1) * order.size() / (2 * static_cast<size_t>(count))]);
  }
  return chosen;
}

}  // namespace

absl::Status DependenceOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(grid.Validate());
  ROICAST_RETURN_IF_ERROR(kCurves.Check("curves", curves));
  return kMaxRows.Check("max_rows", static_cast<double>(max_rows));
}

absl::StatusOr<Dependence> PartialDependence(const Predictor& predictor, absl::Span<const float> rows, int feature,
                                             const DependenceOptions& options, const StopCheck& stop) {
  const Schema& schema = predictor.schema();
  ROICAST_RETURN_IF_ERROR(explanation::CheckFeatures(schema, {feature}));
  ROICAST_ASSIGN_OR_RETURN(UsableRows usable, RowsToAsk(predictor, rows, options, stop));
  Dependence result;
  result.rows = usable.size();
  result.rows_rejected = usable.rejected;
  ROICAST_ASSIGN_OR_RETURN(result.grid, MakeFeatureGrid(schema, usable.values, feature, options.grid));
  const std::vector<size_t> curve_rows = SpreadRows(usable.predictions, options.curves);
  for (const size_t row : curve_rows) result.curves.push_back({usable.index[row], {}});
  std::optional<VariedSpend> spend;
  if (!options.moves.empty() && options.moves.spend == feature) spend.emplace(&usable.values, schema, options.moves);
  VariedColumn column(&usable.values, static_cast<size_t>(schema.size()), result.grid);
  std::vector<float> predicted(usable.index.size());
  for (const float value : result.grid.values) {
    spend.has_value() ? spend->Set(value) : column.Set(value);
    ROICAST_RETURN_IF_ERROR(
        PredictInBlocks(predictor, usable.values.data(), usable.size(), absl::MakeSpan(predicted), stop));
    for (size_t k = 0; k < curve_rows.size(); ++k) {
      result.curves[k].values.push_back(static_cast<double>(predicted[curve_rows[k]]));
    }
    result.mean.push_back(MeanOf(predicted));
    result.low.push_back(static_cast<double>(QuantileOf(predicted, kLowShare)));
    result.high.push_back(static_cast<double>(QuantileOf(predicted, kHighShare)));
  }
  return result;
}

absl::StatusOr<JointDependence> PartialDependenceOfPair(const Predictor& predictor, absl::Span<const float> rows,
                                                        int first, int second, const DependenceOptions& options,
                                                        const StopCheck& stop) {
  const Schema& schema = predictor.schema();
  ROICAST_RETURN_IF_ERROR(explanation::CheckFeatures(schema, {first, second}));
  ROICAST_ASSIGN_OR_RETURN(UsableRows usable, RowsToAsk(predictor, rows, options, stop));
  JointDependence result;
  result.rows = usable.size();
  result.rows_rejected = usable.rejected;
  ROICAST_ASSIGN_OR_RETURN(result.first, MakeFeatureGrid(schema, usable.values, first, options.grid));
  ROICAST_ASSIGN_OR_RETURN(result.second, MakeFeatureGrid(schema, usable.values, second, options.grid));
  const auto width = static_cast<size_t>(schema.size());
  VariedColumn column_of_first(&usable.values, width, result.first);
  VariedColumn column_of_second(&usable.values, width, result.second);
  std::vector<float> predicted(usable.index.size());
  for (const float value : result.first.values) {
    column_of_first.Set(value);
    for (const float other : result.second.values) {
      column_of_second.Set(other);
      ROICAST_RETURN_IF_ERROR(
          PredictInBlocks(predictor, usable.values.data(), usable.size(), absl::MakeSpan(predicted), stop));
      result.mean.push_back(MeanOf(predicted));
    }
  }
  return result;
}

}  // namespace roicast
