#include "model/network/initialization.h"

#include <cmath>

namespace roicast {
namespace {

DenseLayer RandomLayer(int inputs, int outputs, Activation activation, Random& random) {
  const double limit = std::sqrt(6.0 / (IsRectifier(activation) ? inputs : inputs + outputs));
  DenseLayer layer{RowMajorMatrix(outputs, inputs), Eigen::VectorXf::Zero(outputs), activation};
  for (int i = 0; i < outputs; ++i) {
    for (int j = 0; j < inputs; ++j) layer.weights(i, j) = static_cast<float>(random.Uniform(-limit, limit));
  }
  return layer;
}

}  // namespace

Mlp RandomMlp(int inputs, const NetworkOptions& options, Random& random) {
  Mlp mlp;
  for (const int units : options.hidden) {
    mlp.layers.push_back(RandomLayer(inputs, units, options.activation, random));
    inputs = units;
  }
  mlp.layers.push_back(RandomLayer(inputs, 1, Activation::kIdentity, random));
  return mlp;
}

}  // namespace roicast
