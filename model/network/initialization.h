// Initial weights for training.
#pragma once

#include "base/random.h"
#include "model/network/mlp.h"

namespace roicast {

// Uniform weights, zero biases. The limit is √(6 / in) for hidden layers with a rectifier, after He et al., "Delving
// Deep into Rectifiers" (2015), eq. 10, and √(6 / (in + out)) for tanh and the output layer, after Glorot and Bengio
// (2010), eq. 16.
Mlp RandomMlp(int inputs, const NetworkOptions& options, Random& random);

}  // namespace roicast
