#include "model/training/calibration/calibrate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/evaluation/equal_rows.h"
#include "model/features/preprocessor.h"
#include "model/training/calibration/calibration_row.h"
#include "model/training/calibration/interval_trial.h"
#include "model/training/calibration/scale_head.h"
#include "model/training/calibration/score_distribution.h"
#include "model/uncertainty/conformal.h"
#include "model/uncertainty/range_excess.h"

namespace roicast {
namespace {

constexpr size_t kMostNamedCategories = 8;
// That the network evaluates one at a time.
constexpr size_t kRowsBetweenStops = 1024;
// That are copied with what calibrating needs.
constexpr size_t kCollectedBetweenStops = 16'384;

class Calibrator {
 public:
  Calibrator(const CalibrationRows& rows, const TrainingSpec& spec, Artifact& artifact, const StopCheck& stop)
      : rows_(rows), spec_(spec), artifact_(artifact), stop_(stop) {}

  absl::Status Run() {
    ROICAST_RETURN_IF_ERROR(CheckIntervalGroup(spec_, artifact_.schema));
    CalibrationReport& report = artifact_.report.calibration;
    report = {};
    artifact_.calibration.reset();
    ROICAST_RETURN_IF_ERROR(Collect());
    const auto usable =
        std::count_if(kept_.begin(), kept_.end(), [](const CalibrationRow& row) { return !row.at_rest; });
    if (usable < kFewestCalibrationRows) {
      const std::string which =
          two_part() ? absl::StrCat(" with another value than ", artifact_.target.rest) : std::string();
      report.missing_because = absl::StrCat(
          "there are ", usable, " rows", which, " that a model predicted without having learnt from them, and ",
          kFewestCalibrationRows, " are needed; more rows, or a larger holdout (--holdout), make them");
      return absl::OkStatus();
    }
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    ROICAST_RETURN_IF_ERROR(AssignFolds());
    Calibration calibration;
    ROICAST_RETURN_IF_ERROR(FitScale(calibration));
    calibration.group_feature = spec_.extra.interval_group;
    // Categories have distributions of their own already.
    int shape_count = 1;
    if (calibration.group_feature.empty()) {
      ROICAST_ASSIGN_OR_RETURN(shape_count, ChooseShapeCount(kept_, stop_));
    }
    ROICAST_ASSIGN_OR_RETURN(const ScoreDistribution scores, ScoreDistribution::Create(kept_, All, shape_count, stop_));
    calibration.groups = scores.groups();
    calibration.shapes = scores.shapes();
    if (two_part() || !calibration.shapes.empty()) {
      ROICAST_ASSIGN_OR_RETURN(const std::vector<double> levels, LevelsOfRows(kept_, shape_count, stop_));
      calibration.levels = MakeLevels(kept_, levels, All);
    }
    report.rows = static_cast<int64_t>(kept_.size());
    ROICAST_RETURN_IF_ERROR(
        TryIntervals(kept_, rows_, artifact_.target, spec_.profit_threshold, shape_count, stop_, report));
    WarnOfSmallGroups(calibration);
    artifact_.calibration = std::move(calibration);
    return absl::OkStatus();
  }

 private:
  static bool All(const CalibrationRow&) { return true; }
  bool two_part() const { return artifact_.target.kind == TargetKind::kZeroHeavy; }

  bool HoldoutOnly() const {
    const bool ordered = spec_.split.holdout != SplitSpec::Holdout::kRandom;
    int64_t later = 0;
    for (size_t i = static_cast<size_t>(rows_.holdout_begin); i < rows_.roi.size(); ++i) {
      later += std::isfinite(rows_.predicted[i]);
    }
    return ordered && later >= kEnoughLaterRows;
  }

  absl::Status Collect() {
    const FittedTarget& target = artifact_.target;
    const int group = artifact_.schema.IndexOf(spec_.extra.interval_group);
    Random ties(spec_.training.seed);
    const int64_t first = HoldoutOnly() ? rows_.holdout_begin : 0;
    RareStopCheck rare(&stop_, kCollectedBetweenStops);
    for (int64_t i = first; i < static_cast<int64_t>(rows_.roi.size()); ++i) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      const double predicted = rows_.predicted[static_cast<size_t>(i)];
      if (!std::isfinite(predicted)) continue;
      const float* raw = rows_.raw.row(i).data();
      CalibrationRow row;
      row.index = i;
      row.location = static_cast<float>(predicted);
      if (two_part()) {
        row.share = 1.0 / (1.0 + std::exp(-rows_.gate[static_cast<size_t>(i)]));
        row.at_rest = rows_.roi[static_cast<size_t>(i)] == target.rest;
        row.tie = ties.Uniform();
      }
      row.error = (target.Transform(rows_.roi[static_cast<size_t>(i)]) - predicted) / target.factor;
      if (!rows_.error_ratio.empty() && !row.at_rest) row.error *= rows_.error_ratio[static_cast<size_t>(i)];
      row.excess =
          SquaredExcess(artifact_.schema, artifact_.features, raw, (predicted - target.offset) / target.factor);
      if (group >= 0 && ClassifyRawValue(artifact_.schema.features[group], raw[group]) == RawValue::kUsual) {
        row.code = static_cast<int32_t>(raw[group]);
      }
      kept_.push_back(row);
    }
    return absl::OkStatus();
  }

  // Of each kept row.
  absl::StatusOr<std::vector<int64_t>> Groups() const {
    if (!rows_.groups.empty()) {
      std::vector<int64_t> groups;
      for (const CalibrationRow& row : kept_) groups.push_back(rows_.groups[static_cast<size_t>(row.index)]);
      return NumberGroups(groups);
    }
    std::vector<float> raw;
    raw.reserve(kept_.size() * static_cast<size_t>(rows_.raw.cols()));
    RareStopCheck rare(&stop_, kCollectedBetweenStops);
    for (const CalibrationRow& row : kept_) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      raw.insert(raw.end(), rows_.raw.row(row.index).data(), rows_.raw.row(row.index).data() + rows_.raw.cols());
    }
    return GroupEqualRows(raw, rows_.raw.cols(), stop_);
  }

  absl::Status AssignFolds() {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, Groups());
    std::vector<int> order(kept_.size());
    std::iota(order.begin(), order.end(), 0);
    Random random(spec_.training.seed);
    random.Shuffle(order);
    for (size_t i = 0; i < kept_.size(); ++i) kept_[i].fold = order[groups[i]] % kScaleFolds;
    return absl::OkStatus();
  }

  // Of rows at rest, which no head was fitted to, by the head of all rows.
  absl::Status SetScales(const AdaptiveScale& scale, const Preprocessor& preprocessor) {
    size_t fitted = 0;
    RareStopCheck rare(&stop_, kRowsBetweenStops);
    for (CalibrationRow& row : kept_) {
      if (!row.at_rest) {
        row.log_scale = scale.log_scale[fitted++];
        continue;
      }
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      const RowMajorMatrix raw = rows_.raw.row(row.index);
      const RowMajorMatrix units = LastHiddenUnits(artifact_.mlp, preprocessor.Encode(raw));
      row.log_scale = scale.head.Evaluate(units.row(0).data());
    }
    return absl::OkStatus();
  }

  // LastHiddenUnits of these rows.
  absl::StatusOr<RowMajorMatrix> UnitsOf(const std::vector<int64_t>& indices, const Preprocessor& preprocessor) const {
    RowMajorMatrix units;
    for (size_t from = 0; from < indices.size(); from += kRowsBetweenStops) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const size_t count = std::min(kRowsBetweenStops, indices.size() - from);
      const std::vector<int64_t> some(indices.begin() + static_cast<std::ptrdiff_t>(from),
                                      indices.begin() + static_cast<std::ptrdiff_t>(from + count));
      const RowMajorMatrix raw = rows_.raw(some, Eigen::all);
      const RowMajorMatrix of_some = LastHiddenUnits(artifact_.mlp, preprocessor.Encode(raw));
      if (from == 0) units.resize(static_cast<Eigen::Index>(indices.size()), of_some.cols());
      units.middleRows(static_cast<Eigen::Index>(from), of_some.rows()) = of_some;
    }
    return units;
  }

  // The scale of each row, first without its excess, whose unit depends on the scores.
  absl::Status FitScale(Calibration& calibration) {
    if (artifact_.mlp.layers.size() >= 2) {
      ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor,
                               Preprocessor::Create(artifact_.schema, artifact_.features));
      std::vector<int64_t> indices;
      std::vector<double> errors;
      std::vector<int> folds;
      for (const CalibrationRow& row : kept_) {
        if (row.at_rest) continue;
        indices.push_back(row.index);
        errors.push_back(row.error);
        folds.push_back(row.fold);
      }
      ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix units, UnitsOf(indices, preprocessor));
      ROICAST_ASSIGN_OR_RETURN(const std::optional<AdaptiveScale> scale, FitAdaptiveScale(units, errors, folds, stop_));
      if (scale.has_value()) {
        calibration.log_scale = scale->head.ToLayer();
        ROICAST_RETURN_IF_ERROR(SetScales(*scale, preprocessor));
      }
    }
    ROICAST_ASSIGN_OR_RETURN(const ScoreDistribution scores, ScoreDistribution::Create(kept_, All, 1, stop_));
    const double typical = TypicalScore(scores.groups().front());
    for (CalibrationRow& row : kept_) {
      const double deviation = typical * std::exp(row.log_scale);
      row.log_scale += 0.5 * std::log1p(row.excess / (deviation * deviation));
    }
    return absl::OkStatus();
  }

  void WarnOfSmallGroups(const Calibration& calibration) {
    if (calibration.group_feature.empty()) return;
    const Feature& feature = artifact_.schema.features[artifact_.schema.IndexOf(calibration.group_feature)];
    std::vector<std::string> small;
    for (size_t code = 0; code < feature.vocabulary.size(); ++code) {
      if (GroupOfCode(calibration.groups, static_cast<int32_t>(code)).code < 0)
        small.push_back(absl::StrCat("\"", feature.vocabulary[code], "\""));
    }
    if (small.empty()) return;
    DataWarning warning;
    warning.column = feature.name;
    const size_t count = small.size();
    if (count > kMostNamedCategories) small.resize(kMostNamedCategories);
    warning.message = absl::StrFormat(
        "%d of its %d categories have fewer than %d calibration rows and the intervals of all rows: %s%s", count,
        feature.vocabulary.size(), kFewestGroupRows, absl::StrJoin(small, ", "),
        count > kMostNamedCategories ? ", …" : "");
    artifact_.report.cleaning.warnings.push_back(std::move(warning));
  }

  const CalibrationRows& rows_;
  const TrainingSpec& spec_;
  Artifact& artifact_;
  const StopCheck& stop_;
  std::vector<CalibrationRow> kept_;
};

}  // namespace

absl::Status CheckIntervalGroup(const TrainingSpec& spec, const Schema& schema) {
  const std::string& name = spec.extra.interval_group;
  if (name.empty()) return absl::OkStatus();
  const int index = schema.IndexOf(name);
  if (index >= 0 && schema.features[index].kind == FeatureKind::kCategorical) return absl::OkStatus();
  std::vector<std::string> categorical;
  for (const Feature& feature : schema.features) {
    if (feature.kind == FeatureKind::kCategorical) categorical.push_back(absl::StrCat("\"", feature.name, "\""));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "extra.interval_group (--interval-group): expected a categorical feature (",
      categorical.empty() ? "there is none" : absl::StrJoin(categorical, ", "), "), got \"", name, "\"",
      index < 0 ? ", which is no feature" : absl::StrCat(", which is ", FeatureKindName(schema.features[index].kind))));
}

absl::Status Calibrate(const CalibrationRows& rows, const TrainingSpec& spec, Artifact& artifact,
                       const StopCheck& stop) {
  ROICAST_CHECK(rows.raw.rows() == static_cast<Eigen::Index>(rows.roi.size()) &&
                rows.predicted.size() == rows.roi.size());
  ROICAST_CHECK(rows.error_ratio.empty() || rows.error_ratio.size() == rows.roi.size());
  const bool two_part = artifact.target.kind == TargetKind::kZeroHeavy;
  ROICAST_CHECK(rows.gate.size() == (two_part ? rows.roi.size() : 0));
  return Calibrator(rows, spec, artifact, stop).Run();
}

}  // namespace roicast
