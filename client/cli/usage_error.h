// Errors of the command line that the parser cannot find, such as a column that the table does not have.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// INVALID_ARGUMENT for which a flag or an argument is to blame: the command ends with kUsage. What is wrong with a file
// or what the server refuses is not of this kind, although it may have the same code.
absl::Status UsageError(absl::string_view message);
// `flag: expected …, got "…"`.
absl::Status UnexpectedValue(absl::string_view flag, absl::string_view expected, absl::string_view got);

// The same error, for which the content of a file is to blame.
absl::Status BlameFile(absl::Status status);

bool IsUsageError(const absl::Status& status);

}  // namespace roicast::client
