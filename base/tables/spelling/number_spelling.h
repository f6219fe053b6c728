// What a cell that may be a number consists of, before it is known how its column writes numbers.
#pragma once

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "base/tables/spelling/digit_class.h"

namespace roicast {

struct NumberSpelling {
  NumberSpelling() = default;
  NumberSpelling(const NumberSpelling&) = delete;  // it points into itself
  NumberSpelling& operator=(const NumberSpelling&) = delete;

  DigitClass digits = DigitClass::kNone;
  bool negative = false;
  bool bracketed = false;
  bool minus_behind = false;
  bool percent = false;
  // Of a K, M, B or the like. A lower-case m may also be metres or minutes.
  bool multiplied = false;
  bool small_m = false;
  // Whether the cell is ="…".
  bool formula = false;
  // More than one digit, the first of them 0, and no separator.
  bool leading_zero = false;
  // Of the whole part.
  int whole_digits = 0;
  // The power of ten by which the affixes multiply the value: −2 of a %, 3 of a K.
  int exponent = 0;
  absl::string_view currency;
  // What else stands behind the number, or before it; at most 24 bytes, empty if nothing.
  absl::string_view unit_word;
  bool word_before = false;
  // Whether the cell is a dash with a currency, as spreadsheets write an amount of 0.
  bool dash_for_zero = false;
  // Whether a triangle stands before the number, as Japanese accounts write what is negative.
  bool triangle = false;
  // Digits, separators (blanks as ' ', apostrophes as '\'') and an exponent, in ASCII. 116.- is 116.0.
  absl::string_view body;

  // In bytes; longer cells are no numbers.
  static constexpr size_t kLongestCell = 96;
  std::array<char, kLongestCell> text;
};

// Fills the spelling; false if the cell is no number in any form. The views of the result point into it and into static
// memory.
bool SpellNumber(absl::string_view cell, NumberSpelling* spelling);

// Whether two unit words are the same but for their number: day and days, Tag and Tage; without case.
bool SameUnitWord(absl::string_view a, absl::string_view b);

}  // namespace roicast
