// Errors that carry a hint about what to do next, mainly file errors.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// Attaches a hint to the status, replacing an earlier one. OK stays OK.
absl::Status WithHint(absl::Status status, absl::string_view hint);
// Empty if there is none.
std::string HintOf(const absl::Status& status);

// The error of a failed system call on `path`; `error` is its errno. Carries a hint.
absl::Status FileError(int error, absl::string_view path);
// True if the reader of our standard output has closed it, as in `roicast ... | head`. Nothing is printed then.
bool IsReaderGone(const absl::Status& status);

}  // namespace roicast::client
