// The program against the real server, step by step as the output of each command proposes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/testing/process.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using testing::ProcessResult;

class CommandFlow : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<testing::ServerProcess> server = testing::ServerProcess::Start(folder_.File("store"));
    ASSERT_TRUE(server.ok()) << server.status();
    server_.emplace(*std::move(server));
  }

  ProcessResult RunLine(const std::vector<std::string>& line) {
    absl::StatusOr<ProcessResult> result = testing::RunProcess(line);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : ProcessResult();
  }
  // The program, asking this server.
  ProcessResult Roicast(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ROICAST_COMMAND);
    arguments.insert(arguments.end(), {"--server", server_->target()});
    return RunLine(arguments);
  }
  // 300 campaigns whose columns have no usual names, and commas.
  std::string Table() {
    Random random(7);
    std::string text = "Town,\"Clicks, all\",Paid,Earned,Hint\n";
    for (int i = 0; i < 300; ++i) {
      const double clicks = random.Uniform(1, 100), paid = random.Uniform(10, 60);
      const double earned = paid * (i % 2 == 0 ? 0.9 : 0.4) + 0.01 * paid * clicks;
      absl::StrAppend(&text, i % 2 == 0 ? "Oslo" : "Rome", ",", clicks, ",", paid, ",", earned, ",", i % 7, "\n");
    }
    std::ofstream(folder_.File("past.csv")) << text;
    return folder_.File("past.csv");
  }

  const testing::TempDir folder_;
  std::optional<testing::ServerProcess> server_;
};

// The command forgot the flags, and failed: it had no target.
TEST_F(CommandFlow, TheCommandThatInspectProposesTrains) {
  const std::vector<std::string> inspect = {"inspect",   Table(), "--revenue", "Earned",
                                            "--spend",   "Paid",  "--exclude", "Clicks, all",
                                            "--exclude", "Hint",  "--kind",    "Town=categorical"};
  const ProcessResult inspected = Roicast(inspect);
  ASSERT_EQ(inspected.exit_code, 0) << inspected.errors;
  const std::string title = "Train on it:\n  roicast ";
  const size_t at = inspected.output.find(title);
  ASSERT_NE(at, std::string::npos) << inspected.output;
  const std::string command = absl::StrCat(ROICAST_COMMAND, " ", inspected.output.substr(at + title.size()));
  const ProcessResult trained = RunLine({"/bin/bash", "-c", command});
  EXPECT_EQ(trained.exit_code, 0) << command << trained.errors;
  EXPECT_THAT(trained.output, HasSubstr("succeeded"));

  const ProcessResult model = Roicast({"models", "show", "--json"});
  ASSERT_EQ(model.exit_code, 0) << model.errors;
  const nlohmann::json shown = nlohmann::json::parse(model.output);
  std::vector<std::string> features;
  for (const nlohmann::json& feature : shown["schema"]["features"]) features.push_back(feature["name"]);
  EXPECT_THAT(features, ::testing::UnorderedElementsAre("Town", "Paid"));

  std::vector<std::string> as_json = inspect;
  as_json.push_back("--json");
  const ProcessResult json = Roicast(as_json);
  const std::string proposed = nlohmann::json::parse(json.output)["train_command"];
  EXPECT_EQ(absl::StrCat(ROICAST_COMMAND, proposed.substr(7), "\n"), command);
}

}  // namespace
}  // namespace roicast
