// Finds rows that repeat a table's header, as in exports that were joined.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Not thread-safe while it is assigned.
class HeaderWords {
 public:
  HeaderWords() = default;
  explicit HeaderWords(const std::vector<std::string>& header);

  // False for the first cell of nearly all rows, which then are no header.
  bool MayBegin(absl::string_view cell) const {
    return !cell.empty() && first_bytes_[static_cast<unsigned char>(cell[0])] && IsOneOf(cell);
  }
  // Whether a row has the header's words in their order; case, blanks and a byte order mark do not count. Errors:
  // INVALID_ARGUMENT with the line if it has them in another order, so that the rows below belong to other columns.
  absl::StatusOr<bool> IsRepeatedIn(int64_t line, absl::Span<const absl::string_view> cells) const;

 private:
  bool IsOneOf(absl::string_view cell) const;

  std::vector<std::string> cells_;
  // In lower case, as they stand in the header, and sorted.
  std::vector<std::string> words_;
  std::vector<std::string> sorted_;
  std::array<bool, 256> first_bytes_{};
};

}  // namespace roicast
