// Which kernels run here.
#pragma once

#include <vector>

#include "model/predictor/compiled_model.h"

namespace roicast::predictor {

// All that this machine can run, slowest first.
std::vector<const Kernels*> SupportedKernels();

// The fastest one, or the one that the environment variable ROICAST_CPU names (sse2, avx2, avx512) where the machine
// can run it. Decided once.
const Kernels& ChosenKernels();

}  // namespace roicast::predictor
