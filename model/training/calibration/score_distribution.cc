#include "model/training/calibration/score_distribution.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/status_macros.h"
#include "base/stoppable_sort.h"
#include "model/training/calibration/calibrate.h"
#include "model/training/calibration/scale_head.h"
#include "model/uncertainty/conformal.h"
#include "model/uncertainty/two_part_scores.h"

namespace roicast {
namespace {

constexpr int kShapeCounts[] = {2, 3, 4, 6, 8, 12, 16};
constexpr int kLossLevels = 19;

// The scores are sorted here, where that can be stopped.
absl::StatusOr<CalibrationGroup> MakeGroupOrStop(int32_t code, std::vector<double> scores, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(SortOrStop(scores, stop));
  return MakeGroup(code, std::move(scores));
}

absl::StatusOr<std::vector<CalibrationGroup>> GroupsOf(absl::Span<const CalibrationRow* const> rows,
                                                       const StopCheck& stop) {
  std::vector<double> all;
  std::vector<std::vector<double>> of_code;
  for (const CalibrationRow* row : rows) {
    all.push_back(row->score());
    if (row->code < 0) continue;
    if (of_code.size() <= static_cast<size_t>(row->code)) of_code.resize(static_cast<size_t>(row->code) + 1);
    of_code[static_cast<size_t>(row->code)].push_back(row->score());
  }
  std::vector<CalibrationGroup> groups(1);
  ROICAST_ASSIGN_OR_RETURN(groups.front(), MakeGroupOrStop(-1, std::move(all), stop));
  for (size_t code = 0; code < of_code.size(); ++code) {
    if (static_cast<int64_t>(of_code[code].size()) < kFewestGroupRows) continue;
    ROICAST_ASSIGN_OR_RETURN(CalibrationGroup group,
                             MakeGroupOrStop(static_cast<int32_t>(code), std::move(of_code[code]), stop));
    groups.push_back(std::move(group));
  }
  return groups;
}

// rows: in the order of their addresses.
absl::StatusOr<std::vector<CalibrationGroup>> ShapesOf(std::vector<const CalibrationRow*> rows, int count,
                                                       const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(SortOrStop(rows, stop, [](const CalibrationRow* a, const CalibrationRow* b) {
    return a->location != b->location ? a->location < b->location : a < b;
  }));
  std::vector<CalibrationGroup> shapes;
  const size_t n = rows.size(), parts = static_cast<size_t>(count);
  for (size_t part = 0; part < parts; ++part) {
    const size_t begin = n * part / parts, end = n * (part + 1) / parts;
    if (begin == end) return std::vector<CalibrationGroup>();
    std::vector<double> scores;
    for (size_t i = begin; i < end; ++i) scores.push_back(rows[i]->score());
    ROICAST_ASSIGN_OR_RETURN(CalibrationGroup shape, MakeGroupOrStop(-1, std::move(scores), stop));
    shape.location = rows[(begin + end) / 2]->location;
    // Equal predictions: the part before stands for both.
    if (!shapes.empty() && !(shape.location > shapes.back().location)) continue;
    shapes.push_back(std::move(shape));
  }
  if (shapes.size() < 2) shapes.clear();
  return shapes;
}

double PinballLoss(const ScoreDistribution& distribution, const CalibrationRow& row) {
  double sum = 0.0;
  for (int i = 1; i <= kLossLevels; ++i) {
    const double level = static_cast<double>(i) / (kLossLevels + 1);
    const double error = row.score() - distribution.ScoreAt(row, level);
    sum += error >= 0.0 ? level * error : (level - 1.0) * error;
  }
  return sum / kLossLevels * std::exp(row.log_scale);
}

// Per row that is not at rest.
absl::StatusOr<std::vector<double>> Losses(absl::Span<const CalibrationRow> rows, int shape_count,
                                           const StopCheck& stop) {
  std::vector<double> losses;
  RareStopCheck rare(&stop, kScoresBetweenStops);
  for (int k = 0; k < kScaleFolds; ++k) {
    ROICAST_ASSIGN_OR_RETURN(const ScoreDistribution others,
                             ScoreDistribution::Create(
                                 rows, [k](const CalibrationRow& row) { return row.fold != k; }, shape_count, stop));
    for (const CalibrationRow& row : rows) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      if (row.fold == k && !row.at_rest) losses.push_back(PinballLoss(others, row));
    }
  }
  return losses;
}

}  // namespace

absl::StatusOr<ScoreDistribution> ScoreDistribution::Create(absl::Span<const CalibrationRow> rows,
                                                            const CalibrationRowFilter& wanted, int shape_count,
                                                            const StopCheck& stop) {
  ScoreDistribution made;
  std::vector<const CalibrationRow*> used;
  for (const CalibrationRow& row : rows) {
    if (!row.at_rest && wanted(row)) used.push_back(&row);
  }
  ROICAST_ASSIGN_OR_RETURN(made.groups_, GroupsOf(used, stop));
  if (shape_count > 1) {
    ROICAST_ASSIGN_OR_RETURN(made.shapes_, ShapesOf(std::move(used), shape_count, stop));
  }
  made.between_ = ScoreShapes(made.shapes_);
  return made;
}

const CalibrationGroup& ScoreDistribution::GroupOf(const CalibrationRow& row) const {
  return GroupOfCode(groups_, row.code);
}

double ScoreDistribution::DistributionAt(const CalibrationRow& row, double score) const {
  return shapes_.empty() ? roicast::DistributionAt(GroupOf(row), score)
                         : between_.DistributionAt(between_.At(row.location), static_cast<float>(score));
}

double ScoreDistribution::ScoreAt(const CalibrationRow& row, double share) const {
  return shapes_.empty() ? roicast::ScoreAt(GroupOf(row), share) : between_.ScoreAt(between_.At(row.location), share);
}

absl::StatusOr<int> ChooseShapeCount(absl::Span<const CalibrationRow> rows, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> plain, Losses(rows, 1, stop));
  const double n = static_cast<double>(plain.size());
  int best = 1;
  double most = 0.0;
  for (const int count : kShapeCounts) {
    if (static_cast<int64_t>(count) * kFewestShapeRows > static_cast<int64_t>(plain.size())) break;
    ROICAST_ASSIGN_OR_RETURN(const std::vector<double> losses, Losses(rows, count, stop));
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < losses.size(); ++i) {
      const double gain = plain[i] - losses[i];
      sum += gain;
      squares += gain * gain;
    }
    const double gain = sum / n, deviation = std::sqrt(std::max(0.0, squares / n - gain * gain) / n);
    if (gain > deviation && gain > most) {
      best = count;
      most = gain;
    }
  }
  return best;
}

absl::StatusOr<std::vector<double>> LevelsOfRows(absl::Span<const CalibrationRow> rows, int shape_count,
                                                 const StopCheck& stop) {
  std::vector<double> levels(rows.size());
  RareStopCheck rare(&stop, kScoresBetweenStops);
  for (int k = 0; k < kScaleFolds; ++k) {
    ROICAST_ASSIGN_OR_RETURN(const ScoreDistribution others,
                             ScoreDistribution::Create(
                                 rows, [k](const CalibrationRow& row) { return row.fold != k; }, shape_count, stop));
    for (size_t i = 0; i < rows.size(); ++i) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      const CalibrationRow& row = rows[i];
      if (row.fold != k) continue;
      levels[i] = row.at_rest ? row.tie * TwoPartLevel(row.share, 0.0)
                              : TwoPartLevel(row.share, others.DistributionAt(row, row.score()));
    }
  }
  return levels;
}

CalibrationGroup MakeLevels(absl::Span<const CalibrationRow> rows, absl::Span<const double> level_of,
                            const CalibrationRowFilter& wanted) {
  std::vector<double> levels;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (wanted(rows[i])) levels.push_back(level_of[i]);
  }
  return MakeGroup(-1, std::move(levels));
}

}  // namespace roicast
