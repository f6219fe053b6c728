#include "model/training/calibration/calibration_row.h"

#include <utility>

#include "model/training/calibration/calibrate.h"
#include "model/training/calibration/scale_head.h"
#include "model/uncertainty/two_part_scores.h"

namespace roicast {

std::vector<CalibrationGroup> GroupsOf(absl::Span<const CalibrationRow> rows, const CalibrationRowFilter& wanted,
                                       bool by_category) {
  std::vector<double> all;
  std::vector<std::vector<double>> of_code;
  for (const CalibrationRow& row : rows) {
    if (row.at_rest || !wanted(row)) continue;
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

const CalibrationGroup& GroupOfCode(const std::vector<CalibrationGroup>& groups, int32_t code) {
  for (size_t g = 1; g < groups.size(); ++g) {
    if (groups[g].code == code) return groups[g];
  }
  return groups.front();
}

std::vector<double> TwoPartLevels(absl::Span<const CalibrationRow> rows) {
  std::vector<double> levels(rows.size());
  for (int k = 0; k < kScaleFolds; ++k) {
    const auto groups = GroupsOf(rows, [k](const CalibrationRow& row) { return row.fold != k; });
    for (size_t i = 0; i < rows.size(); ++i) {
      const CalibrationRow& row = rows[i];
      if (row.fold != k) continue;
      levels[i] = row.at_rest ? row.tie * TwoPartLevel(row.share, 0.0)
                              : TwoPartLevel(row.share, DistributionAt(GroupOfCode(groups, row.code), row.score()));
    }
  }
  return levels;
}

CalibrationGroup LevelsOf(absl::Span<const CalibrationRow> rows, absl::Span<const double> level_of,
                          const CalibrationRowFilter& wanted) {
  std::vector<double> levels;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (wanted(rows[i])) levels.push_back(level_of[i]);
  }
  return MakeGroup(-1, std::move(levels));
}

}  // namespace roicast
