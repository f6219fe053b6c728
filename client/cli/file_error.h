// Errors with a line that says what to do next, where the code alone does not tell: those of files above all.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// The status with a hint beside it, in place of an older one. OK stays OK.
absl::Status WithHint(absl::Status status, absl::string_view hint);
// Empty where there is none.
std::string HintOf(const absl::Status& status);

// What a system call on `path` failed with, as errno has it, with a hint about files. "-" is standard input or output.
absl::Status FileError(int error, absl::string_view path);
// Whether whoever read our standard output has gone: `roicast ... | head` ends so. Nothing is to be said then.
bool IsReaderGone(const absl::Status& status);

}  // namespace roicast::client
