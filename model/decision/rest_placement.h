// Where money goes that lies between the levels of a search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "model/decision/outcome_table.h"
#include "model/decision/resolved_budget.h"

namespace roicast {

// Refers to all that it is made of.
class RestPlacement {
 public:
  RestPlacement(const OutcomeTable& outcomes, const ResolvedBudget& budget, const StopCheck& stop)
      : outcomes_(outcomes), budget_(budget), stop_(stop) {}

  struct Room {
    size_t campaign;
    int64_t units;
  };
  // Where any amount may be added to `units`: to campaigns in the group (−1: all), within the groups' limits.
  std::vector<Room> RoomsOf(int group, const std::vector<int64_t>& units) const;
  // Adds `rest` where that helps most; if no campaign has room for the whole, to those with the most room first.
  // Errors: as of OutcomeTable::Fill; Internal (there is not enough room).
  absl::Status Place(int group, int64_t rest, std::vector<int64_t>& units) const;

 private:
  const OutcomeTable& outcomes_;
  const ResolvedBudget& budget_;
  const StopCheck& stop_;
};

}  // namespace roicast
