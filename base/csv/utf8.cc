#include "base/csv/utf8.h"

#include <cstdint>
#include <cstring>

namespace roicast {
namespace {

// Length of the character that begins at `at`, of which `left` ≥ 1 bytes are there; 0 where there is none. RFC 3629, 4.
size_t CharacterLength(const unsigned char* at, size_t left) {
  const unsigned char first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (left < length) return 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (at[i] < 0x80 || at[i] > 0xBF) return 0;
  }
  return length;
}

}  // namespace

size_t ValidUtf8Prefix(absl::string_view text) {
  const unsigned char* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= sizeof(uint64_t)) {
      uint64_t word;
      std::memcpy(&word, bytes + i, sizeof(word));
      if ((word & 0x8080808080808080U) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    const size_t length = CharacterLength(bytes + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
  return i;
}

}  // namespace roicast
