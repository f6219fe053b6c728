// What the cells of a CSV mean. All functions are thread-safe and trim blanks, tabs and line ends around the
// cell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// The cell without blanks, tabs and line ends around it.
absl::string_view TrimCell(absl::string_view cell);

// Cells that mean "no value": compared without case, after trimming. Immutable, thread-safe.
class MissingSpellings {
 public:
  // "", NA, N/A, #N/A, null, none, nan.
  MissingSpellings();
  // These alone; none given: the default ones. An empty cell is always missing.
  explicit MissingSpellings(absl::Span<const std::string> spellings);

  bool Matches(absl::string_view cell) const;

 private:
  std::vector<std::string> lower_case_;
  size_t longest_ = 0;
};

inline bool IsMissing(absl::string_view cell, const MissingSpellings& spellings) { return spellings.Matches(cell); }

// A finite decimal number such as 12, -0.5, +1e-3; nothing else: no hexadecimal digits, no thousands
// separators, no infinities, no NaN, no number beyond double's range (1.8e308).
std::optional<double> ParseNumber(absl::string_view cell);

// ISO 8601 in seconds since 1970-01-01T00:00:00Z: YYYY-MM-DD, or that, a T or blank, HH:MM[:SS[.fraction]],
// and an optional zone (Z, ±HH:MM, ±HHMM or ±HH; none: UTC). Fractions are cut off. Years 1900 to 2199, as in
// the API.
std::optional<int64_t> ParseTime(absl::string_view cell);

// YYYY-MM-DDTHH:MM:SSZ, which ParseTime reads back. Years 0 to 9999.
std::string FormatTime(int64_t unix_seconds);
// Appends the same.
void AppendTime(int64_t unix_seconds, std::string* out);

}  // namespace roicast
