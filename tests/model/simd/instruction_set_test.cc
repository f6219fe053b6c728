#include "model/simd/instruction_set.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

namespace roicast {
namespace {

InstructionSet Fastest() {
  InstructionSet fastest = InstructionSet::kSse2;
  for (const InstructionSet set : kAllInstructionSets) {
    if (IsSupported(set)) fastest = set;
  }
  return fastest;
}

// The choice is made once per process, so each of these makes it in one of its own.
[[noreturn]] void ExitWithWhetherChosen(const char* wanted, InstructionSet expected) {
  setenv("ROICAST_CPU", wanted, 1);
  const bool followed = std::strcmp(wanted, InstructionSetName(expected)) == 0;
  std::exit(ChosenInstructionSet() == expected && (UnusableInstructionSet() == nullptr) == followed ? 0 : 1);
}

TEST(InstructionSet, EnvironmentChoosesASupportedOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const InstructionSet set : kAllInstructionSets) {
    EXPECT_EXIT(ExitWithWhetherChosen(InstructionSetName(set), IsSupported(set) ? set : Fastest()),
                testing::ExitedWithCode(0), "")
        << InstructionSetName(set);
  }
}

TEST(InstructionSet, FastestIsChosenWithoutAValidName) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const char* name : {"", "AVX2", "neon"}) {
    EXPECT_EXIT(ExitWithWhetherChosen(name, Fastest()), testing::ExitedWithCode(0), "") << name;
  }
}

}  // namespace
}  // namespace roicast
