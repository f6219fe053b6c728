#include "model/network/ensemble.h"

#include <cstddef>
#include <utility>

#include "base/check.h"

namespace roicast {

Mlp CombineMembers(const std::vector<Mlp>& members) {
  ROICAST_CHECK(!members.empty());
  const auto count = static_cast<Eigen::Index>(members.size());
  const size_t layers = members.front().layers.size();
  Mlp combined;
  for (size_t l = 0; l < layers; ++l) {
    const DenseLayer& shape = members.front().layers[l];
    const Eigen::Index units = shape.weights.rows(), inputs = shape.weights.cols();
    const bool first = l == 0, last = l + 1 == layers;
    DenseLayer layer;
    layer.activation = shape.activation;
    layer.blocks = first || last ? 1 : static_cast<int>(count);
    // A last layer adds up what all members' units say; a layer that is first and last, their weights.
    layer.weights = RowMajorMatrix::Zero(last ? units : count * units, last && !first ? count * inputs : inputs);
    layer.biases = Eigen::VectorXf::Zero(layer.weights.rows());
    for (Eigen::Index m = 0; m < count; ++m) {
      ROICAST_CHECK(members[m].layers.size() == layers);
      const DenseLayer& from = members[m].layers[l];
      ROICAST_CHECK(from.blocks == 1 && from.weights.rows() == units && from.weights.cols() == inputs &&
                    from.activation == shape.activation);
      const float share = last ? 1.0f / static_cast<float>(count) : 1.0f;
      layer.weights.block(last ? 0 : m * units, last && !first ? m * inputs : 0, units, inputs) += share * from.weights;
      layer.biases.segment(last ? 0 : m * units, units) += share * from.biases;
    }
    combined.layers.push_back(std::move(layer));
  }
  return combined;
}

}  // namespace roicast
