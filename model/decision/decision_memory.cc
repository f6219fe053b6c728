#include "model/decision/decision_memory.h"

#include <algorithm>
#include <string>
#include <vector>

#include "model/decision/budget_optimizer.h"
#include "model/decision/rank.h"
#include "model/decision/search_grid.h"
#include "model/decision/split_search.h"

namespace roicast {
namespace {

// Of an amount in a grid: the spend, the ROI and the value.
constexpr int64_t kGridBytes = 24;
// While a grid is filled: the campaign, the spend and the value once more.
constexpr int64_t kFillBytes = 28;
// Of an amount in a search: a corner of an envelope with what its vector has too much, its segment, that of a group,
// and half of them while they are sorted; or a kept level.
constexpr int64_t kSearchBytes = 8 + 16 + 16 + 8;
// Of an amount in a search, for each group around the one that it is in: a segment of that.
constexpr int64_t kNestedBytes = 16;
// Of an amount in a copy of the problem: a search that explains another one, or the curves that are bent.
constexpr int64_t kCopyBytes = 16;
// Of an amount when promises are corrected: an outcome and its gain.
constexpr int64_t kCorrectionBytes = 48;
// Of an amount in a curve of the answer: four numbers in vectors that grow, and three in a message.
constexpr int64_t kCurveBytes = 2 * 32 + 24;
// Of a campaign in a split and in its message, but for the name.
constexpr int64_t kAllocationBytes = 400;
constexpr int64_t kSplits = 4;
// Of a campaign and of a group: as they are resolved, nested and searched, in sums of limits and in conflicts.
constexpr int64_t kCampaignBytes = 512, kGroupBytes = 896;
// How often the name of a group is copied: resolved, in a conflict and in that of the group around it with their
// messages, and these once more in an answer.
constexpr int64_t kGroupNames = 10;
// How often the name of a campaign is copied in conflicts.
constexpr int64_t kConflictNames = 6;
// Rows that are made and predicted at once, and what is predicted of each.
constexpr int64_t kRowsOfBlock = 16'384, kPredictionBytes = 64;
// Rows with what was filled in to both sides, and of each row of a block, where it is and how far it is off.
constexpr int64_t kRowsOfSides = 4'096, kFilledBytes = 40;

// What FilledErrorsOf takes.
int64_t FilledBytes(const DecisionFacts& facts, int64_t rows, int64_t row_bytes) {
  if (facts.moves.empty()) return 0;
  return rows * kFilledBytes + std::min(3 * rows, kRowsOfSides) * (row_bytes + kPredictionBytes);
}
// Of a lift test: rows of a block, each twice more in a vector that grows.
constexpr int64_t kLiftRows = 8192, kLiftCopies = 8;

// Of campaigns or groups, the bytes of one of their names.
template <typename Named>
int64_t SizeOf(std::string Named::*name, const std::vector<Named>& all) {
  int64_t bytes = 0;
  for (const Named& one : all) bytes += static_cast<int64_t>((one.*name).size());
  return bytes;
}

// Of a campaign in a split, what moves with its spend, with that of the message.
int64_t MovedBytes(const DecisionFacts& facts) {
  constexpr int64_t kVectorBytes = 64;
  if (facts.moves.empty()) return 0;
  return kVectorBytes + 4 * static_cast<int64_t>(facts.moves.features.size() * sizeof(float));
}

}  // namespace

absl::StatusOr<MemoryClaim> ClaimForSplit(const DecisionModel& model, const BudgetProblem& problem,
                                          const ResolvedBudget& budget) {
  const auto campaigns = static_cast<int64_t>(problem.campaigns.size());
  const auto groups = static_cast<int64_t>(problem.groups.size());
  const int64_t row_bytes = model.predictor->schema().size() * static_cast<int64_t>(sizeof(float));
  AmountCounts counts = CountAmounts(budget, problem);
  // So many are refused before anything is made for them.
  if (counts.stepped > kMaxSteppedAmounts) counts = {};
  const int64_t first = counts.stepped + counts.any;
  // In finer grids, campaigns with steps have what they had.
  const int64_t finer = counts.any > 0 ? counts.stepped + campaigns * kFinerAmounts : 0;
  // What the next step is worth is searched in a grid of its own.
  const int64_t ahead = counts.stepped > 0 ? counts.stepped + counts.ahead + 2 * campaigns : 0;
  const int64_t largest = std::max({first, finer, ahead});
  const bool corrected = model.facts->model_error.has_value();
  const int64_t search_bytes = kSearchBytes + kNestedBytes * std::max(0, DepthOfGroups(budget.groups) - 1);
  const int64_t working = std::max(kFillBytes, search_bytes + kCopyBytes + (corrected ? kCorrectionBytes : 0));
  // The first grid stays, beside two finer ones or a finer one and the one ahead; they are worked on one by one.
  int64_t bytes = first * (kGridBytes + (problem.curves ? kCurveBytes : 0)) + finer * kGridBytes;
  bytes += std::max(finer, ahead) * kGridBytes + largest * working;
  bytes += std::min(kRowsOfBlock, largest + 2 * campaigns) * (row_bytes + kPredictionBytes);
  bytes += campaigns * (row_bytes + kPredictionBytes + kSplits * kAllocationBytes + kCampaignBytes);
  bytes += groups * kGroupBytes + kGroupNames * SizeOf(&BudgetGroup::name, problem.groups) +
           kSplits * SizeOf(&BudgetCampaign::name, problem.campaigns);
  bytes += campaigns * kSplits * MovedBytes(*model.facts);
  bytes += FilledBytes(*model.facts, std::min(kRowsOfBlock, std::max(largest, campaigns)), row_bytes);
  if (!problem.lift_tests.empty()) bytes += kLiftCopies * std::min(kLiftRows, campaigns) * row_bytes;
  return problem.memory->Claim(MemoryUse::kRequests, static_cast<uint64_t>(bytes));
}

absl::StatusOr<MemoryClaim> ClaimForPlan(const DecisionModel& model, const PacingProblem& problem) {
  const auto campaigns = static_cast<int64_t>(problem.whole.campaigns.size());
  const auto periods = static_cast<int64_t>(problem.periods.size());
  const auto groups = static_cast<int64_t>(problem.whole.groups.size());
  const int64_t plans = 1 + static_cast<int64_t>(problem.changes.size());
  const int64_t row_bytes = model.predictor->schema().size() * static_cast<int64_t>(sizeof(float));
  int64_t period_names = 0;
  for (const Period& period : problem.periods) period_names += static_cast<int64_t>(period.name.size()) + 32;
  const int64_t group_of_campaigns = SizeOf(&BudgetCampaign::group, problem.whole.campaigns);
  // The unfolded problem, with the names of groups of campaigns and of those that groups are within; one at a time.
  int64_t bytes = campaigns * periods * (row_bytes + static_cast<int64_t>(sizeof(BudgetCampaign)));
  bytes += campaigns * period_names + periods * group_of_campaigns;
  bytes += periods * (groups + 1) * static_cast<int64_t>(sizeof(BudgetGroup));
  bytes += (2 * groups + 1) * period_names;
  bytes +=
      periods * (SizeOf(&BudgetGroup::name, problem.whole.groups) + SizeOf(&BudgetGroup::within, problem.whole.groups));
  // The problem with another budget.
  if (plans > 1) {
    bytes += campaigns * (row_bytes + static_cast<int64_t>(sizeof(BudgetCampaign)) + 8 * periods) +
             SizeOf(&BudgetCampaign::name, problem.whole.campaigns) + group_of_campaigns;
    bytes += groups * static_cast<int64_t>(sizeof(BudgetGroup)) + SizeOf(&BudgetGroup::name, problem.whole.groups) +
             SizeOf(&BudgetGroup::within, problem.whole.groups);
  }
  // Splits of all plans, the first as a whole once more, and a message of each; or conflicts, which name campaigns
  // twice, also in their messages.
  const auto split_bytes = static_cast<int64_t>(sizeof(SpentCampaign)) + kAllocationBytes + MovedBytes(*model.facts);
  bytes += (plans + 1) * periods * campaigns * split_bytes;
  bytes += std::max(plans + 1, kConflictNames) *
           (periods * SizeOf(&BudgetCampaign::name, problem.whole.campaigns) + campaigns * period_names);
  return problem.whole.memory->Claim(MemoryUse::kRequests, static_cast<uint64_t>(bytes));
}

uint64_t CurveBytes(const CurveSize& size) {
  // Of a point: what is predicted, of all rows and of each curve, or of that and in a message; the value and its flag;
  // and four bands in the curve and in the message.
  constexpr int64_t kBands = 4;
  const int64_t numbers = size.intervals ? 3 : 1;
  int64_t point_bytes = 2 * numbers * 4 + 9 + 16;
  if (size.money) point_bytes += 2 * kBands * numbers * 8;
  if (size.lift_tests) point_bytes += kBands * 8;
  const int64_t at_once = std::min(size.rows * size.values, std::max(kRowsOfBlock, size.values));
  const int64_t row_bytes = size.features * static_cast<int64_t>(sizeof(float));
  const bool filled = size.intervals && size.moves;
  if (filled) point_bytes += kFilledBytes;
  return static_cast<uint64_t>(size.rows * size.values * point_bytes + size.values * 100 + size.rows * 1024 +
                               (at_once + (filled ? std::min(3 * at_once, kRowsOfSides) : 0)) *
                                   (row_bytes + kPredictionBytes) +
                               kLiftCopies * std::min(kLiftRows, size.rows) * row_bytes);
}

uint64_t RankBytes(int64_t candidates, int64_t count, int64_t features) {
  const int64_t best = std::max<int64_t>(0, std::min(candidates, count));
  return static_cast<uint64_t>(candidates * 64 + best * (features * static_cast<int64_t>(sizeof(float)) +
                                                         static_cast<int64_t>(sizeof(RankedCandidate)) + 256));
}

}  // namespace roicast
