#include "model/training/measure_model_error.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr int64_t kFewestRows = 20, kMostRows = 400;
// Rows times features: some tenths of a second.
constexpr int64_t kMostMoves = 8'000;

double InverseTransform(NumericTransform transform, double t) {
  switch (transform) {
    case NumericTransform::kLog1p:
      return std::expm1(t);
    case NumericTransform::kAsinh:
      return std::sinh(t);
    default:
      return t;
  }
}

// Sums of what models differ by.
class Differences {
 public:
  explicit Differences(size_t models) : of_model_(models, 0.0) {}

  // values: one per model; replaced by their differences from the mean.
  void Add(const std::vector<double>& values) {
    for (size_t k = 0; k < values.size(); ++k) {
      squares_ += values[k] * values[k];
      of_model_[k] += values[k];
    }
    ++rows_;
  }
  // Of variances: the jackknife's factor, and the one of the rows.
  double All(double factor) const { return rows_ == 0 ? 0.0 : std::sqrt(factor * squares_ / rows_); }
  double Common(double factor) const {
    double squares = 0.0;
    for (const double sum : of_model_) squares += sum * sum;
    return rows_ == 0 ? 0.0 : std::sqrt(factor * squares) / rows_;
  }

 private:
  std::vector<double> of_model_;
  double squares_ = 0.0;
  double rows_ = 0.0;
};

class Jury {
 public:
  Jury(const ModelFit& measured, const CapacitySelection& selection) : measured_(measured), selection_(selection) {
    encoded_.resize(static_cast<size_t>(measured.preprocessor.encoded_size()));
  }

  size_t size() const { return selection_.fold_models.size(); }

  // What each model says beyond the mean of all; transformed scale.
  std::vector<double> Differ(const float* raw) {
    measured_.preprocessor.EncodeRow(raw, encoded_.data());
    std::vector<double> values;
    double sum = 0.0;
    for (const FoldModel& model : selection_.fold_models) {
      values.push_back(measured_.artifact.target.factor * model.Evaluate(encoded_.data(), selection_.network_share));
      sum += values.back();
    }
    for (double& value : values) value -= sum / static_cast<double>(values.size());
    return values;
  }

 private:
  const ModelFit& measured_;
  const CapacitySelection& selection_;
  std::vector<float> encoded_;
};

// The value one scale above x, or below it (−1) where that is outside what training saw. 0: neither.
int Move(const Feature& feature, const FittedFeature& fitted, float& x) {
  if (!std::isfinite(x)) return 0;
  const double t = ApplyTransform(fitted.transform, x);
  for (const int direction : {1, -1}) {
    const double moved = InverseTransform(fitted.transform, t + direction * fitted.scale);
    if (!std::isfinite(moved) || moved < feature.seen_min || moved > feature.seen_max) continue;
    x = static_cast<float>(moved);
    return direction;
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::optional<ModelError>> MeasureModelError(const ModelFit& measured, const RowPart& holdout,
                                                            int64_t served_rows, const MovesWithSpend& moves,
                                                            const StopCheck& stop) {
  const auto& selection = measured.network.selection;
  const std::vector<Feature>& features = measured.artifact.schema.features;
  const auto wide = static_cast<int64_t>(std::max<size_t>(1, features.size()));
  const int64_t count = std::min(
      {kMostRows, static_cast<int64_t>(holdout.raw.rows()), std::max<int64_t>(kFewestRows, kMostMoves / wide)});
  if (!selection.has_value() || selection->fold_models.size() < 2 || measured.two_part.has_value() ||
      measured.artifact.attention.has_value() || measured.artifact.target.kind != TargetKind::kNumber ||
      count < kFewestRows) {
    return std::optional<ModelError>();
  }
  Jury jury(measured, *selection);
  const auto models = static_cast<double>(jury.size());
  const auto trained = static_cast<double>(measured.train.roi.size());
  const double factor = (models - 1.0) / models * std::min(1.0, trained / static_cast<double>(served_rows));
  Differences level(jury.size());
  std::vector<Differences> slopes(features.size(), Differences(jury.size()));
  for (int64_t i = 0; i < count; ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    // Evenly spaced.
    const float* const row = holdout.raw.row(i * holdout.raw.rows() / count).data();
    const std::vector<double> here = jury.Differ(row);
    level.Add(here);
    std::vector<float> moved(row, row + features.size());
    for (size_t f = 0; f < features.size(); ++f) {
      if (features[f].kind != FeatureKind::kNumeric) continue;
      const int direction = Move(features[f], measured.artifact.features[f], moved[f]);
      if (direction == 0) continue;
      if (!moves.empty() && static_cast<size_t>(moves.spend) == f) {
        const float spend = std::exchange(moved[f], row[f]);
        moves.SetSpend(measured.artifact.schema, spend, moved.data());
      }
      std::vector<double> change = jury.Differ(moved.data());
      for (size_t k = 0; k < change.size(); ++k) change[k] = direction * (change[k] - here[k]);
      slopes[f].Add(change);
      std::copy_n(row, features.size(), moved.begin());
    }
  }
  ModelError error;
  error.rows = count;
  error.level = level.All(factor);
  error.common = std::min(error.level, level.Common(factor));
  for (const Differences& slope : slopes) {
    const double all = slope.All(factor);
    error.slopes.push_back({all, std::min(all, slope.Common(factor))});
  }
  return error;
}

}  // namespace roicast
