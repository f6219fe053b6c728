// The flags that a command was given, to repeat them in a command that is proposed.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace CLI {
class App;
}

namespace roicast::client {

// Each is a flag with its value, ready for a shell, such as "--target 'ROI, net'"; the command's own first, then those
// of all commands, such as --server. Left out are what stands in no flag, flags of the group `skipped_group`, --dataset
// and those about the output. A value from the environment is not repeated.
std::vector<std::string> GivenFlags(const CLI::App& command, absl::string_view skipped_group);

// The words separated by blanks. If that is wider than `width`, a line for each, which a shell takes as one.
std::string ShellLines(const std::vector<std::string>& words, size_t width);

}  // namespace roicast::client
