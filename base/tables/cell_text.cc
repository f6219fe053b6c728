#include "base/tables/cell_text.h"

#include <cstddef>

#include "absl/strings/match.h"

namespace roicast {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Whether the three bytes are a character that shows nothing: a zero-width space, a mark of the writing direction, or a
// byte order mark.
bool IsInvisible(const char* text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) == 0xEF) return byte(1) == 0xBB && byte(2) == 0xBF;
  if (byte(0) != 0xE2) return false;
  if (byte(1) == 0x80) return (byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xAA && byte(2) <= 0xAE);
  return byte(1) == 0x81 && byte(2) >= 0xA0 && byte(2) <= 0xA9;
}

// The bytes of the blank or invisible character with which the text begins; 0: none.
size_t BlankAtStart(absl::string_view text) {
  if (IsBlank(text.front())) return 1;
  if (static_cast<unsigned char>(text.front()) < 0x80) return 0;
  if (absl::StartsWith(text, "\xC2\xA0")) return 2;
  return text.size() >= 3 && IsInvisible(text.data()) ? 3 : 0;
}

size_t BlankAtEnd(absl::string_view text) {
  if (IsBlank(text.back())) return 1;
  if (static_cast<unsigned char>(text.back()) < 0x80) return 0;
  if (absl::EndsWith(text, "\xC2\xA0")) return 2;
  return text.size() >= 3 && IsInvisible(text.data() + text.size() - 3) ? 3 : 0;
}

}  // namespace

absl::string_view TrimCell(absl::string_view cell) {
  while (!cell.empty()) {
    const size_t size = BlankAtStart(cell);
    if (size == 0) break;
    cell.remove_prefix(size);
  }
  while (!cell.empty()) {
    const size_t size = BlankAtEnd(cell);
    if (size == 0) break;
    cell.remove_suffix(size);
  }
  return cell;
}

absl::string_view CellText(absl::string_view cell) {
  cell = TrimCell(cell);
  if (cell.size() >= 3 && cell[0] == '=' && cell[1] == '"' && cell.back() == '"') {
    return TrimCell(cell.substr(2, cell.size() - 3));
  }
  return cell;
}

}  // namespace roicast
