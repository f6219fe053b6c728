#include "model/predictor/kernels.h"

#include <cstdlib>
#include <cstring>

namespace roicast::predictor {
namespace {

const Kernels& Choose() {
  const std::vector<const Kernels*> supported = SupportedKernels();
  const char* wanted = std::getenv("ROICAST_CPU");
  for (const Kernels* kernels : supported) {
    if (wanted != nullptr && std::strcmp(wanted, kernels->name) == 0) return *kernels;
  }
  return *supported.back();
}

}  // namespace

std::vector<const Kernels*> SupportedKernels() {
  std::vector<const Kernels*> supported = {&kSse2Kernels};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) supported.push_back(&kAvx2Kernels);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    supported.push_back(&kAvx512Kernels);
  }
  return supported;
}

const Kernels& ChosenKernels() {
  static const Kernels& kernels = Choose();
  return kernels;
}

}  // namespace roicast::predictor
