// Decodes packed varints (encoding: protobuf.dev/programming-guides/encoding, "Base 128 Varints") in bulk.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace roicast {

// How many varints end in `bytes`.
size_t CountVarints(absl::Span<const uint8_t> bytes);

// Decode the varints of `bytes` to `out` [CountVarints(bytes)]. False: a varint is longer than 10 bytes, or the bytes
// end within one.
bool DecodeSint32(absl::Span<const uint8_t> bytes, absl::Span<int32_t> out);
bool DecodeInt64(absl::Span<const uint8_t> bytes, absl::Span<int64_t> out);

}  // namespace roicast
