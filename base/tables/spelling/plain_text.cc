#include "base/tables/spelling/plain_text.h"

#include <algorithm>
#include <cstdint>

namespace roicast {
namespace {

// The zeros of Unicode's decimal digits of two and three bytes; the others follow them.
constexpr uint32_t kZeros[] = {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
                               0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10};

// Zero-width blanks, marks of writing directions, invisible operators, the byte order mark, the soft hyphen.
bool IsInvisible(uint32_t code) {
  return (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF || code == 0x00AD || code == 0x061C;
}

// The code point of two or three bytes with which the text begins; 0 for all others.
uint32_t CodePoint(absl::string_view text, size_t* length) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  *length = 1;
  if (byte(0) >= 0xC0 && byte(0) < 0xE0 && text.size() >= 2) {
    return *length = 2, (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
  }
  if (byte(0) >= 0xE0 && byte(0) < 0xF0 && text.size() >= 3) {
    return *length = 3, (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
  }
  return 0;
}

char Plain(uint32_t code) {
  if (IsInvisible(code)) return kInvisible;
  for (const uint32_t zero : kZeros) {
    if (code >= zero && code < zero + 10) return static_cast<char>('0' + (code - zero));
  }
  if (code >= 0x2000 && code <= 0x200A) return ' ';
  switch (code) {
    case 0x00A0:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return ' ';
    case 0x00B4:
    case 0x2018:
    case 0x2019:
    case 0x066C:
      return '\'';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2212:
    case 0xFE63:
    case 0xFF0D:
      return '-';
    case 0xFF0B:
      return '+';
    case 0x066A:
    case 0xFF05:
    case 0xFE6A:
      return '%';
    case 0xFF08:
      return '(';
    case 0xFF09:
      return ')';
    case 0x060C:
    case 0xFF0C:
      return ',';
    case 0x066B:
    case 0xFF0E:
      return '.';
    case 0xFF0F:
      return '/';
    case 0xFF1A:
      return ':';
    default:
      return kNoPlainCharacter;
  }
}

}  // namespace

char PlainCharacter(absl::string_view text, size_t* length) {
  if (static_cast<unsigned char>(text[0]) < 0x80) {
    *length = 1;
    if (text[0] == '\t') return ' ';
    return text[0] == '`' ? '\'' : text[0];
  }
  const char plain = Plain(CodePoint(text, length));
  if (plain == kNoPlainCharacter) *length = 1;
  return plain;
}

size_t WritePlainText(absl::string_view text, char* out) {
  size_t size = 0;
  while (!text.empty()) {
    size_t length = 1;
    const char plain = PlainCharacter(text, &length);
    if (plain != kInvisible) out[size++] = plain != kNoPlainCharacter ? plain : text[0];
    text.remove_prefix(std::min(length, text.size()));
  }
  return size;
}

}  // namespace roicast
