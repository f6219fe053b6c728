// One pass of the dynamic programme of split_search.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "model/decision/envelope.h"
#include "model/decision/split_search.h"

namespace roicast {

struct ChoiceStatesOptions {
  double gap = 0.0;        // states that lose more against the prices are dropped
  size_t max_levels = 0;   // of a campaign; those that lose least are kept
  int64_t max_states = 0;  // 0: as SearchProblem::max_states says
  // Finds nothing, and ends, as soon as it has to drop a state or a level that the gap does not rule out.
  bool all_or_nothing = false;
};

// Fills in `found`, `level` and `work` of the result. cut: whether states or levels were dropped that the gap did not
// rule out. Errors: stop's; ResourceExhausted (memory).
absl::Status SearchChoiceStates(const SearchProblem& problem, const Prices& prices, const ChoiceStatesOptions& options,
                                const StopCheck& stop, SearchResult& result, bool& cut);

}  // namespace roicast
