// Messages on their way to a client, in gRPC's frames and one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// The five bytes in front of a message.
inline void WritePrefix(bool compressed, size_t size, char* to) {
  to[0] = compressed ? 1 : 0;
  to[1] = static_cast<char>(size >> 24);
  to[2] = static_cast<char>(size >> 16);
  to[3] = static_cast<char>(size >> 8);
  to[4] = static_cast<char>(size);
}

// Not thread-safe.
class AnswerQueue {
 public:
  // The message is `head` and then `body`.
  void Add(absl::string_view head, absl::string_view body = {}, bool compressed = false) {
    char prefix[5];
    WritePrefix(compressed, head.size() + body.size(), prefix);
    bytes_.append(prefix, sizeof(prefix));
    bytes_.append(head.data(), head.size());
    bytes_.append(body.data(), body.size());
  }
  // Takes up to `room` bytes; returns how many.
  size_t Read(char* to, size_t room) {
    const size_t part = std::min(room, size());
    std::memcpy(to, bytes_.data() + begin_, part);
    begin_ += part;
    if (begin_ == bytes_.size()) {
      Clear();
    } else if (begin_ >= kMoveBytes) {
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
    return part;
  }
  size_t size() const { return bytes_.size() - begin_; }
  bool empty() const { return size() == 0; }
  void Clear() {
    bytes_.clear();
    begin_ = 0;
    if (bytes_.capacity() > kKeepBytes) std::string().swap(bytes_);
  }

 private:
  static constexpr size_t kKeepBytes = size_t{64} << 10;
  static constexpr size_t kMoveBytes = size_t{1} << 20;
  std::string bytes_;
  size_t begin_ = 0;
};

}  // namespace roicast
