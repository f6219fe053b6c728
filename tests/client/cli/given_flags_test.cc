#include "client/cli/given_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

TEST(GivenFlags, AreReadyForAShell) {
  CLI::App app;
  app.fallthrough();
  std::string server, target, file, dataset, read;
  std::vector<std::string> exclude;
  std::vector<int> hidden;
  double holdout = 0.2;
  bool detach = false, json = false;
  app.add_option("-s,--server", server);
  app.add_flag("--json", json);
  CLI::App& command = *app.add_subcommand("inspect");
  command.add_option("file", file);
  command.add_option("--dataset", dataset);
  command.add_option("--target", target);
  command.add_option("--exclude", exclude)->allow_extra_args(false);
  command.add_option("--hidden", hidden)->delimiter(',')->allow_extra_args(false);
  command.add_option("--holdout", holdout);
  command.add_option("--delimiter", read)->group("Reading");
  command.add_flag("--detach", detach);
  std::vector<std::string> arguments = {
      "inspect",     "a.csv", "--target", "it's ROI, $", "--exclude", "a",        "--exclude", "=b",  "--exclude",   "",
      "--delimiter", ";",     "-s",       "host:1",      "--json",    "--detach", "--hidden",  "8,4", "--exclude=-c"};
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  EXPECT_THAT(GivenFlags(command, "Reading"),
              ElementsAre("--target 'it'\\''s ROI, $'", "--exclude a", "--exclude =b", "--exclude ''", "--exclude=-c",
                          "--hidden 8,4", "--detach", "--server host:1"));
}

TEST(ShellLines, AreOneCommandForAShell) {
  EXPECT_EQ(ShellLines({"roicast train", "--target x"}, 80), "roicast train --target x");
  EXPECT_EQ(ShellLines({"roicast train", "--target x"}, 12), "roicast train \\\n    --target x");
}

}  // namespace
}  // namespace roicast::client
