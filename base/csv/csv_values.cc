#include "base/csv/csv_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace roicast {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Consumes exactly `digits` decimal digits.
bool TakeNumber(absl::string_view& text, size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool Take(absl::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDate(absl::string_view& text, int64_t& days) {
  int year = 0, month = 0, day = 0;
  if (!TakeNumber(text, 4, year) || !Take(text, '-') || !TakeNumber(text, 2, month) || !Take(text, '-') ||
      !TakeNumber(text, 2, day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1900 || year > 2199 || !date.ok()) return false;
  days = std::chrono::sys_days(date).time_since_epoch().count();
  return true;
}

bool TakeTimeOfDay(absl::string_view& text, int64_t& seconds) {
  int hour = 0, minute = 0, second = 0;
  if (!TakeNumber(text, 2, hour) || !Take(text, ':') || !TakeNumber(text, 2, minute)) return false;
  if (Take(text, ':')) {
    if (!TakeNumber(text, 2, second)) return false;
    if (Take(text, '.')) {
      int digit = 0;
      if (!TakeNumber(text, 1, digit)) return false;
      while (TakeNumber(text, 1, digit)) {
      }
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  seconds = hour * 3600 + minute * 60 + second;
  return true;
}

// The zone's offset from UTC in seconds, positive to the east. Fails unless it consumes the whole text.
bool TakeZone(absl::string_view& text, int64_t& offset) {
  offset = 0;
  if (text.empty()) return true;
  if (Take(text, 'Z') || Take(text, 'z')) return text.empty();
  const bool east = text[0] == '+';
  if (!Take(text, '+') && !Take(text, '-')) return false;
  int hours = 0, minutes = 0;
  if (!TakeNumber(text, 2, hours)) return false;
  if (!text.empty()) {
    Take(text, ':');
    if (!TakeNumber(text, 2, minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  offset = (east ? 1 : -1) * (hours * 3600 + minutes * 60);
  return text.empty();
}

}  // namespace

absl::string_view TrimCell(absl::string_view cell) {
  while (!cell.empty() && IsSpace(cell.front())) cell.remove_prefix(1);
  while (!cell.empty() && IsSpace(cell.back())) cell.remove_suffix(1);
  return cell;
}

MissingSpellings::MissingSpellings() : MissingSpellings(absl::Span<const std::string>()) {}

MissingSpellings::MissingSpellings(absl::Span<const std::string> spellings) {
  if (spellings.empty()) {
    lower_case_ = {"na", "n/a", "#n/a", "null", "none", "nan"};
  } else {
    for (const std::string& spelling : spellings) {
      const absl::string_view trimmed = TrimCell(spelling);
      if (!trimmed.empty()) lower_case_.push_back(absl::AsciiStrToLower(trimmed));
    }
  }
  for (const std::string& spelling : lower_case_) longest_ = std::max(longest_, spelling.size());
}

bool MissingSpellings::Matches(absl::string_view cell) const {
  cell = TrimCell(cell);
  if (cell.empty()) return true;
  if (cell.size() > longest_) return false;
  return std::any_of(lower_case_.begin(), lower_case_.end(),
                     [cell](const std::string& spelling) { return absl::EqualsIgnoreCase(cell, spelling); });
}

std::optional<double> ParseNumber(absl::string_view cell) {
  cell = TrimCell(cell);
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double value = 0;
  const char* end = cell.data() + cell.size();
  const std::from_chars_result result = std::from_chars(cell.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseTime(absl::string_view cell) {
  cell = TrimCell(cell);
  int64_t days = 0, seconds = 0, offset = 0;
  if (!TakeDate(cell, days)) return std::nullopt;
  if (cell.empty()) return days * 86400;
  if (!Take(cell, 'T') && !Take(cell, 't') && !Take(cell, ' ')) return std::nullopt;
  if (!TakeTimeOfDay(cell, seconds) || !TakeZone(cell, offset)) return std::nullopt;
  return days * 86400 + seconds - offset;
}

void AppendTime(int64_t unix_seconds, std::string* out) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const int64_t second = (time - midnight).count();
  char text[] = "0000-00-00T00:00:00Z";
  const auto put = [&text](int position, int digits, int64_t value) {
    for (int i = position + digits - 1; i >= position; --i, value /= 10) text[i] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, second / 3600);
  put(14, 2, second / 60 % 60);
  put(17, 2, second % 60);
  out->append(text, sizeof(text) - 1);
}

std::string FormatTime(int64_t unix_seconds) {
  std::string text;
  AppendTime(unix_seconds, &text);
  return text;
}

}  // namespace roicast
