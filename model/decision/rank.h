// The best of many candidates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/decision/decision_model.h"

namespace roicast {

inline constexpr int64_t kMaxCandidates = 1'000'000;

enum class RankBy {
  kRoi,     // expected ROI
  kProfit,  // expected profit: ROI · spend
};

struct RankOptions {
  int64_t count = 10;  // ≥ 1: how many of the best
  RankBy by = RankBy::kRoi;
  // In (0.5, 1): by what the ROI (profit) is above with this probability, instead of what is expected.
  std::optional<double> lower_bound_level = std::nullopt;
  std::string spend_feature = {};  // as of MoneyModel::Create
  // A categorical feature of which each value may have at most `most_per_group` candidates. Empty: no limit. A missing
  // value is a group, all values that training did not see are another one.
  std::string group_feature = {};
  int64_t most_per_group = 0;                  // ≥ 1 with a group_feature, else 0
  std::optional<double> interval_level = 0.9;  // of the answers; unset: none

  absl::Status Validate() const;
};

struct RankedCandidate {
  int64_t row = 0;     // index of the candidate
  double score = 0.0;  // what is ranked by
  double roi = 0.0;    // expected; Predict's to the bit for a model of ROI
  double revenue = 0.0, profit = 0.0, spend = 0.0;
  double roi_low = 0.0, roi_high = 0.0;  // NaN without intervals
  bool warning = false;                  // as of Predict's flags
};

struct Ranking {
  std::vector<RankedCandidate> best = {};  // descending by score; equal scores by row
  int64_t candidates = 0;
  int64_t refused = 0;  // candidates that the model refuses, or whose spend is missing or 0: never among the best
  std::string first_refused = {};  // why, of the first of them: `candidate 17: spend: expected > 0, got -5`
  int64_t over_group_limit = 0;    // candidates that were better than the last one, but one too many in their group
  std::string no_intervals_because = {};
};

// rows [n, schema size]. Errors: InvalidArgument (options; no candidates; an unknown group_feature, with the nearest
// name; one that is not categorical), ResourceExhausted (n > kMaxCandidates, named), FailedPrecondition (those of
// MoneyModel::Create; a lower bound of a model without calibration), stop's.
absl::StatusOr<Ranking> Rank(const DecisionModel& model, absl::Span<const float> rows, const RankOptions& options,
                             const StopCheck& stop);

}  // namespace roicast
