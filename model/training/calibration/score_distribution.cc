#include "model/training/calibration/score_distribution.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "model/training/calibration/calibrate.h"
#include "model/training/calibration/scale_head.h"
#include "model/uncertainty/conformal.h"
#include "model/uncertainty/two_part_scores.h"

namespace roicast {
namespace {

constexpr int kShapeCounts[] = {2, 3, 4, 6, 8, 12, 16};
constexpr int kLossLevels = 19;

std::vector<CalibrationGroup> GroupsOf(absl::Span<const CalibrationRow* const> rows) {
  std::vector<double> all;
  std::vector<std::vector<double>> of_code;
  for (const CalibrationRow* row : rows) {
    all.push_back(row->score());
    if (row->code < 0) continue;
    if (of_code.size() <= static_cast<size_t>(row->code)) of_code.resize(static_cast<size_t>(row->code) + 1);
    of_code[static_cast<size_t>(row->code)].push_back(row->score());
  }
  std::vector<CalibrationGroup> groups = {MakeGroup(-1, std::move(all))};
  for (size_t code = 0; code < of_code.size(); ++code) {
    if (static_cast<int64_t>(of_code[code].size()) < kFewestGroupRows) continue;
    groups.push_back(MakeGroup(static_cast<int32_t>(code), std::move(of_code[code])));
  }
  return groups;
}

std::vector<CalibrationGroup> ShapesOf(std::vector<const CalibrationRow*> rows, int count) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const CalibrationRow* a, const CalibrationRow* b) { return a->location < b->location; });
  std::vector<CalibrationGroup> shapes;
  const size_t n = rows.size(), parts = static_cast<size_t>(count);
  for (size_t part = 0; part < parts; ++part) {
    const size_t begin = n * part / parts, end = n * (part + 1) / parts;
    if (begin == end) return {};
    std::vector<double> scores;
    for (size_t i = begin; i < end; ++i) scores.push_back(rows[i]->score());
    CalibrationGroup shape = MakeGroup(-1, std::move(scores));
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
std::vector<double> Losses(absl::Span<const CalibrationRow> rows, int shape_count) {
  std::vector<double> losses;
  for (int k = 0; k < kScaleFolds; ++k) {
    const ScoreDistribution others(
        rows, [k](const CalibrationRow& row) { return row.fold != k; }, shape_count);
    for (const CalibrationRow& row : rows) {
      if (row.fold == k && !row.at_rest) losses.push_back(PinballLoss(others, row));
    }
  }
  return losses;
}

}  // namespace

ScoreDistribution::ScoreDistribution(absl::Span<const CalibrationRow> rows, const CalibrationRowFilter& wanted,
                                     int shape_count) {
  std::vector<const CalibrationRow*> used;
  for (const CalibrationRow& row : rows) {
    if (!row.at_rest && wanted(row)) used.push_back(&row);
  }
  groups_ = GroupsOf(used);
  if (shape_count > 1) shapes_ = ShapesOf(std::move(used), shape_count);
  between_ = ScoreShapes(shapes_);
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

int ChooseShapeCount(absl::Span<const CalibrationRow> rows) {
  const std::vector<double> plain = Losses(rows, 1);
  const double n = static_cast<double>(plain.size());
  int best = 1;
  double most = 0.0;
  for (const int count : kShapeCounts) {
    if (static_cast<int64_t>(count) * kFewestShapeRows > static_cast<int64_t>(plain.size())) break;
    const std::vector<double> losses = Losses(rows, count);
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

std::vector<double> LevelsOfRows(absl::Span<const CalibrationRow> rows, int shape_count) {
  std::vector<double> levels(rows.size());
  for (int k = 0; k < kScaleFolds; ++k) {
    const ScoreDistribution others(
        rows, [k](const CalibrationRow& row) { return row.fold != k; }, shape_count);
    for (size_t i = 0; i < rows.size(); ++i) {
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
