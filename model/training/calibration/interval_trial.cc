#include "model/training/calibration/interval_trial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "model/training/calibration/scale_head.h"
#include "model/training/calibration/score_distribution.h"
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
                double profit_threshold, int shape_count, const StopCheck& stop)
      : kept_(kept),
        rows_(rows),
        target_(target),
        profit_threshold_(profit_threshold),
        shape_count_(shape_count),
        stop_(stop) {}

  absl::Status Run(CalibrationReport& report) {
    if (two_part() || shape_count_ > 1) {
      ROICAST_ASSIGN_OR_RETURN(level_of_, LevelsOfRows(kept_, shape_count_, stop_));
    }
    for (int k = 0; k < kScaleFolds; ++k) {
      ROICAST_ASSIGN_OR_RETURN(const bool enough, TryFold(k));
      if (!enough) return absl::OkStatus();
    }
    if (tried_ == 0) return absl::OkStatus();
    report.coverage = static_cast<double>(inside_) / static_cast<double>(tried_);
    if (plain_width_ > 0.0) report.relative_width = width_ / plain_width_;
    report.profit_reliability_error = ReliabilityError(std::move(profits_));
    return absl::OkStatus();
  }

 private:
  // What is made of the rows of the other folds.
  struct Made {
    ScoreDistribution scores;
    std::optional<CalibrationGroup> levels;
    LevelRange range;  // of the levels
  };

  bool two_part() const { return target_.kind == TargetKind::kZeroHeavy; }

  // False: there are too few rows.
  absl::StatusOr<bool> TryFold(int k) {
    const auto others = [k](const CalibrationRow& row) { return row.fold != k; };
    ROICAST_ASSIGN_OR_RETURN(ScoreDistribution scores, ScoreDistribution::Create(kept_, others, shape_count_, stop_));
    Made made{std::move(scores), std::nullopt, {}};
    if (!level_of_.empty()) {
      made.levels = MakeLevels(kept_, level_of_, others);
      const auto range = IntervalLevels(*made.levels, kReportedLevel);
      if (!range.ok()) return false;
      made.range = *range;
    }
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    const auto plain_range = IntervalScores(PlainGroup(k), kReportedLevel);
    RareStopCheck rare(&stop_, kScoresBetweenStops);
    for (const CalibrationRow& row : kept_) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      if (row.fold != k || row.index < rows_.holdout_begin) continue;
      const auto of_group = IntervalScores(made.scores.GroupOf(row), kReportedLevel);
      if (!of_group.ok() || !plain_range.ok()) return false;
      const ScoreRange range = made.levels.has_value() ? RangeOf(row, made) : *of_group;
      ++tried_;
      profits_.emplace_back(ProfitProbability(row, made), truth(row) > profit_threshold_);
      // Ends below `rest` are raised to it.
      const double score = row.at_rest ? ScoreOf(row, target_.rest) : row.score();
      inside_ += row.at_rest ? std::isinf(range.low) || score >= range.low : score >= range.low && score <= range.high;
      // Rows outside the range of training have the width that is due to that.
      if (row.excess == 0.0 && !two_part()) {
        width_ += std::exp(row.log_scale) * (range.high - range.low);
        plain_width_ += plain_range->high - plain_range->low;
      }
    }
    return true;
  }

  static ScoreRange RangeOf(const CalibrationRow& row, const Made& made) {
    return TwoPartScores(made.range, row.share, [&](double share) { return made.scores.ScoreAt(row, share); });
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

  double ProfitProbability(const CalibrationRow& row, const Made& made) const {
    const double below = made.scores.DistributionAt(row, ScoreOf(row, profit_threshold_));
    if (!made.levels.has_value()) return 1.0 - below;
    if (two_part() && profit_threshold_ < target_.rest) return 1.0;
    const bool up_to_rest = two_part() && profit_threshold_ <= target_.rest;
    return 1.0 - DistributionAt(*made.levels, TwoPartLevel(row.share, up_to_rest ? 0.0 : below));
  }

  const absl::Span<const CalibrationRow> kept_;
  const CalibrationRows& rows_;
  const FittedTarget& target_;
  const double profit_threshold_;
  const int shape_count_;
  const StopCheck& stop_;
  std::vector<double> level_of_;  // of a zero-heavy target, or with shapes; per row
  int64_t inside_ = 0, tried_ = 0;
  double width_ = 0.0, plain_width_ = 0.0;
  std::vector<std::pair<double, bool>> profits_;
};

}  // namespace

absl::Status TryIntervals(absl::Span<const CalibrationRow> kept, const CalibrationRows& rows,
                          const FittedTarget& target, double profit_threshold, int shape_count, const StopCheck& stop,
                          CalibrationReport& report) {
  return IntervalTrial(kept, rows, target, profit_threshold, shape_count, stop).Run(report);
}

}  // namespace roicast
