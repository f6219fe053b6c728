#include "model/network/attention/attention_kernels.h"

namespace roicast::attention {

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

const Kernels& ChosenKernels() { return KernelsFor(ChosenInstructionSet()); }

}  // namespace roicast::attention
