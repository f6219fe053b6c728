#include "model/uncertainty/score_tables.h"

#include <algorithm>
#include <limits>

namespace roicast {

ScoreTables::ScoreTables(const Calibration& calibration)
    : shapes_(calibration.shapes), kernels_(predictor::ChosenKernels()) {
  const size_t groups = calibration.groups.size();
  tables_.Reset((groups + 1) * predictor::kSearchTable);
  for (size_t g = 0; g < groups; ++g) Add(calibration.groups[g], tables_.data() + g * predictor::kSearchTable);
  if (calibration.levels.has_value()) Add(*calibration.levels, tables_.data() + groups * predictor::kSearchTable);
}

void ScoreTables::Add(const CalibrationGroup& group, float* table) {
  static_assert(kMaxStoredScores <= predictor::kSearchValues);
  const std::vector<float>& scores = group.scores;
  std::fill_n(std::copy(scores.begin(), scores.end(), table), predictor::kSearchValues - scores.size(),
              std::numeric_limits<float>::infinity());
  predictor::FillPivots(table);
  distributions_.emplace_back(group);
}

void ScoreTables::DistributionOfGroups(const int32_t* table, absl::Span<const float> scores, double* below) const {
  int32_t at_most[kMostRows];
  kernels_.count_at_most(tables_.data(), table, scores.data(), static_cast<int64_t>(scores.size()), at_most);
  for (size_t i = 0; i < scores.size(); ++i) {
    below[i] = distributions_[static_cast<size_t>(table[i])].At(scores[i], at_most[i]);
  }
}

void ScoreTables::DistributionOfShapes(const int32_t* table, const float* weight, absl::Span<const float> scores,
                                       double* below) const {
  int32_t at_most[kMostRows];
  kernels_.count_between(shapes_.tables(), table, weight, scores.data(), static_cast<int64_t>(scores.size()), at_most);
  for (size_t i = 0; i < scores.size(); ++i) {
    below[i] = shapes_.DistributionAt({table[i], weight[i]}, scores[i], at_most[i]);
  }
}

void ScoreTables::CorrectLevels(absl::Span<double> below) const {
  float level[kMostRows];
  int32_t table[kMostRows];
  const auto last = static_cast<int32_t>(distributions_.size()) - 1;
  for (size_t i = 0; i < below.size(); ++i) {
    level[i] = static_cast<float>(below[i]);
    table[i] = last;
  }
  DistributionOfGroups(table, {level, below.size()}, below.data());
}

}  // namespace roicast
