#include "base/tables/spelling/letter_case.h"

#include <cstdint>

#include "absl/strings/ascii.h"

namespace roicast {
namespace {

// Of a code point from U+0080 to U+07FF.
uint32_t LowerCodePoint(uint32_t code) {
  if (code == 0x130) return 'i';
  if (code == 0x178) return 0xFF;
  const bool latin_1 = code >= 0xC0 && code <= 0xDE && code != 0xD7;
  const bool greek = code >= 0x391 && code <= 0x3A9;
  const bool cyrillic = code >= 0x410 && code <= 0x42F;
  if (latin_1 || greek || cyrillic) return code + 0x20;
  if (code >= 0x400 && code <= 0x40F) return code + 0x50;
  // Capitals and small letters alternate; where they begin with an even code point changes twice.
  const bool odd_capitals = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);
  const bool alternating = code >= 0x100 && code <= 0x17E && code != 0x138 && code != 0x149;
  if (alternating && (code % 2 == 1) == odd_capitals) return code + 1;
  return code;
}

}  // namespace

std::string LowerCase(absl::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0xC0 || byte >= 0xE0 || i + 1 == text.size()) {
      lower += absl::ascii_tolower(byte);
      continue;
    }
    const uint32_t code = LowerCodePoint((byte & 0x1FU) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3FU));
    if (code >= 0x80) {
      lower += static_cast<char>(0xC0U | code >> 6U);
      lower += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
      lower += static_cast<char>(code);
    }
  }
  return lower;
}

}  // namespace roicast
