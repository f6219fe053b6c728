// An input that a linear model holds alone, so that its effect has a known shape, whatever a network beside it learns.
#pragma once

#include <vector>

namespace roicast {

struct LinearInput {
  // The input, and the least and greatest weight that the linear model may give it.
  int input = 0;
  double lowest = 0.0, highest = 0.0;
  // What the network does not see: the input and all others that are made of the same feature.
  std::vector<int> hidden;
};

}  // namespace roicast
