// How the numbers of a column are written. All functions are thread-safe.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

enum class Grouping {
  kNone,
  kComma,  // 1,234,567 and the Indian 12,34,567
  kDot,
  kBlank,       // space, no-break space, narrow no-break space, thin space
  kApostrophe,  // ' and ’
};

struct NumberForm {
  // '.' or ','.
  char decimal_mark = '.';
  // Not the decimal mark.
  Grouping grouping = Grouping::kNone;
  // A value is multiplied by it.
  double scale = 1.0;
  // The word that may stand behind every number, or before it, such as "days"; its singular and plural are understood.
  // Empty: none.
  std::string unit_word = "";

  friend bool operator==(const NumberForm&, const NumberForm&) = default;
};

// The value of a cell that is a finite number in this form. Nullopt for anything else, also for numbers whose groups
// are not of three digits (or of two before the last three) and for those out of the range of double. Understood in
// every form are: currency signs and codes before or behind; per cent, 3.1% being 0.031, and per mille; brackets around
// what is negative, ▲ before it, U+2212 and a minus behind; 1.2K, 3.4M, 2.1B, Mio., Mrd., тыс., 万, 亿, lakh, crore
// (ScaleOfWord); the digits of all scripts; 116.- and 116/-, which are whole; a dash with a currency, which is 0;
// exponents; the wrapping of a text formula, ="12". Marks that cannot be seen are ignored. The value is the double nearest to the decimal number.
std::optional<double> ParseNumber(absl::string_view cell, const NumberForm& form);

// A number such as 12, -0.5 or +1e-3 and nothing else: as std::from_chars, and a leading plus.
std::optional<double> ParsePlainNumber(absl::string_view cell);

}  // namespace roicast
