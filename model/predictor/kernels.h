// Which kernels run here.
#pragma once

#include <vector>

#include "model/predictor/compiled_model.h"
#include "model/simd/instruction_set.h"

namespace roicast::predictor {

const Kernels& KernelsFor(InstructionSet set);

// All that this machine can run, slowest first; for tests.
std::vector<const Kernels*> SupportedKernels();

// Those of ChosenInstructionSet().
const Kernels& ChosenKernels();

}  // namespace roicast::predictor
