// Chooses the kernels for this machine.
#pragma once

#include <vector>

#include "model/predictor/compiled_model.h"
#include "model/simd/instruction_set.h"

namespace roicast::predictor {

const Kernels& KernelsFor(InstructionSet set);

// All kernels that this machine supports, slowest first; for tests.
std::vector<const Kernels*> SupportedKernels();

// The kernels for ChosenInstructionSet().
const Kernels& ChosenKernels();

}  // namespace roicast::predictor
