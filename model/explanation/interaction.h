// Which features act together: how much of what two features do at once is more than the sum of what each does alone.
// H statistic: Friedman and Popescu, "Predictive Learning via Rule Ensembles" (2008), section 8.1.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/number_range.h"
#include "base/stop_check.h"
#include "model/predictor/predictor.h"

namespace roicast {

struct InteractionOptions {
  static constexpr NumberRange kMaxRows{8, 1000};

  // More rows are drawn at random down to this number m; m² rows are predicted per feature and per pair.
  int64_t max_rows = 64;
  // Indexes in the schema, each once; at least two. Empty: all.
  std::vector<int> features;
  uint64_t seed = 1;

  absl::Status Validate() const;
};

struct PairInteraction {
  int first = 0, second = 0;  // indexes in the schema, first < second
  // √(Σ(F_jk − F_j − F_k)²/m) over the rows, of centred partial dependences F, in the target's unit: 0 if the two only
  // add up. Pairs are compared by it, because H is large wherever both features hardly matter.
  double strength = 0;
  // H = √(Σ(F_jk − F_j − F_k)² / ΣF_jk²): the part of what the two do at once that is interaction; above 1 where it
  // exceeds what they do at once. 0 if the two do nothing.
  double h = 0;
};

struct InteractionReport {
  int64_t rows = 0, rows_rejected = 0;
  // All pairs, the strongest first.
  std::vector<PairInteraction> pairs;
};

// rows: raw rows, row-major [n, schema().size()]. Errors: INVALID_ARGUMENT (options; fewer than 8 usable rows or 2
// features); those of `stop`.
absl::StatusOr<InteractionReport> FeatureInteraction(const Predictor& predictor, absl::Span<const float> rows,
                                                     const InteractionOptions& options, const StopCheck& stop = {});

}  // namespace roicast
