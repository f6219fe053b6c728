// Attention networks and rows made from a seed.
#pragma once

#include <vector>

#include "base/random.h"
#include "model/data/matrix.h"
#include "model/network/attention/attention_network.h"

namespace roicast::testing {

inline AttentionNetwork RandomAttention(const AttentionShape& shape, std::vector<int> feature_inputs, Random& random) {
  AttentionNetwork network;
  network.shape = shape;
  network.feature_inputs = std::move(feature_inputs);
  network.parameters.resize(AttentionLayout(shape, network.feature_inputs).size);
  for (float& value : network.parameters) value = static_cast<float>(0.4 * random.Normal());
  return network;
}

inline RowMajorMatrix RandomInputs(int rows, int inputs, Random& random) {
  RowMajorMatrix x(rows, inputs);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(random.Normal());
  return x;
}

}  // namespace roicast::testing
