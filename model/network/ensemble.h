// Several networks as one.
#pragma once

#include <vector>

#include "model/network/mlp.h"

namespace roicast {

// The network whose output is the mean of its members' outputs: they stand side by side as blocks of its layers.
// Members: ≥ 1, of one shape, each layer with one block. Of linear ones it is linear.
Mlp CombineMembers(const std::vector<Mlp>& members);

}  // namespace roicast
