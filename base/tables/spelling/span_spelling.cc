#include "base/tables/spelling/span_spelling.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/tables/cell_text.h"

namespace roicast {
namespace {

constexpr absl::string_view kMarks[] = {" - ",  " – ",   " — ",     "–",         "—",    " ~ ",  "~",     "～",  "〜",
                                        " to ", " bis ", " until ", " through ", " au ", " al ", " até ", " a ", "至"};

size_t TakeRunOfDigits(absl::string_view& text) {
  size_t size = 0;
  while (size < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[size]))) ++size;
  text.remove_prefix(size);
  return size;
}

}  // namespace

std::optional<std::pair<absl::string_view, absl::string_view>> SplitRange(absl::string_view cell) {
  const auto split = [cell](size_t at, size_t size) {
    return std::make_pair(TrimCell(cell.substr(0, at)), TrimCell(cell.substr(at + size)));
  };
  for (const absl::string_view mark : kMarks) {
    const size_t at = cell.find(mark);
    if (at != absl::string_view::npos && at > 0 && at + mark.size() < cell.size()) return split(at, mark.size());
  }
  // Where dates have another separator between their parts.
  for (const char mark : {'-', '/'}) {
    if (std::count(cell.begin(), cell.end(), mark) != 1) continue;
    const size_t at = cell.find(mark);
    if (at > 0 && at + 1 < cell.size()) return split(at, 1);
  }
  return std::nullopt;
}

bool IsClockTime(absl::string_view cell) {
  constexpr size_t kMostHours = 5;
  const size_t hours = TakeRunOfDigits(cell);
  if (hours == 0 || hours > kMostHours) return false;
  for (int part = 0; part < 2; ++part) {
    if (!absl::ConsumePrefix(&cell, ":")) return part > 0 && absl::StripAsciiWhitespace(cell).empty();
    if (TakeRunOfDigits(cell) != 2) return false;
    const absl::string_view rest = absl::StripAsciiWhitespace(cell);
    if (absl::EqualsIgnoreCase(rest, "am") || absl::EqualsIgnoreCase(rest, "pm")) return true;
  }
  if (absl::ConsumePrefix(&cell, ".") && TakeRunOfDigits(cell) == 0) return false;
  return cell.empty();
}

}  // namespace roicast
