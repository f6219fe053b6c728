// Chooses the kernels for this machine.
#pragma once

#include <vector>

#include "model/predictor/compiled_model.h"
#include "model/simd/instruction_set.h"

namespace roicast::predictor {

// Fills in the end of a table of kSearchTable values.
void FillPivots(float* table);

const Kernels& KernelsFor(InstructionSet set);

// All kernels that this machine supports, slowest first; for tests.
std::vector<const Kernels*> SupportedKernels();

// The kernels for ChosenInstructionSet().
const Kernels& ChosenKernels();

}  // namespace roicast::predictor
