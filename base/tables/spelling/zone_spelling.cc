#include "base/tables/spelling/zone_spelling.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/tables/cell_text.h"

namespace roicast {
namespace {

// 0 to 99; -1 for what does not begin with two digits.
int TakeTwoDigits(absl::string_view& text) {
  const auto digit = [&text](size_t i) { return absl::ascii_isdigit(static_cast<unsigned char>(text[i])); };
  if (text.size() < 2 || !digit(0) || !digit(1)) return -1;
  const int value = (text[0] - '0') * 10 + (text[1] - '0');
  text.remove_prefix(2);
  return value;
}

}  // namespace

std::optional<Zone> ParseZone(absl::string_view text) {
  if (text == "Z" || text == "z" || text == "UTC" || text == "GMT") return Zone();
  const bool east = absl::ConsumePrefix(&text, "+");
  if (!east && !absl::ConsumePrefix(&text, "-")) return std::nullopt;
  const int hours = TakeTwoDigits(text);
  int minutes = 0;
  if (!text.empty()) {
    absl::ConsumePrefix(&text, ":");
    minutes = TakeTwoDigits(text);
  }
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  return Zone{(east ? 1 : -1) * (hours * 60 + minutes)};
}

std::optional<Zone> ZoneOfTime(absl::string_view cell) {
  constexpr size_t kShortest = 11;
  cell = TrimCell(cell);
  if (cell.size() < kShortest) return std::nullopt;
  const char last = cell.back();
  if (last == 'Z' || last == 'z') return Zone();
  if (absl::EndsWith(cell, "UTC") || absl::EndsWith(cell, "GMT")) return Zone();
  const size_t sign = cell.find_last_of("+-");
  if (sign == absl::string_view::npos) return std::nullopt;
  // In 17-05-2024 and "2024-05-17 10:15 - 2024-05-31", no time of day stands before it.
  const absl::string_view before = absl::StripTrailingAsciiWhitespace(cell.substr(0, sign));
  const size_t mark = before.find_last_of(":-/");
  const bool behind_time = (mark != absl::string_view::npos && before[mark] == ':') ||
                           (before.size() > 3 && before[before.size() - 3] == '.');
  return behind_time ? ParseZone(cell.substr(sign)) : std::nullopt;
}

}  // namespace roicast
