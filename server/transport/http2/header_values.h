// Headers as nghttp2 takes them.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>

#include "absl/strings/string_view.h"

namespace roicast {

// Both texts are literals.
inline nghttp2_nv StaticHeader(absl::string_view name, absl::string_view value) {
  const auto bytes = [](absl::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 does not write to them.
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}
// The name is a literal, and the value is copied.
inline nghttp2_nv CopiedHeader(absl::string_view name, absl::string_view value) {
  nghttp2_nv header = StaticHeader(name, value);
  header.flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
  return header;
}

}  // namespace roicast
