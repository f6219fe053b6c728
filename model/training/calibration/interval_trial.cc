#include "model/training/calibration/interval_trial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "model/training/calibration/scale_head.h"
#include "model/uncertainty/two_part_scores.h"

namespace roicast {
namespace {

constexpr double kReportedLevel = 0.9;
constexpr int kReliabilityParts = 10;
constexpr size_t kFewestReliabilityRows = 100;

double ReliabilityError(std::vector<std::pair<double, bool>> profits) {
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

class IntervalTrial {
 public:
  IntervalTrial(absl::Span<const CalibrationRow> kept, const CalibrationRows& rows, const FittedTarget& target,
                double profit_threshold)
      : kept_(kept), rows_(rows), target_(target), profit_threshold_(profit_threshold) {
    if (target.kind == TargetKind::kZeroHeavy) level_of_ = TwoPartLevels(kept);
  }

  void Run(CalibrationReport& report) {
    for (int k = 0; k < kScaleFolds; ++k) {
      if (!TryFold(k)) return;
    }
    if (tried_ == 0) return;
    report.coverage = static_cast<double>(inside_) / static_cast<double>(tried_);
    if (plain_width_ > 0.0) report.relative_width = width_ / plain_width_;
    report.profit_reliability_error = ReliabilityError(std::move(profits_));
  }

 private:
  // False: there are too few rows.
  bool TryFold(int k) {
    const auto others = [k](const CalibrationRow& row) { return row.fold != k; };
    const auto groups = GroupsOf(kept_, others);
    std::optional<CalibrationGroup> levels;
    LevelRange range_of_levels;
    if (!level_of_.empty()) {
      levels = LevelsOf(kept_, level_of_, others);
      const auto range = IntervalLevels(*levels, kReportedLevel);
      if (!range.ok()) return false;
      range_of_levels = *range;
    }
    const auto plain_range = IntervalScores(PlainGroup(k), kReportedLevel);
    for (const CalibrationRow& row : kept_) {
      if (row.fold != k || row.index < rows_.holdout_begin) continue;
      const CalibrationGroup& group = GroupOfCode(groups, row.code);
      const auto range = IntervalScores(group, kReportedLevel);
      if (!range.ok() || !plain_range.ok()) return false;
      ++tried_;
      profits_.emplace_back(ProfitProbability(row, group, levels), truth(row) > profit_threshold_);
      if (levels.has_value()) {
        const ScoreRange of_row = TwoPartScores(range_of_levels, row.share, group);
        inside_ += row.at_rest ? std::isinf(of_row.low) || RestScore(row) >= of_row.low
                               : row.score() >= of_row.low && row.score() <= of_row.high;
        continue;
      }
      inside_ += row.score() >= range->low && row.score() <= range->high;
      // Rows outside the range of training have the width that is due to that.
      if (row.excess == 0.0) {
        width_ += std::exp(row.log_scale) * (range->high - range->low);
        plain_width_ += plain_range->high - plain_range->low;
      }
    }
    return true;
  }

  double truth(const CalibrationRow& row) const { return rows_.roi[static_cast<size_t>(row.index)]; }

  CalibrationGroup PlainGroup(int k) const {
    std::vector<double> errors;
    for (const CalibrationRow& row : kept_) {
      if (row.fold != k && !row.at_rest) errors.push_back(row.error);
    }
    return MakeGroup(-1, std::move(errors));
  }

  // Of another value in the place of the truth.
  double ScoreOf(const CalibrationRow& row, double roi) const {
    const double further = (target_.Transform(roi) - target_.Transform(truth(row))) / target_.factor;
    return (further + row.error) * std::exp(-row.log_scale);
  }

  // Ends below `rest` are raised to it.
  double RestScore(const CalibrationRow& row) const { return ScoreOf(row, target_.rest); }

  double ProfitProbability(const CalibrationRow& row, const CalibrationGroup& group,
                           const std::optional<CalibrationGroup>& levels) const {
    const double below = DistributionAt(group, ScoreOf(row, profit_threshold_));
    if (!levels.has_value()) return 1.0 - below;
    if (profit_threshold_ < target_.rest) return 1.0;
    return 1.0 - DistributionAt(*levels, TwoPartLevel(row.share, profit_threshold_ <= target_.rest ? 0.0 : below));
  }

  const absl::Span<const CalibrationRow> kept_;
  const CalibrationRows& rows_;
  const FittedTarget& target_;
  const double profit_threshold_;
  std::vector<double> level_of_;  // of a zero-heavy target, per row
  int64_t inside_ = 0, tried_ = 0;
  double width_ = 0.0, plain_width_ = 0.0;
  std::vector<std::pair<double, bool>> profits_;
};

}  // namespace

void TryIntervals(absl::Span<const CalibrationRow> kept, const CalibrationRows& rows, const FittedTarget& target,
                  double profit_threshold, CalibrationReport& report) {
  IntervalTrial(kept, rows, target, profit_threshold).Run(report);
}

}  // namespace roicast
