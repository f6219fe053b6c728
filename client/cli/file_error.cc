#include "client/cli/file_error.h"

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace roicast::client {
namespace {

constexpr char kHintPayload[] = "roicast/hint";
constexpr char kReaderGonePayload[] = "roicast/reader-gone";

absl::string_view HintFor(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "check the path; relative paths start at the current directory";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose another location, or ask for access (ls -l shows the permissions)";
    case ENOSPC:
    case EDQUOT:
      return "free some space, or choose a file on another disk";
    default:
      return "";
  }
}

}  // namespace

absl::Status WithHint(absl::Status status, absl::string_view hint) {
  if (!hint.empty()) status.SetPayload(kHintPayload, absl::Cord(hint));
  return status;
}

std::string HintOf(const absl::Status& status) {
  const auto hint = status.GetPayload(kHintPayload);
  return hint ? std::string(*hint) : std::string();
}

absl::Status FileError(int error, absl::string_view path) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  absl::Status status(absl::ErrnoToStatusCode(error), message);
  if (error == EPIPE) {
    status = absl::FailedPreconditionError(message);
    status.SetPayload(kReaderGonePayload, absl::Cord());
  }
  return WithHint(status, HintFor(error));
}

bool IsReaderGone(const absl::Status& status) { return status.GetPayload(kReaderGonePayload).has_value(); }

}  // namespace roicast::client
