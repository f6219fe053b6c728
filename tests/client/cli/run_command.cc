#include "tests/client/cli/run_command.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace roicast::client::testing {

using roicast::testing::ProcessResult;

ProcessResult RunLine(const std::vector<std::string>& line) {
  absl::StatusOr<ProcessResult> result = roicast::testing::RunProcess(line);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : ProcessResult();
}

ProcessResult Roicast(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ROICAST_COMMAND);
  return RunLine(arguments);
}

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace roicast::client::testing
