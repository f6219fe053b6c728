// A program on a terminal of a given width, as a person sees it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace roicast::testing {

struct TerminalResult {
  int exit_code = -1;
  // stdout and stderr as they came, escape sequences included; lines end with "\n".
  std::string screen;
};

// Runs a program to its end with stdout and stderr on a pseudoterminal. `environment` has "NAME=value" entries beside
// ours; TERM is xterm-256color and NO_COLOR empty unless given there.
absl::StatusOr<TerminalResult> RunInTerminal(const std::vector<std::string>& arguments, int columns,
                                             std::vector<std::string> environment = {});

// The lines without escape sequences; what a redrawn line showed in turn is a line each.
std::vector<std::string> VisibleLines(const std::string& screen);

}  // namespace roicast::testing
