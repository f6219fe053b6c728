#include "model/network/kernels/kernels.h"

namespace roicast {
namespace {

bool HasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool HasAvx512() {
  return HasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

struct Supported {
  const Kernels* sets[4] = {};
  int count = 0;

  Supported() {
    __builtin_cpu_init();
    sets[count++] = &kSse2Kernels;
    if (HasAvx2()) sets[count++] = &kAvx2Kernels;
    if (HasAvx512()) sets[count++] = &kAvx512Kernels;
  }
};

const Supported& GetSupported() {
  static const Supported supported;
  return supported;
}

}  // namespace

const Kernels& BestKernels() { return *GetSupported().sets[GetSupported().count - 1]; }
const Kernels* const* SupportedKernels() { return GetSupported().sets; }

}  // namespace roicast
