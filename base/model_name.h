// The rule for model names.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// For messages, behind "expected ".
inline constexpr char kModelNameRule[] = "1 to 64 of a-z, 0-9, _ and -, starting with a letter";

bool IsModelName(absl::string_view name);

// InvalidArgument: names `field` and quotes at most 64 bytes of the name.
absl::Status ValidateModelName(absl::string_view name, absl::string_view field = "model");

}  // namespace roicast
