// Where records of TLS end, in bytes as they come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace roicast {

// A record has a header of five bytes, of which the last two say how many follow it (RFC 8446, section 5.1).
// Not thread-safe.
class RecordEdge {
 public:
  // Takes the next bytes. Whether a record ended in them.
  bool Take(absl::string_view bytes) {
    bool ended = false;
    while (!bytes.empty()) {
      if (header_bytes_ < kHeaderBytes) {
        left_ = static_cast<uint16_t>(left_ << 8 | static_cast<uint8_t>(bytes.front()));
        ++header_bytes_;
        bytes.remove_prefix(1);
      } else {
        const size_t count = std::min(bytes.size(), size_t{left_});
        left_ = static_cast<uint16_t>(left_ - count);
        bytes.remove_prefix(count);
      }
      if (header_bytes_ == kHeaderBytes && left_ == 0) {
        header_bytes_ = 0;
        ended = true;
      }
    }
    return ended;
  }
  // A record has begun that has not ended.
  bool inside() const { return header_bytes_ > 0; }

 private:
  static constexpr uint8_t kHeaderBytes = 5;
  uint8_t header_bytes_ = 0;
  // Of the body, once the header is there; until then, the last two bytes of it.
  uint16_t left_ = 0;
};

}  // namespace roicast
