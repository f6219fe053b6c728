#include "base/tables/shape/lines.h"

#include <algorithm>

namespace roicast {

absl::string_view TakeLine(absl::string_view& text) {
  const size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const absl::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  if (!text.empty()) text.remove_prefix(text.substr(0, 2) == "\r\n" ? 2 : 1);
  return line;
}

std::optional<size_t> LineBegin(absl::string_view text, int64_t line) {
  const size_t size = text.size();
  for (int64_t i = 1; i < line; ++i) {
    if (text.empty()) return std::nullopt;
    TakeLine(text);
  }
  if (line > 1 && text.empty()) return std::nullopt;
  return size - text.size();
}

LineEnd UsualLineEnd(absl::string_view text) {
  int64_t counts[3] = {0, 0, 0};
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ++counts[0];
    if (text[i] != '\r') continue;
    const bool pair = i + 1 < text.size() && text[i + 1] == '\n';
    ++counts[pair ? 1 : 2];
    i += pair ? 1 : 0;
  }
  if (counts[1] > counts[0] && counts[1] >= counts[2]) return LineEnd::kCrLf;
  return counts[2] > counts[0] ? LineEnd::kCr : LineEnd::kLf;
}

}  // namespace roicast
