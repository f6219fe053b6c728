// Searches for a counterfactual on grids, one feature more at a time.
#pragma once

#include <limits>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/explanation/counterfactual/trials.h"

namespace roicast::explanation {

// The nearest rows that reach the goal, one for each set of features that changes.
class Reached {
 public:
  static constexpr size_t kMost = 16;

  void Add(absl::Span<const ChangeAxis> axes, Candidate candidate);
  bool empty() const { return by_axes_.empty(); }
  double least_distance() const { return least_distance_; }
  // The nearest first.
  std::vector<Candidate> Take();

 private:
  std::map<std::vector<int>, Candidate> by_axes_;
  double least_distance_ = std::numeric_limits<double>::infinity();
};

struct GridSearchResult {
  Reached reached;
  Candidate best;  // with the most gain, whatever its distance
  // The axes that were combined: those that achieve most on their own.
  std::vector<int> combined;
};

// A beam search from `start`. Of each number of features, rows are kept of which none is both nearer and better; a step
// changes one feature more, to any value of its grid. First single features: on wide tables, those that achieve most on
// their own go on, and the words that do. target: the gain that is wanted. max_features ≥ 1.
absl::StatusOr<GridSearchResult> SearchGrids(absl::Span<const ChangeAxis> axes, const Candidate& start, double target,
                                             int max_features, Trials& trials);

// Coordinate ascent from several rows at once, without regard to distance. candidates: not empty; become what they
// reach. movable: the axes along which they move.
absl::Status Ascend(absl::Span<const ChangeAxis> axes, absl::Span<const int> movable, Trials& trials,
                    std::vector<Candidate>& candidates);

// Numbers of one row ascend between the values of their grids, too.
absl::Status AscendBetween(absl::Span<const ChangeAxis> axes, absl::Span<const int> movable, Trials& trials,
                           Candidate& candidate);

}  // namespace roicast::explanation
