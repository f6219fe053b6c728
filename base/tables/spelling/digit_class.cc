#include "base/tables/spelling/digit_class.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace roicast {
namespace {

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// The digits before the exponent; nullopt-like empty view if the exponent is malformed.
absl::string_view WithoutExponent(absl::string_view body, bool* has_exponent) {
  const size_t e = body.find_first_of("eE");
  *has_exponent = e != absl::string_view::npos;
  if (!*has_exponent) return body;
  absl::string_view exponent = body.substr(e + 1);
  if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) exponent.remove_prefix(1);
  if (exponent.empty() || !std::all_of(exponent.begin(), exponent.end(), IsDigit)) return "";
  return body.substr(0, e);
}

// Groups of digits and the separators between them.
struct Groups {
  static constexpr int kMost = 16;
  std::array<int, kMost> sizes{};
  std::array<char, kMost> separators{};  // [i] stands behind group i
  int count = 1;

  bool Split(absl::string_view digits) {
    for (const char c : digits) {
      if (IsDigit(c)) {
        ++sizes[count - 1];
      } else if ((c == '.' || c == ',' || c == ' ' || c == '\'') && count < kMost) {
        separators[count - 1] = c;
        ++count;
      } else {
        return false;
      }
    }
    return true;
  }

  // Whether the first n groups are thousands with one separator between them.
  bool Thousands(int n, bool leading_zero) const {
    if (n < 2 || leading_zero || sizes[0] < 1 || sizes[0] > 3 || sizes[n - 1] != 3) return false;
    for (int i = 1; i + 1 < n; ++i) {
      if (separators[i] != separators[0]) return false;
    }
    const auto middle = [this, n](int size) {
      return std::all_of(sizes.begin() + 1, sizes.begin() + n - 1, [size](int group) { return group == size; });
    };
    return middle(3) || (separators[0] == ',' && sizes[0] <= 2 && middle(2));
  }
};

DigitClass OneSeparator(const Groups& groups, bool leading_zero, bool has_exponent) {
  const char separator = groups.separators[0];
  if (groups.sizes[0] + groups.sizes[1] == 0) return DigitClass::kNone;
  const bool thousands = !has_exponent && groups.Thousands(2, leading_zero);
  switch (separator) {
    case '.':
      return thousands ? DigitClass::kDotEither : DigitClass::kDotDecimal;
    case ',':
      if (groups.sizes[1] == 0) return DigitClass::kNone;
      return thousands ? DigitClass::kCommaEither : DigitClass::kCommaDecimal;
    case ' ':
      return thousands ? DigitClass::kBlankGroups : DigitClass::kNone;
    default:
      return thousands ? DigitClass::kApostropheGroups : DigitClass::kNone;
  }
}

DigitClass SeveralSeparators(const Groups& groups, bool leading_zero) {
  const char first = groups.separators[0];
  const char last = groups.separators[groups.count - 2];
  if (first == last) {
    if (!groups.Thousands(groups.count, leading_zero)) return DigitClass::kNone;
    if (first == '.') return DigitClass::kDotGroups;
    if (first == ',') return DigitClass::kCommaGroups;
    return first == ' ' ? DigitClass::kBlankGroups : DigitClass::kApostropheGroups;
  }
  if (groups.sizes[groups.count - 1] == 0 || !groups.Thousands(groups.count - 1, leading_zero))
    return DigitClass::kNone;
  if (last == '.') {
    if (first == ',') return DigitClass::kCommaGroupsDotDecimal;
    return first == ' ' ? DigitClass::kBlankGroupsDotDecimal : DigitClass::kApostropheGroupsDotDecimal;
  }
  if (last == ',') {
    if (first == '.') return DigitClass::kDotGroupsCommaDecimal;
    return first == ' ' ? DigitClass::kBlankGroupsCommaDecimal : DigitClass::kApostropheGroupsCommaDecimal;
  }
  return DigitClass::kNone;
}

}  // namespace

bool Readable(DigitClass digits, char decimal_mark, Grouping grouping) {
  const bool dot = decimal_mark == '.';
  switch (digits) {
    case DigitClass::kNone:
      return false;
    case DigitClass::kInteger:
      return true;
    case DigitClass::kDotDecimal:
      return dot;
    case DigitClass::kCommaDecimal:
      return !dot;
    case DigitClass::kDotEither:
      return dot || grouping == Grouping::kDot;
    case DigitClass::kCommaEither:
      return !dot || grouping == Grouping::kComma;
    case DigitClass::kDotGroups:
    case DigitClass::kDotGroupsCommaDecimal:
      return !dot && grouping == Grouping::kDot;
    case DigitClass::kCommaGroups:
    case DigitClass::kCommaGroupsDotDecimal:
      return dot && grouping == Grouping::kComma;
    case DigitClass::kBlankGroups:
      return grouping == Grouping::kBlank;
    case DigitClass::kBlankGroupsDotDecimal:
      return grouping == Grouping::kBlank && dot;
    case DigitClass::kBlankGroupsCommaDecimal:
      return grouping == Grouping::kBlank && !dot;
    case DigitClass::kApostropheGroups:
      return grouping == Grouping::kApostrophe;
    case DigitClass::kApostropheGroupsDotDecimal:
      return grouping == Grouping::kApostrophe && dot;
    case DigitClass::kApostropheGroupsCommaDecimal:
      return grouping == Grouping::kApostrophe && !dot;
  }
  return false;
}

ClassifiedDigits ClassifyDigits(absl::string_view body) {
  bool has_exponent = false;
  const absl::string_view digits = WithoutExponent(body, &has_exponent);
  Groups groups;
  if (digits.empty() || !groups.Split(digits)) return {};
  const bool zero_first = digits[0] == '0';
  ClassifiedDigits result;
  if (groups.count == 1) {
    result.digits = DigitClass::kInteger;
    result.whole_digits = groups.sizes[0];
    result.leading_zero = zero_first && groups.sizes[0] > 1 && !has_exponent;
  } else if (groups.count == 2) {
    result.digits = OneSeparator(groups, zero_first, has_exponent);
    result.whole_digits = groups.sizes[0];
  } else if (!has_exponent) {
    result.digits = SeveralSeparators(groups, zero_first);
    for (int i = 0; i + 1 < groups.count; ++i) result.whole_digits += groups.sizes[i];
  }
  return result;
}

}  // namespace roicast
