// The weights that training starts from.
#pragma once

#include "base/random.h"
#include "model/network/mlp.h"

namespace roicast {

// Uniform weights, zero biases. Hidden layers: limit √(6 / in) — He et al., "Delving Deep into Rectifiers" (2015), eq.
// 10 — or for tanh √(6 / (in + out)) — Glorot and Bengio (2010), eq. 16 — which the output layer has, too.
Mlp RandomMlp(int inputs, const NetworkOptions& options, Random& random);

}  // namespace roicast
