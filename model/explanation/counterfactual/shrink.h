// Takes back of a change what the goal does not need.
#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/explanation/counterfactual/trials.h"

namespace roicast::explanation {

// Changes `candidate`, whose gain is at least `target`, to a nearer row of which that holds, too: takes features back
// altogether, moves numbers towards the original, weighs pairs of the farthest numbers against each other, and rounds
// what is left where that adds less than 0.5 % to the distance. Never farther than before but for that.
absl::Status Shrink(absl::Span<const ChangeAxis> axes, double target, Trials& trials, Candidate& candidate);

}  // namespace roicast::explanation
