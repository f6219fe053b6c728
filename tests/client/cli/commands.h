// All commands of the program, as its help lists them, for tests of what they have in common.
#pragma once

#include <string>
#include <vector>

namespace roicast::client::testing {

struct Command {
  // {"models", "show"}.
  std::vector<std::string> path;
  bool has_subcommands = false;
  // "--model", as help lists them; those that take a value come with its type in `types`, others with "".
  std::vector<std::string> flags;
  std::vector<std::string> types;

  // "models show".
  std::string Name() const;
};

// In the order of help; {"models"} comes before {"models", "show"}.
std::vector<Command> AllCommands();

// Those that do something, with arguments that are enough for them. `table` is a CSV with the features of
// FakeServer::SmallModel. A command without an entry in the list fails the test.
struct Invocation {
  Command command;
  std::vector<std::string> arguments;
};
std::vector<Invocation> AllInvocations(const std::string& table);

}  // namespace roicast::client::testing
