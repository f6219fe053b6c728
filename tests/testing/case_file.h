// The sample tables, where they are present.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace roicast::testing {

// The table of that name in ROICAST_TEST_CASES, else in the folder that the build names.
inline std::string CaseFile(const std::string& name) {
  const char* folder = std::getenv("ROICAST_TEST_CASES");
  return std::string(folder != nullptr ? folder : ROICAST_DEFAULT_TEST_CASES) + "/" + name + ".csv";
}

}  // namespace roicast::testing

// Skips the test, aloud, where the table is absent.
#define ROICAST_SKIP_WITHOUT_CASE(name)                           \
  if (!std::filesystem::exists(roicast::testing::CaseFile(name))) \
  GTEST_SKIP() << roicast::testing::CaseFile(name) << " is not there; set ROICAST_TEST_CASES to its folder"
