// The cells that mean "no value".
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// So many may be given; a spelling has at most so many bytes.
inline constexpr size_t kMaxMissingSpellings = 1000;
inline constexpr size_t kMaxMissingSpellingBytes = 200;

// Errors: INVALID_ARGUMENT `field: expected at most 1000 spellings of "missing", got 100000`.
absl::Status CheckMissingSpellings(absl::Span<const std::string> spellings, absl::string_view field);

// Compared case-insensitively after trimming. Immutable, thread-safe.
class MissingSpellings {
 public:
  // NA, N/A, null, none, nan, (null), [NULL], \N, and a lone dot or dashes: ., -, --, —, –.
  MissingSpellings();
  // These and the default ones; only these and a lone dot or dashes if an empty spelling is among them.
  explicit MissingSpellings(absl::Span<const std::string> spellings);

  // Also true of empty cells, of dashes alone and of a spreadsheet's errors such as #DIV/0! or #N/A, whichever
  // spellings are given.
  bool Matches(absl::string_view cell) const;
  // In a column of numbers. Also true of the default spellings in any case, and of bounds such as "< 10%" or ">90".
  bool MatchesNumber(absl::string_view cell) const;
  // Whether a spelling has a digit, such as -999: else no plain number is missing.
  bool AnyWithDigits() const;
  // Whether the cell has one of the spellings that were given, so that it is no word that only looks like one.
  bool IsGiven(absl::string_view cell) const;
  // As they were given.
  const std::vector<std::string>& given() const { return given_; }

 private:
  // cell: trimmed. Whether it is one of the first spellings.
  bool IsAmong(absl::string_view cell, size_t first) const;

  std::vector<std::string> given_;
  // Of each spelling in lower case, its first place: the given ones, the dashes, the usual ones.
  absl::flat_hash_map<std::string, size_t> places_;
  bool digits_ = false;
  size_t given_words_ = 0;
  // How many of them are missing in a column of words.
  size_t missing_words_ = 0;
  size_t longest_ = 0;
  // In either case: most cells are done with here.
  std::array<bool, 256> first_bytes_{};
};

inline bool IsMissing(absl::string_view cell, const MissingSpellings& spellings) { return spellings.Matches(cell); }

}  // namespace roicast
