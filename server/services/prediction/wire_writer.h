// Writes protobuf's wire format (encoding: protobuf.dev/programming-guides/encoding) where building a message first
// would cost more than its content. Field numbers are those of roicast/v1/prediction.proto; tests parse the result.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

class WireWriter {
 public:
  // Appends to `out`, which has to outlive the writer.
  explicit WireWriter(std::string* out) : out_(*out) {}

  void Varint(uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  void Int64Field(int field, int64_t value) {
    Varint(static_cast<uint64_t>(field) << 3);
    Varint(static_cast<uint64_t>(value));
  }
  void FloatField(int field, float value) {
    Varint(static_cast<uint64_t>(field) << 3 | 5);
    char bytes[sizeof(value)];
    std::memcpy(bytes, &value, sizeof(value));  // Little-endian, as the format and every x86-64 are.
    out_.append(bytes, sizeof(bytes));
  }
  // A string, bytes or a message that is encoded already.
  void BytesField(int field, absl::string_view bytes) {
    LengthPrefix(field, bytes.size());
    out_.append(bytes.data(), bytes.size());
  }
  void PackedFloatsField(int field, absl::Span<const float> values) {
    BytesField(field, absl::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
  }
  // What follows next, of that many bytes, is the field's content.
  void LengthPrefix(int field, size_t size) {
    Varint(static_cast<uint64_t>(field) << 3 | 2);
    Varint(size);
  }

 private:
  std::string& out_;
};

}  // namespace roicast
