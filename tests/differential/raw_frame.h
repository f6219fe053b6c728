// A frame of HTTP/2 (RFC 9113, section 4.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

struct RawFrame {
  uint8_t type = 0;
  uint8_t flags = 0;
  // 0: of the connection.
  int32_t stream = 0;
  std::string payload;

  bool has(uint8_t flag) const { return (flags & flag) != 0; }
  std::string Bytes() const;
  // Such as "DATA:3(17 bytes, END_STREAM)".
  std::string ToString() const;
};

// Takes a frame from the front of `bytes`; nullopt: it is not complete.
std::optional<RawFrame> TakeFrame(absl::string_view* bytes);

// Big-endian numbers, as payloads have them.
std::string Number32(uint32_t number);
uint32_t ReadNumber(absl::string_view bytes);

}  // namespace roicast
