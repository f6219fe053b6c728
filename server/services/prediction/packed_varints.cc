#include "server/services/prediction/packed_varints.h"

#include <cstring>

namespace roicast {
namespace {

constexpr uint64_t kMore = 0x8080808080808080;  // Set in each byte that is not a varint's last.
constexpr int kMaxVarintBytes = 10;

inline int32_t ZigZag32(uint64_t value) {
  const uint32_t bits = static_cast<uint32_t>(value);
  return static_cast<int32_t>((bits >> 1) ^ (0U - (bits & 1)));
}

// The lowest 7 bits of each byte, side by side: 7 → 14 → 28 → 56.
inline uint64_t JoinSevens(uint64_t word) {
  word &= ~kMore;
  word = (word & 0x007f007f007f007f) | (word & 0x7f007f007f007f00) >> 1;
  word = (word & 0x00003fff00003fff) | (word & 0x3fff00003fff0000) >> 2;
  return (word & 0x000000000fffffff) | (word & 0x0fffffff00000000) >> 4;
}

// Reads one varint byte by byte; nullptr: it does not end within its ten bytes or before `end`.
const uint8_t* ReadSlowly(const uint8_t* in, const uint8_t* end, uint64_t* value) {
  *value = 0;
  for (int i = 0; i < kMaxVarintBytes && in != end; ++i) {
    const uint64_t byte = *in++;
    *value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return in;
  }
  return nullptr;
}

template <typename T, typename Convert>
bool Decode(absl::Span<const uint8_t> bytes, absl::Span<T> out, Convert convert) {
  if (!bytes.empty() && bytes.back() >= 0x80) return false;
  const uint8_t* in = bytes.data();
  const uint8_t* const end = in + bytes.size();
  T* to = out.data();
  T* const to_end = to + out.size();
  while (to != to_end) {
    uint64_t value = 0;
    if (end - in < 8) {
      in = ReadSlowly(in, end, &value);
      if (in == nullptr) return false;
      *to++ = convert(value);
      continue;
    }
    uint64_t word = 0;
    std::memcpy(&word, in, sizeof(word));
    const uint64_t last = ~word & kMore;
    if (last == kMore && to_end - to >= 8) {  // Eight of one byte each.
      for (int i = 0; i < 8; ++i) to[i] = convert(in[i]);
      to += 8;
      in += 8;
      continue;
    }
    if (last == 0) {  // Nine or ten bytes.
      in = ReadSlowly(in, end, &value);
      if (in == nullptr) return false;
      *to++ = convert(value);
      continue;
    }
    const int bits = __builtin_ctzll(last) + 1;  // 8 for each byte of it.
    *to++ = convert(JoinSevens(word & (~uint64_t{0} >> (64 - bits))));
    in += bits / 8;
  }
  return true;
}

}  // namespace

size_t CountVarints(absl::Span<const uint8_t> bytes) {
  size_t count = 0;
  for (const uint8_t byte : bytes) count += byte < 0x80 ? 1 : 0;
  return count;
}

bool DecodeSint32(absl::Span<const uint8_t> bytes, absl::Span<int32_t> out) {
  return Decode(bytes, out, [](uint64_t value) { return ZigZag32(value); });
}

bool DecodeInt64(absl::Span<const uint8_t> bytes, absl::Span<int64_t> out) {
  return Decode(bytes, out, [](uint64_t value) { return static_cast<int64_t>(value); });
}

}  // namespace roicast
