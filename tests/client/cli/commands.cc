#include "tests/client/cli/commands.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/testing/process.h"

namespace roicast::client::testing {
namespace {

std::vector<std::string> HelpOf(const std::vector<std::string>& path) {
  std::vector<std::string> arguments = {ROICAST_COMMAND};
  arguments.insert(arguments.end(), path.begin(), path.end());
  arguments.push_back("--help");
  const absl::StatusOr<roicast::testing::ProcessResult> result = roicast::testing::RunProcess(arguments);
  EXPECT_TRUE(result.ok() && result->exit_code == 0) << absl::StrJoin(path, " ");
  return absl::StrSplit(result.ok() ? result->output : "", '\n');
}

// A line such as "  -m,--model NAME:more than 0=1   Model". Positional arguments have no hyphen.
void ReadFlag(const std::string& line, Command* command) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  const size_t name = words[0].find("--");
  if (name == std::string::npos) return;
  command->flags.push_back(words[0].substr(name));
  // A description begins two blanks behind the name.
  const size_t end = line.find(words[0]) + words[0].size();
  const bool typed = words.size() > 1 && end + 1 < line.size() && line[end + 1] != ' ' &&
                     absl::ascii_isupper(static_cast<unsigned char>(words[1][0]));
  command->types.push_back(typed ? words[1] : "");
}

void AddCommands(const std::vector<std::string>& path, std::vector<Command>* all) {
  Command command;
  command.path = path;
  std::vector<std::string> below;
  bool lists_commands = false;
  for (const std::string& line : HelpOf(path)) {
    if (line == "Subcommands:") lists_commands = true;
    if (line.empty()) lists_commands = false;
    if (!absl::StartsWith(line, "  ") || absl::StartsWith(line, "   ")) continue;
    if (lists_commands) {
      below.push_back(std::vector<std::string>(absl::StrSplit(line, ' ', absl::SkipEmpty()))[0]);
    } else if (absl::StartsWith(line, "  -")) {
      ReadFlag(line, &command);
    }
  }
  command.has_subcommands = !below.empty();
  all->push_back(command);
  for (const std::string& name : below) {
    std::vector<std::string> longer = path;
    longer.push_back(name);
    AddCommands(longer, all);
  }
}

}  // namespace

std::string Command::Name() const { return absl::StrJoin(path, " "); }

std::vector<Command> AllCommands() {
  std::vector<Command> all;
  AddCommands({}, &all);
  EXPECT_GT(all.size(), 15u) << "the help has another form than this expects";
  return all;
}

std::vector<Invocation> AllInvocations(const std::string& table) {
  const std::map<std::string, std::vector<std::string>> arguments = {
      {"generate", {"--rows", "2000"}},
      {"inspect", {table}},
      {"train", {table}},
      {"jobs list", {}},
      {"jobs show", {"job-000001"}},
      {"jobs watch", {"job-000001"}},
      {"jobs cancel", {"job-000001"}},
      {"jobs resume", {"job-000001"}},
      {"predict", {"spend=1", "price=2", "channel=search"}},
      {"score", {table}},
      {"evaluate", {table}},
      {"report", {table, "-o", "-"}},
      {"explain", {table}},
      {"analyze", {table}},
      {"reach", {table, "--at-least", "1", "--change", "spend"}},
      {"curve", {table}},
      {"optimize", {table, "--budget", "100"}},
      {"plan", {table, "--budget", "100", "--periods", "2", "--start", "2025-03-03"}},
      {"rank", {table}},
      {"models list", {}},
      {"models show", {}},
      {"models export", {"-"}},
      {"models import", {table}},
      {"models serve", {"small", "3"}},
      {"health", {}},
      {"loadtest",
       {"--duration", "0.05", "--warm-up", "0", "--in-flight", "1", "--mode", "batch", "--batch-rows", "2"}},
  };
  std::vector<Invocation> invocations;
  for (const Command& command : AllCommands()) {
    if (command.has_subcommands) continue;
    const auto known = arguments.find(command.Name());
    if (known == arguments.end()) {
      ADD_FAILURE() << "add arguments for the command: " << command.Name();
      continue;
    }
    invocations.push_back({command, known->second});
  }
  return invocations;
}

}  // namespace roicast::client::testing
