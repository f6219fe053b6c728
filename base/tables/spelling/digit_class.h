// How the digits of a number are separated, before it is known which separator is the decimal mark. Thread-safe.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "base/tables/number_form.h"

namespace roicast {

// What separates the digits of a number. "Either" means that the only separator has exactly three digits behind it and
// one to three before it, the first of them no zero: it may be a decimal mark or separate thousands.
enum class DigitClass {
  kNone,  // no number in any form
  kInteger,
  kDotDecimal,
  kCommaDecimal,
  kDotEither,
  kCommaEither,
  kDotGroups,
  kCommaGroups,
  kCommaGroupsDotDecimal,
  kDotGroupsCommaDecimal,
  kBlankGroups,
  kBlankGroupsDotDecimal,
  kBlankGroupsCommaDecimal,
  kApostropheGroups,
  kApostropheGroupsDotDecimal,
  kApostropheGroupsCommaDecimal,
};
inline constexpr size_t kDigitClasses = 16;

// Whether numbers of this class are numbers in a form with this decimal mark and grouping.
bool Readable(DigitClass digits, char decimal_mark, Grouping grouping);

// Whether numbers of this class have a decimal mark for certain.
constexpr bool HasDecimals(DigitClass digits) {
  switch (digits) {
    case DigitClass::kDotDecimal:
    case DigitClass::kCommaDecimal:
    case DigitClass::kCommaGroupsDotDecimal:
    case DigitClass::kDotGroupsCommaDecimal:
    case DigitClass::kBlankGroupsDotDecimal:
    case DigitClass::kBlankGroupsCommaDecimal:
    case DigitClass::kApostropheGroupsDotDecimal:
    case DigitClass::kApostropheGroupsCommaDecimal:
      return true;
    default:
      return false;
  }
}

struct ClassifiedDigits {
  DigitClass digits = DigitClass::kNone;
  // Of the part before the decimal mark; of an "either" before the separator.
  int whole_digits = 0;
  // More than one digit, the first of them 0, and no separator.
  bool leading_zero = false;
};

// Of ASCII digits, dots, commas, spaces and apostrophes, with an exponent behind them or without. An exponent excludes
// separate thousands.
ClassifiedDigits ClassifyDigits(absl::string_view body);

}  // namespace roicast
