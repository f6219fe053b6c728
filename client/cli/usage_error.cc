#include "client/cli/usage_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace roicast::client {
namespace {

constexpr char kUsagePayload[] = "roicast/usage";

}  // namespace

absl::Status UsageError(absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

absl::Status UnexpectedValue(absl::string_view flag, absl::string_view expected, absl::string_view got) {
  return UsageError(absl::StrCat(flag, ": expected ", expected, ", got \"", got, "\""));
}

absl::Status BlameFile(absl::Status status) {
  status.ErasePayload(kUsagePayload);
  return status;
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsagePayload).has_value(); }

}  // namespace roicast::client
