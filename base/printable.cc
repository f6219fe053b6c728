#include "base/printable.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/utf8.h"

namespace roicast {
namespace {

// Only valid sequences come here.
uint32_t CodePoint(absl::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  switch (bytes.size()) {
    case 1:
      return at(0);
    case 2:
      return (at(0) & 0x1F) << 6 | (at(1) & 0x3F);
    case 3:
      return (at(0) & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F);
    default:
      return (at(0) & 0x07) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F);
  }
}

// Line breaks and directions beyond ASCII, and characters without a glyph (Unicode 15, general categories Cc, Cf, Zl
// and Zp as far as they occur in exports). The joiners U+200C and U+200D stay: words of some languages need them.
bool IsHidden(uint32_t code) {
  const auto within = [code](uint32_t first, uint32_t last) { return code >= first && code <= last; };
  return within(0x80, 0x9F) || code == 0xAD || code == 0x061C || code == 0x180E || code == 0x200B ||
         within(0x200E, 0x200F) || within(0x2028, 0x202E) || within(0x2060, 0x206F) || code == 0xFEFF ||
         within(0xFFF9, 0xFFFB) || within(0xE0000, 0xE007F);
}

size_t SizeOfCharacter(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

void AppendControl(unsigned char code, std::string* out) {
  if (code == '\t' || code == '\n' || code == '\r') {
    *out += ' ';
  } else {
    // The symbols of U+2400 to U+241F, and U+2421, begin with the same two bytes.
    *out += "\xE2\x90";
    *out += static_cast<char>(0x80 + (code == 0x7F ? 0x21 : code));
  }
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const size_t size = SizeOfCharacter(first);
    if (first < 0x20 || first == 0x7F) {
      AppendControl(first, &shown);
    } else if (first < 0x80) {
      shown += text[0];
    } else if (size > text.size() || ValidUtf8Prefix(text.substr(0, size)) != size) {
      shown += "\uFFFD";
      text.remove_prefix(1);
      continue;
    } else if (const uint32_t code = CodePoint(text.substr(0, size)); IsHidden(code)) {
      absl::StrAppend(&shown, absl::StrFormat("<U+%04X>", code));
    } else {
      absl::StrAppend(&shown, text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return shown;
}

std::string PrintableLines(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, '\n'), "\n",
                       [](std::string* out, absl::string_view line) { absl::StrAppend(out, Printable(line)); });
}

}  // namespace roicast
