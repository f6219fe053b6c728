// What a person should know about how their table was read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

struct TableNote {
  // Else it is information.
  bool warning = false;
  // Empty: it is about the file.
  std::string column;
  // From 1, up to 5; empty where it is about all of them.
  std::vector<int64_t> lines;
  // What was found and what was taken; plain English without a flag.
  std::string message;
  // Each changes the reading on its own; ready for a shell: `--dates 'Start date=day-first'`.
  std::vector<std::string> flags;

  friend bool operator==(const TableNote&, const TableNote&) = default;
};

// The text as one word of a POSIX shell: as it is, or in single quotes where a shell would change it.
std::string ShellWord(absl::string_view text);

// `--flag column=value` for a shell; `--flag value` if the column is empty.
std::string ColumnFlag(absl::string_view flag, absl::string_view column, absl::string_view value);

}  // namespace roicast
