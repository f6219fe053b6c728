// The commands about decisions, run on a table against a fake server.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client::testing {

class DecisionCommands : public ::testing::Test {
 protected:
  explicit DecisionCommands(const std::string& table) { WriteFile(file_, table); }

  // The command, which is the first argument, on the table.
  roicast::testing::ProcessResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin() + 1, file_);
    return RunWithoutTable(std::move(arguments));
  }
  roicast::testing::ProcessResult RunWithoutTable(std::vector<std::string> arguments) {
    if (server_.target().empty()) server_.Start();
    arguments.insert(arguments.end(), {"--server", server_.target()});
    return Roicast(std::move(arguments));
  }

  roicast::testing::FakeServer server_;
  const roicast::testing::TempDir dir_;
  const std::string file_ = dir_.File("campaigns.csv");
};

}  // namespace roicast::client::testing
