// A file or pipe in pieces for a streaming upload.
#pragma once

#include <istream>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// Hands the bytes of `in` to `take`, up to 1 MiB at a time, until the end or until `take` returns false. A read error
// leaves `in` bad().
void ForEachChunk(std::istream& in, absl::FunctionRef<bool(absl::string_view)> take);

}  // namespace roicast::client
