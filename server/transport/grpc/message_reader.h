// The messages of a gRPC request: each has a prefix of five bytes, one that says whether it is compressed and four of
// its length, and may arrive in any pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast {

// How large a message may be, as it comes and inflated; ≥ 1.
struct MessageLimit {
  size_t bytes;
  // For errors: a literal.
  absl::string_view name = "request bytes";
};

// Not thread-safe.
class MessageReader {
 public:
  // Prepares for a new request. gzip: compressed messages are gzip's; otherwise there must be none.
  void Begin(const MessageLimit& limit, bool gzip);

  // Takes bytes from the front of `bytes` until a message is complete or there are none left. True: message() is
  // complete. Errors: ResourceExhausted (RequestTooLarge, as soon as the length is known), Internal (compressed, but
  // nobody said how). After an error nothing more can be read.
  absl::StatusOr<bool> Read(absl::string_view* bytes);

  // After ResourceExhausted: the message that is too large is passed over, and those behind it can be read.
  void Skip();

  // The complete message, which may be taken or changed. Until the next Read.
  std::string& message() { return message_; }
  // Whether message() came compressed: it is for others to inflate.
  bool is_compressed() const { return compressed_; }
  // A message has begun and is incomplete.
  bool in_message() const { return prefix_bytes_ > 0 || skip_ > 0; }
  // Of the incomplete message: bytes in memory.
  size_t held() const { return message_.size(); }

  // Gives back memory beyond some kilobytes.
  void Trim();

 private:
  MessageLimit limit_ = {.bytes = 0};
  bool gzip_ = false;
  bool compressed_ = false;
  unsigned char prefix_[5] = {};
  size_t prefix_bytes_ = 0;
  size_t length_ = 0;
  // Still to be passed over.
  size_t skip_ = 0;
  std::string message_;
};

// How large what gzip made `bytes` of was, as its last bytes say; InflateGzip makes no more than that. Errors: Internal
// (torn, or not gzip's: so few bytes cannot be so many).
absl::StatusOr<size_t> InflatedSize(absl::string_view bytes);
// What gzip made `bytes` of. Errors: ResourceExhausted (it is more than the limit; found before anything is inflated),
// Internal (torn, or not gzip's).
absl::StatusOr<std::string> InflateGzip(absl::string_view bytes, const MessageLimit& limit);
std::string DeflateGzip(absl::string_view bytes);

}  // namespace roicast
