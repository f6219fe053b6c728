// How much memory a protobuf message takes once it is parsed: two bytes on the wire may become an object of hundreds.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace roicast {

// An upper bound, in bytes, within a small factor of what parsing allocates; a few nanoseconds for each field that
// repeats. Bytes that are no message of the prototype's type count up to where they break. Thread-safe.
uint64_t ParsedBytes(const google::protobuf::Message& prototype, absl::string_view wire);

}  // namespace roicast
