// How much memory a protobuf message takes once it is parsed: two bytes on the wire may become an object of hundreds.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace roicast {

// An upper bound, in bytes, within a small factor of what parsing allocates; a few nanoseconds for each field. Fields
// that the type does not have count, too: the library keeps them. Bytes that are no message of the prototype's type
// count up to where they break. Thread-safe.
//
// A message of kQuickParsedBytes is parsed in some 60 µs, which is how long others may be kept waiting by one.
inline constexpr uint64_t kQuickParsedBytes = uint64_t{64} << 10;
uint64_t ParsedBytes(const google::protobuf::Message& prototype, absl::string_view wire);

}  // namespace roicast
