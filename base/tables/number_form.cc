#include "base/tables/number_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "base/tables/cell_text.h"
#include "base/tables/spelling/number_spelling.h"

namespace roicast {
namespace {

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
// Whole numbers of so many digits are below 2^53.
constexpr int kExactDigits = 15;

// The value of [-]digits[.digits] if both the digits as a whole number and the power of ten are exact doubles: their
// quotient is then rounded once, and so correct. Clinger, "How to read floating point numbers accurately" (1990).
inline bool ExactDecimal(const char* text, const char* end, char decimal_mark, double* value) {
  const bool negative = text != end && *text == '-';
  text += static_cast<int>(negative);
  if (end - text > kExactDigits + 1) return false;
  uint64_t digits = 0;
  const char* mark = nullptr;
  const char* start = text;
  for (; text != end; ++text) {
    const unsigned digit = static_cast<unsigned char>(*text) - unsigned{'0'};
    if (digit < 10) {
      digits = digits * 10 + digit;
    } else if (*text == decimal_mark && mark == nullptr) {
      mark = text;
    } else {
      return false;
    }
  }
  const auto written = end - start - (mark != nullptr ? 1 : 0);
  if (written == 0 || written > kExactDigits) return false;
  double result = static_cast<double>(digits);
  if (mark != nullptr) result /= kPowersOfTen[static_cast<size_t>(end - mark - 1)];
  *value = negative ? -result : result;
  return true;
}

// The character that separates thousands in most cells of the grouping; 0 for none of one byte.
char Separator(Grouping grouping) {
  switch (grouping) {
    case Grouping::kComma:
      return ',';
    case Grouping::kDot:
      return '.';
    case Grouping::kBlank:
      return ' ';
    case Grouping::kApostrophe:
      return '\'';
    case Grouping::kNone:
      break;
  }
  return 0;
}

// As ExactDecimal, with a separator between groups of three digits. Refuses more than it has to: the slow path reads
// the rest.
bool ExactGrouped(absl::string_view text, char separator, char decimal_mark, double* value) {
  const bool negative = !text.empty() && text[0] == '-';
  text.remove_prefix(negative ? 1 : 0);
  if (text.empty() || text[0] < '1' || text[0] > '9') return false;
  uint64_t digits = 0;
  int written = 0, group = 0, groups = 0;
  size_t at = 0;
  for (; at < text.size() && text[at] != decimal_mark; ++at) {
    const unsigned digit = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    if (digit < 10) {
      digits = digits * 10 + digit;
      ++written;
      ++group;
    } else if (text[at] == separator && (groups == 0 ? group <= 3 : group == 3)) {
      ++groups;
      group = 0;
    } else {
      return false;
    }
  }
  if (groups == 0 || group != 3) return false;
  const size_t decimals = at < text.size() ? text.size() - at - 1 : 0;
  if ((at < text.size() && decimals == 0) || written + static_cast<int64_t>(decimals) > kExactDigits) return false;
  for (++at; at < text.size(); ++at) {
    const unsigned digit = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    if (digit >= 10) return false;
    digits = digits * 10 + digit;
  }
  const double result = static_cast<double>(digits) / kPowersOfTen[decimals];
  *value = negative ? -result : result;
  return true;
}

std::optional<double> FromChars(absl::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// The digits of a body that is readable in the form, without its thousands and with a dot; then the exponent.
std::optional<double> BodyValue(const NumberSpelling& spelling, char decimal_mark) {
  std::array<char, NumberSpelling::kLongestCell + 16> text{};
  size_t size = 0;
  absl::string_view body = spelling.body;
  const size_t e = std::min(body.find_first_of("eE"), body.size());
  for (const char c : body.substr(0, e)) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      text[size++] = c;
    } else if (c == decimal_mark) {
      text[size++] = '.';
    }
  }
  int64_t exponent = spelling.exponent;
  if (e < body.size()) {
    body.remove_prefix(e + 1);
    if (body[0] == '+') body.remove_prefix(1);
    int64_t written = 0;
    if (std::from_chars(body.data(), body.data() + body.size(), written).ec != std::errc()) return std::nullopt;
    exponent += written;
  }
  text[size++] = 'e';
  size = static_cast<size_t>(std::to_chars(text.data() + size, text.data() + text.size(), exponent).ptr - text.data());
  return FromChars(absl::string_view(text.data(), size));
}

bool IsUnitWord(const NumberSpelling& spelling, const NumberForm& form) {
  return spelling.unit_word.empty() || (!form.unit_word.empty() && SameUnitWord(spelling.unit_word, form.unit_word));
}

// Kept apart so that the fast paths need no stack for a spelling.
[[gnu::noinline]] std::optional<double> ParseSpelledNumber(absl::string_view cell, const NumberForm& form) {
  NumberSpelling spelling;
  if (!SpellNumber(cell, &spelling)) {
    // Longer than any spelling with affixes.
    std::optional<double> value;
    if (form.decimal_mark == '.' && cell.size() > NumberSpelling::kLongestCell) value = ParsePlainNumber(cell);
    if (value.has_value()) *value *= form.scale;
    return value;
  }
  if (!Readable(spelling.digits, form.decimal_mark, form.grouping) || !IsUnitWord(spelling, form)) return std::nullopt;
  if (spelling.small_m && SameUnitWord(form.unit_word, "m")) spelling.exponent -= 6;
  const std::optional<double> value = BodyValue(spelling, form.decimal_mark);
  if (!value.has_value() || !std::isfinite(*value * form.scale)) return std::nullopt;
  return (spelling.negative ? -*value : *value) * form.scale;
}

}  // namespace

std::optional<double> ParsePlainNumber(absl::string_view cell) {
  cell = TrimCell(cell);
  double value = 0;
  if (ExactDecimal(cell.data(), cell.data() + cell.size(), '.', &value)) return value;
  return FromChars(cell);
}

std::optional<double> ParseNumber(absl::string_view cell, const NumberForm& form) {
  double exact = 0;
  if (ExactDecimal(cell.data(), cell.data() + cell.size(), form.decimal_mark, &exact)) return exact * form.scale;
  if (form.grouping != Grouping::kNone && ExactGrouped(cell, Separator(form.grouping), form.decimal_mark, &exact)) {
    return exact * form.scale;
  }
  return ParseSpelledNumber(cell, form);
}

}  // namespace roicast
