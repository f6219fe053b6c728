// What a model may be called.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// 1 to 64 of [a-z0-9_-], starting with a letter. InvalidArgument: the message quotes at most 64 bytes of the name.
absl::Status ValidateModelName(absl::string_view name);

}  // namespace roicast
