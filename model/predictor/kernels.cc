#include "model/predictor/kernels.h"

namespace roicast::predictor {

void FillPivots(float* table) {
  constexpr int kPerPivot = kSearchValues / kSearchPivots;
  for (int i = 0; i < kSearchPivots; ++i) table[kSearchValues + i] = table[(i + 1) * kPerPivot - 1];
}

const Kernels& KernelsFor(InstructionSet set) {
  switch (set) {
    case InstructionSet::kSse2:
      return kSse2Kernels;
    case InstructionSet::kAvx2:
      return kAvx2Kernels;
    case InstructionSet::kAvx512:
      return kAvx512Kernels;
  }
  return kSse2Kernels;
}

std::vector<const Kernels*> SupportedKernels() {
  std::vector<const Kernels*> supported;
  for (const InstructionSet set : kAllInstructionSets) {
    if (IsSupported(set)) supported.push_back(&KernelsFor(set));
  }
  return supported;
}

const Kernels& ChosenKernels() { return KernelsFor(ChosenInstructionSet()); }

}  // namespace roicast::predictor
