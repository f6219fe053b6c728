// Which vector instructions this machine has, and which the kernels use. Includes nothing with inline functions:
// sources compiled for a newer machine include it.
#pragma once

namespace roicast {

enum class InstructionSet { kSse2, kAvx2, kAvx512 };

// Slowest first.
inline constexpr InstructionSet kAllInstructionSets[] = {InstructionSet::kSse2, InstructionSet::kAvx2,
                                                         InstructionSet::kAvx512};

// "sse2", "avx2", "avx512".
const char* InstructionSetName(InstructionSet set);

// Whether this machine can run it. kAvx2 includes FMA; kAvx512 is F, VL, DQ and BW.
bool IsSupported(InstructionSet set);

// The fastest supported one, or the one that the environment variable ROICAST_CPU names, for training and predictions
// alike. Names that are unknown or not supported are ignored: see UnusableInstructionSet. Decided at the first call;
// thread-safe.
InstructionSet ChosenInstructionSet();

// What ROICAST_CPU says if it names no set that this machine has, such as "sse9"; nullptr: it is not set, or is
// followed.
const char* UnusableInstructionSet();

}  // namespace roicast
