// Reads protobuf's wire format (encoding: protobuf.dev/programming-guides/encoding) from bytes in one piece, without
// copying: the counterpart of WireWriter, for requests so small that building a message would cost more than the
// answer.
#pragma once

#include <google/protobuf/wire_format_lite.h>

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace roicast {

// All methods return false, and leave the position anywhere, if the bytes are not what they read.
class WireReader {
 public:
  // `bytes` have to outlive the reader and all that it returned.
  explicit WireReader(absl::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }

  bool Varint(uint64_t* out) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const uint64_t byte = static_cast<uint8_t>(*at_++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        *out = value;
        return true;
      }
    }
    return false;
  }
  // False, too, for tags of more than two bytes: no field of these requests has one.
  bool Tag(uint32_t* out) {
    const char* const begin = at_;
    uint64_t value = 0;
    if (!Varint(&value) || at_ - begin > 2) return false;
    *out = static_cast<uint32_t>(value);
    return true;
  }
  bool Int64(int64_t* out) {
    uint64_t value = 0;
    if (!Varint(&value)) return false;
    *out = static_cast<int64_t>(value);
    return true;
  }
  bool Double(double* out) {
    if (static_cast<size_t>(end_ - at_) < sizeof(*out)) return false;
    std::memcpy(out, at_, sizeof(*out));  // Little-endian, as the format and every x86-64 are.
    at_ += sizeof(*out);
    return true;
  }
  // Bytes, a packed field or a message. False, too, if the size takes more than five bytes.
  bool Bytes(absl::string_view* out) {
    const char* const begin = at_;
    uint64_t size = 0;
    if (!Varint(&size) || at_ - begin > 5 || size > static_cast<size_t>(end_ - at_)) return false;
    *out = absl::string_view(at_, static_cast<size_t>(size));
    at_ += size;
    return true;
  }
  // The value of a field that nobody reads. False, too, for groups, and for fields without a number, which there are
  // not.
  bool Skip(uint32_t tag) {
    uint64_t number = 0;
    absl::string_view bytes;
    switch (tag >> 3 == 0 ? kNoField : tag & 7) {
      case 0:
        return Varint(&number);
      case 1:
        return Advance(8);
      case 2:
        return Bytes(&bytes);
      case 5:
        return Advance(4);
      default:
        return false;
    }
  }
  // False, too, if the text is not UTF-8.
  bool String(absl::string_view* out) { return Bytes(out) && (IsAscii(*out) || IsUtf8(*out)); }

 private:
  static constexpr uint32_t kNoField = 8;

  bool Advance(size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes) return false;
    at_ += bytes;
    return true;
  }
  static bool IsAscii(absl::string_view text) {
    // Names and words are short: eight bytes at a time beat a loop that is made for long texts.
    uint64_t all = 0;
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= sizeof(all); left -= sizeof(all), at += sizeof(all)) {
      uint64_t eight = 0;
      std::memcpy(&eight, at, sizeof(eight));
      all |= eight;
    }
    for (; left > 0; --left) all |= static_cast<uint8_t>(*at++);
    return (all & 0x8080808080808080) == 0;
  }
  static bool IsUtf8(absl::string_view text) {
    using google::protobuf::internal::WireFormatLite;
    return WireFormatLite::VerifyUtf8String(text.data(), static_cast<int>(text.size()), WireFormatLite::PARSE, nullptr);
  }

  const char* at_;
  const char* end_;
};

}  // namespace roicast
