#include "base/utf8.h"

#include <utf8.h>

#include <cstdint>
#include <cstring>

namespace roicast {

size_t ValidUtf8Prefix(absl::string_view text) {
  // Most cells are ASCII: skip eight bytes at a time up to the first word that is not.
  size_t ascii = 0;
  for (uint64_t word; ascii + sizeof(word) <= text.size(); ascii += sizeof(word)) {
    std::memcpy(&word, text.data() + ascii, sizeof(word));
    if ((word & 0x8080808080808080U) != 0) break;
  }
  const char* const end = text.data() + text.size();
  return static_cast<size_t>(utf8::find_invalid(text.data() + ascii, end) - text.data());
}

absl::string_view Utf8Start(absl::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t size = max_bytes;
  // Bytes of the form 10xxxxxx continue a character.
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace roicast
