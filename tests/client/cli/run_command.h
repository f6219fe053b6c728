// Runs the program as its users do, and the files that it reads and writes.
#pragma once

#include <string>
#include <vector>

#include "tests/testing/process.h"

namespace roicast::client::testing {

// Any program; a failed expectation if it does not run to its end.
roicast::testing::ProcessResult RunLine(const std::vector<std::string>& line);
// `roicast` with these arguments.
roicast::testing::ProcessResult Roicast(std::vector<std::string> arguments);

void WriteFile(const std::string& path, const std::string& text);
// Their names, in no order.
std::vector<std::string> FilesIn(const std::string& folder);

}  // namespace roicast::client::testing
