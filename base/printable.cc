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

// Calls hidden(code point) or plain(bytes) for each character; a byte that is not UTF-8 is U+FFFD.
template <typename Hidden, typename Plain>
void ForEachCharacter(absl::string_view text, Hidden hidden, Plain plain) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    size_t size = SizeOfCharacter(first);
    if (first < 0x80) {
      first < 0x20 || first == 0x7F ? hidden(uint32_t{first}) : plain(text.substr(0, 1));
    } else if (size > text.size() || ValidUtf8Prefix(text.substr(0, size)) != size) {
      plain("\uFFFD");
      size = 1;
    } else if (const uint32_t code = CodePoint(text.substr(0, size)); IsHidden(code)) {
      hidden(code);
    } else {
      plain(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  ForEachCharacter(
      text,
      [&shown](uint32_t code) {
        if (code < 0x80) {
          AppendControl(static_cast<unsigned char>(code), &shown);
        } else {
          absl::StrAppend(&shown, absl::StrFormat("<U+%04X>", code));
        }
      },
      [&shown](absl::string_view character) { shown.append(character.data(), character.size()); });
  return shown;
}

std::string PrintableJson(absl::string_view json) {
  std::string shown;
  shown.reserve(json.size());
  ForEachCharacter(
      json,
      [&shown](uint32_t code) {
        if (code == '\n' || code == '\t' || code == '\r') {
          // Between values: inside of strings JSON has them escaped already.
          shown += static_cast<char>(code);
        } else if (code > 0xFFFF) {
          const uint32_t rest = code - 0x10000;
          absl::StrAppend(&shown, absl::StrFormat("\\u%04x\\u%04x", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF)));
        } else {
          absl::StrAppend(&shown, absl::StrFormat("\\u%04x", code));
        }
      },
      [&shown](absl::string_view character) { shown.append(character.data(), character.size()); });
  return shown;
}

std::string PrintableLines(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, '\n'), "\n",
                       [](std::string* out, absl::string_view line) { absl::StrAppend(out, Printable(line)); });
}

}  // namespace roicast
