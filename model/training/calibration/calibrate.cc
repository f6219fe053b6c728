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
#include "model/training/calibration/scale_head.h"
#include "model/uncertainty/conformal.h"
#include "model/uncertainty/range_excess.h"

namespace roicast {
namespace {

constexpr double kReportedLevel = 0.9;
constexpr int kReliabilityParts = 10;
constexpr size_t kFewestReliabilityRows = 100;
constexpr size_t kMostNamedCategories = 8;

// What is known of a calibration row. Errors in standard deviations of the transformed target.
struct Row {
  int64_t index = 0;    // in CalibrationRows
  double error = 0.0;   // truth − prediction
  double excess = 0.0;  // SquaredExcess
  int32_t code = -1;    // of the group feature; −1: missing, unseen, or no group feature
  int fold = 0;
  double log_scale = 0.0;  // of a head that was not fitted to the row, with the excess
  double score() const { return error * std::exp(-log_scale); }
};

class Calibrator {
 public:
  Calibrator(const CalibrationRows& rows, const TrainingSpec& spec, Artifact& artifact)
      : rows_(rows), spec_(spec), artifact_(artifact) {}

  absl::Status Run() {
    ROICAST_RETURN_IF_ERROR(CheckIntervalGroup(spec_, artifact_.schema));
    CalibrationReport& report = artifact_.report.calibration;
    report = {};
    artifact_.calibration.reset();
    Collect();
    if (static_cast<int64_t>(kept_.size()) < kFewestCalibrationRows) {
      report.missing_because =
          absl::StrCat("there are ", kept_.size(), " rows that a model predicted without having learnt from them, and ",
                       kFewestCalibrationRows, " are needed; more rows, or a larger holdout (--holdout), make them");
      return absl::OkStatus();
    }
    AssignFolds();
    Calibration calibration;
    ROICAST_RETURN_IF_ERROR(FitScale(calibration));
    calibration.group_feature = spec_.extra.interval_group;
    calibration.groups = GroupsOf([](const Row&) { return true; });
    report.rows = static_cast<int64_t>(kept_.size());
    Try();
    WarnOfSmallGroups(calibration);
    artifact_.calibration = std::move(calibration);
    return absl::OkStatus();
  }

 private:
  bool HoldoutOnly() const {
    const bool ordered = spec_.split.holdout != SplitSpec::Holdout::kRandom;
    int64_t later = 0;
    for (size_t i = static_cast<size_t>(rows_.holdout_begin); i < rows_.roi.size(); ++i) {
      later += std::isfinite(rows_.predicted[i]);
    }
    return ordered && later >= kEnoughLaterRows;
  }

  void Collect() {
    const FittedTarget& target = artifact_.target;
    const int group = artifact_.schema.IndexOf(spec_.extra.interval_group);
    const int64_t first = HoldoutOnly() ? rows_.holdout_begin : 0;
    for (int64_t i = first; i < static_cast<int64_t>(rows_.roi.size()); ++i) {
      const double predicted = rows_.predicted[static_cast<size_t>(i)];
      if (!std::isfinite(predicted)) continue;
      const float* raw = rows_.raw.row(i).data();
      Row row;
      row.index = i;
      row.error = (target.Transform(rows_.roi[static_cast<size_t>(i)]) - predicted) / target.factor;
      if (!rows_.error_ratio.empty()) row.error *= rows_.error_ratio[static_cast<size_t>(i)];
      row.excess = SquaredExcess(artifact_.schema, artifact_.features, raw);
      if (group >= 0 && ClassifyRawValue(artifact_.schema.features[group], raw[group]) == RawValue::kUsual) {
        row.code = static_cast<int32_t>(raw[group]);
      }
      kept_.push_back(row);
    }
  }

  void AssignFolds() {
    std::vector<float> raw;
    for (const Row& row : kept_) {
      raw.insert(raw.end(), rows_.raw.row(row.index).data(), rows_.raw.row(row.index).data() + rows_.raw.cols());
    }
    const std::vector<int64_t> groups = GroupEqualRows(raw, rows_.raw.cols());
    std::vector<int> order(kept_.size());
    std::iota(order.begin(), order.end(), 0);
    Random random(spec_.training.seed);
    random.Shuffle(order);
    for (size_t i = 0; i < kept_.size(); ++i) kept_[i].fold = order[groups[i]] % kScaleFolds;
  }

  // The scale of each row, first without its excess, whose unit depends on the scores.
  absl::Status FitScale(Calibration& calibration) {
    if (artifact_.mlp.layers.size() >= 2) {
      ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor,
                               Preprocessor::Create(artifact_.schema, artifact_.features));
      std::vector<int64_t> indices;
      std::vector<double> errors;
      std::vector<int> folds;
      for (const Row& row : kept_) {
        indices.push_back(row.index);
        errors.push_back(row.error);
        folds.push_back(row.fold);
      }
      const RowMajorMatrix raw = rows_.raw(indices, Eigen::all);
      const RowMajorMatrix units = LastHiddenUnits(artifact_.mlp, preprocessor.Encode(raw));
      if (const auto scale = FitAdaptiveScale(units, errors, folds); scale.has_value()) {
        for (size_t i = 0; i < kept_.size(); ++i) kept_[i].log_scale = scale->log_scale[i];
        calibration.log_scale = scale->head.ToLayer();
      }
    }
    const double typical = TypicalScore(GroupsOf([](const Row&) { return true; }, false).front());
    for (Row& row : kept_) {
      const double deviation = typical * std::exp(row.log_scale);
      row.log_scale += 0.5 * std::log1p(row.excess / (deviation * deviation));
    }
    return absl::OkStatus();
  }

  // Of the rows that are wanted: all of them, and, if wanted, of each category with enough.
  template <typename Wanted>
  std::vector<CalibrationGroup> GroupsOf(const Wanted& wanted, bool by_category = true) const {
    std::vector<double> all;
    std::vector<std::vector<double>> of_code;
    for (const Row& row : kept_) {
      if (!wanted(row)) continue;
      all.push_back(row.score());
      if (!by_category || row.code < 0) continue;
      if (of_code.size() <= static_cast<size_t>(row.code)) of_code.resize(static_cast<size_t>(row.code) + 1);
      of_code[static_cast<size_t>(row.code)].push_back(row.score());
    }
    std::vector<CalibrationGroup> groups = {MakeGroup(-1, std::move(all))};
    for (size_t code = 0; code < of_code.size(); ++code) {
      if (static_cast<int64_t>(of_code[code].size()) < kFewestGroupRows) continue;
      groups.push_back(MakeGroup(static_cast<int32_t>(code), std::move(of_code[code])));
    }
    return groups;
  }

  static const CalibrationGroup& GroupOf(const std::vector<CalibrationGroup>& groups, const Row& row) {
    for (size_t g = 1; g < groups.size(); ++g) {
      if (groups[g].code == row.code) return groups[g];
    }
    return groups.front();
  }

  // What intervals made from the other parts are worth on the held-out rows of each part.
  void Try() {
    CalibrationReport& report = artifact_.report.calibration;
    int64_t inside = 0, tried = 0;
    double width = 0.0, plain_width = 0.0;
    std::vector<std::pair<double, bool>> profits;
    for (int k = 0; k < kScaleFolds; ++k) {
      const auto groups = GroupsOf([k](const Row& row) { return row.fold != k; });
      const CalibrationGroup plain = PlainGroup(k);
      const auto plain_range = IntervalScores(plain, kReportedLevel);
      for (const Row& row : kept_) {
        if (row.fold != k || row.index < rows_.holdout_begin) continue;
        const CalibrationGroup& group = GroupOf(groups, row);
        const auto range = IntervalScores(group, kReportedLevel);
        if (!range.ok() || !plain_range.ok()) return;
        ++tried;
        inside += row.score() >= range->low && row.score() <= range->high;
        // Rows outside the range of training have the width that is due to that.
        if (row.excess == 0.0) {
          width += std::exp(row.log_scale) * (range->high - range->low);
          plain_width += plain_range->high - plain_range->low;
        }
        profits.emplace_back(ProfitProbability(row, group),
                             rows_.roi[static_cast<size_t>(row.index)] > spec_.profit_threshold);
      }
    }
    if (tried == 0) return;
    report.coverage = static_cast<double>(inside) / static_cast<double>(tried);
    if (plain_width > 0.0) report.relative_width = width / plain_width;
    report.profit_reliability_error = ReliabilityError(std::move(profits));
  }

  CalibrationGroup PlainGroup(int k) const {
    std::vector<double> errors;
    for (const Row& row : kept_) {
      if (row.fold != k) errors.push_back(row.error);
    }
    return MakeGroup(-1, std::move(errors));
  }

  // error = truth − prediction: the threshold's distance from the prediction takes the truth's place.
  double ProfitProbability(const Row& row, const CalibrationGroup& group) const {
    const FittedTarget& target = artifact_.target;
    const double truth = target.Transform(rows_.roi[static_cast<size_t>(row.index)]) / target.factor;
    const double threshold = target.Transform(spec_.profit_threshold) / target.factor;
    return 1.0 - DistributionAt(group, (threshold - truth + row.error) * std::exp(-row.log_scale));
  }

  static double ReliabilityError(std::vector<std::pair<double, bool>> profits) {
    if (profits.size() < kFewestReliabilityRows) return std::numeric_limits<double>::quiet_NaN();
    std::sort(profits.begin(), profits.end());
    double sum = 0.0;
    for (int part = 0; part < kReliabilityParts; ++part) {
      const size_t begin = profits.size() * part / kReliabilityParts;
      const size_t end = profits.size() * (part + 1) / kReliabilityParts;
      double difference = 0.0;
      for (size_t i = begin; i < end; ++i) difference += (profits[i].second ? 1.0 : 0.0) - profits[i].first;
      sum += std::abs(difference) / static_cast<double>(end - begin);
    }
    return sum / kReliabilityParts;
  }

  void WarnOfSmallGroups(const Calibration& calibration) {
    if (calibration.group_feature.empty()) return;
    const Feature& feature = artifact_.schema.features[artifact_.schema.IndexOf(calibration.group_feature)];
    std::vector<std::string> small;
    for (size_t code = 0; code < feature.vocabulary.size(); ++code) {
      Row row;
      row.code = static_cast<int32_t>(code);
      if (GroupOf(calibration.groups, row).code < 0)
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
  std::vector<Row> kept_;
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

absl::Status Calibrate(const CalibrationRows& rows, const TrainingSpec& spec, Artifact& artifact) {
  ROICAST_CHECK(rows.raw.rows() == static_cast<Eigen::Index>(rows.roi.size()) &&
                rows.predicted.size() == rows.roi.size());
  ROICAST_CHECK(rows.error_ratio.empty() || rows.error_ratio.size() == rows.roi.size());
  return Calibrator(rows, spec, artifact).Run();
}

}  // namespace roicast
