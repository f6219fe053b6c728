// The cells that mean "no value".
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Compared case-insensitively after trimming. Immutable, thread-safe.
class MissingSpellings {
 public:
  // NA, N/A, null, none, nan, (null), [NULL], \N, and a lone dot or dashes: ., -, --, —, –.
  MissingSpellings();
  // Only these and a lone dot or dashes; if empty, the default ones.
  explicit MissingSpellings(absl::Span<const std::string> spellings);

  // Also true of empty cells, of dashes alone and of a spreadsheet's errors such as #DIV/0! or #N/A, whichever
  // spellings are given.
  bool Matches(absl::string_view cell) const;
  // In a column of numbers. Also true of bounds such as "< 10%" or ">90".
  bool MatchesNumber(absl::string_view cell) const;
  // Whether a spelling has a digit, such as -999: else no plain number is missing.
  bool AnyWithDigits() const;
  // Whether someone has named the spellings, so that none of them is a word that only looks like one.
  bool given() const { return given_; }

 private:
  bool given_;
  std::vector<std::string> lower_case_;
  size_t longest_ = 0;
};

inline bool IsMissing(absl::string_view cell, const MissingSpellings& spellings) { return spellings.Matches(cell); }

}  // namespace roicast
