// Parses the cells of a CSV. All functions are thread-safe and ignore spaces, tabs and line breaks around the cell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// The cell without surrounding spaces, tabs and line breaks.
absl::string_view TrimCell(absl::string_view cell);

// The cells that mean "no value", compared case-insensitively after trimming. Immutable, thread-safe.
class MissingSpellings {
 public:
  // "", NA, N/A, #N/A, null, none, nan.
  MissingSpellings();
  // Only these; if empty, the default ones. An empty cell is always missing.
  explicit MissingSpellings(absl::Span<const std::string> spellings);

  bool Matches(absl::string_view cell) const;

 private:
  std::vector<std::string> lower_case_;
  size_t longest_ = 0;
};

inline bool IsMissing(absl::string_view cell, const MissingSpellings& spellings) { return spellings.Matches(cell); }

// A finite decimal number such as 12, -0.5 or +1e-3. Rejects hexadecimal digits, thousands separators, infinities, NaN
// and numbers out of the range of double (1.8e308).
std::optional<double> ParseNumber(absl::string_view cell);

// ISO 8601 to seconds since 1970-01-01T00:00:00Z: YYYY-MM-DD, optionally followed by a T or a space,
// HH:MM[:SS[.fraction]] and a zone (Z, ±HH:MM, ±HHMM or ±HH; the default is UTC). Fractions are truncated. Years 1900
// to 2199, as in the API.
std::optional<int64_t> ParseTime(absl::string_view cell);

// YYYY-MM-DDTHH:MM:SSZ, which ParseTime reads back. Years 0 to 9999.
std::string FormatTime(int64_t unix_seconds);
// Appends the same.
void AppendTime(int64_t unix_seconds, std::string* out);

}  // namespace roicast
