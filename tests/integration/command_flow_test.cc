// The program against the real server, step by step as the output of each command proposes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
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

// Some failed when they were pasted: --header-line 1 under titles, --kind for the target, --delimiter for what was
// found.
TEST_F(CommandFlow, EveryFlagThatInspectProposesIsAcceptedAndSettlesItsWarning) {
  Random random(8);
  std::string text = "Report of 2024\n\nStart;Channel;Region;Card ID;CTR;Bid;Budget;Clicks;ROAS;Spend;Revenue\n";
  double all_spend = 0, all_revenue = 0;
  for (int i = 0; i < 300; ++i) {
    const double spend = random.Uniform(10, 60), revenue = i % 25 == 0 ? 0 : spend * random.Uniform(0.5, 2);
    const auto number = [](double value) { return absl::StrReplaceAll(absl::StrFormat("%.2f", value), {{".", ","}}); };
    absl::StrAppend(&text, absl::StrFormat("%02d/%02d/2024;", 1 + i % 12, 1 + i % 7), i % 2 == 0 ? "TV" : "Radio", ";",
                    i % 3 == 0 ? "NA" : "EMEA", ";", absl::StrFormat("%07d", i * 37), ";", number(1 + i % 5), " %;",
                    absl::StrFormat("%d.%03d", 1 + i % 9, i), ";", i == 40 ? "tbd" : absl::StrCat(100 + i % 50), ";",
                    i * 7 % 90, ";", number(revenue / spend), ";", i == 50 ? "ask" : number(spend), ";",
                    revenue == 0 ? "" : number(revenue), "\n");
    all_spend += i == 50 ? 0 : spend;
    all_revenue += revenue;
  }
  absl::StrAppend(&text, "Total;;;;;;;;;", absl::StrFormat("%.2f;%.2f\n", all_spend, all_revenue));
  std::ofstream(folder_.File("past.csv")) << text;
  const auto inspect = [&](const std::string& flags) {
    return RunLine({"/bin/bash", "-c",
                    absl::StrCat(ROICAST_COMMAND, " inspect ", folder_.File("past.csv"),
                                 " --json --revenue Revenue --spend "
                                 "Spend --server ",
                                 server_->target(), " ", flags)});
  };
  const ProcessResult plain = inspect("");
  ASSERT_EQ(plain.exit_code, 0) << plain.errors;
  int proposed = 0;
  const nlohmann::json warnings = nlohmann::json::parse(plain.output)["warnings"];
  for (const nlohmann::json& warning : warnings) {
    for (const std::string flag : warning["flags"]) {
      ++proposed;
      const ProcessResult changed = inspect(flag);
      ASSERT_EQ(changed.exit_code, 0) << flag << changed.errors;
      const nlohmann::json remaining = nlohmann::json::parse(changed.output)["warnings"];
      for (const nlohmann::json& left : remaining) {
        EXPECT_FALSE(left["message"] == warning["message"] && left["column"] == warning["column"])
            << flag << " changes nothing about: " << warning["message"];
      }
    }
  }
  EXPECT_GE(proposed, 10) << warnings.dump(1);
}

TEST_F(CommandFlow, AUnixSocketIsAnAddressLikeAnother) {
  const std::string unix_socket = absl::StrCat("unix:", folder_.File("s"));
  absl::StatusOr<testing::ServerProcess> server =
      testing::ServerProcess::Start(folder_.File("other"), {"--listen", unix_socket});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto run = [&](std::vector<std::string> line) {
    line.insert(line.begin(), ROICAST_COMMAND);
    line.insert(line.end(), {"--server", unix_socket});
    return RunLine(line);
  };
  const ProcessResult trained = run({"train", Table(), "--revenue", "Earned", "--spend", "Paid"});
  ASSERT_EQ(trained.exit_code, 0) << trained.errors;
  const ProcessResult loaded = run({"loadtest", "--duration", "0.2", "--warm-up", "0", "--in-flight", "4", "--json"});
  ASSERT_EQ(loaded.exit_code, 0) << loaded.errors;
  const nlohmann::json result = nlohmann::json::parse(loaded.output);
  EXPECT_GT(result["calls_per_second"], 0);
  ASSERT_EQ(*server->Stop(), 0);
  const ProcessResult gone = run({"health"});
  EXPECT_EQ(gone.exit_code, 4);
  EXPECT_THAT(gone.errors, HasSubstr(absl::StrCat("cannot connect to ", unix_socket, ": No such file or directory")));
}

}  // namespace
}  // namespace roicast
