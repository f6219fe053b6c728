// Straight lines through points that are not independent of each other.
#pragma once

#include <cstdint>
#include <utility>

#include "absl/types/span.h"

namespace roicast {

// t of the slope of a straight line through the points (x, y), where those of one group may have in common what x does
// not tell, such as the level of a campaign. The error of the slope is the jackknife's, which leaves out one group
// after the other (Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982): many points of few groups do
// not make a slope certain. group: of each point. 0 where there are fewer than three groups, or no line without one of
// them.
double TOfLineThroughGroups(absl::Span<const std::pair<double, double>> points, absl::Span<const int64_t> group);

}  // namespace roicast
