#include "model/simd/instruction_set.h"

#include <cstdlib>
#include <cstring>
#include <iterator>

#include "base/enumerators.h"

namespace roicast {
namespace {

static_assert(std::size(kAllInstructionSets) == kEnumerators<InstructionSet>);

const char* WantedName() { return std::getenv("ROICAST_CPU"); }

bool IsNamed(InstructionSet set, const char* name) {
  return name != nullptr && std::strcmp(name, InstructionSetName(set)) == 0;
}

InstructionSet Choose() {
  InstructionSet fastest = InstructionSet::kSse2;
  for (const InstructionSet set : kAllInstructionSets) {
    if (!IsSupported(set)) continue;
    if (IsNamed(set, WantedName())) return set;
    fastest = set;
  }
  return fastest;
}

}  // namespace

const char* InstructionSetName(InstructionSet set) {
  switch (set) {
    case InstructionSet::kSse2:
      return "sse2";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kAvx512:
      return "avx512";
  }
  return "unknown";
}

bool IsSupported(InstructionSet set) {
  switch (set) {
    case InstructionSet::kSse2:
      return true;  // part of x86-64
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::kAvx512:
      return IsSupported(InstructionSet::kAvx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw");
  }
  return false;
}

InstructionSet ChosenInstructionSet() {
  static const InstructionSet chosen = Choose();
  return chosen;
}

const char* UnusableInstructionSet() { return IsNamed(ChosenInstructionSet(), WantedName()) ? nullptr : WantedName(); }

}  // namespace roicast
