#include "model/training/preparation/later_rows.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace roicast {

absl::StatusOr<std::vector<int64_t>> RowsAfter(const Table& table, const RowsUntil& until) {
  const Column* const column = table.Find(until.column);
  if (column == nullptr || column->kind != FeatureKind::kTime) {
    return absl::InvalidArgumentError(
        absl::StrCat("cleaning.until.column (--until): expected a time column, got \"", until.column, "\"",
                     column == nullptr ? ", which is no column of the data"
                                       : absl::StrCat(", which is ", FeatureKindName(column->kind))));
  }
  const std::optional<int64_t> last = LastTimeUntil(until.time);
  if (!last.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cleaning.until.time (--until): expected YYYY-MM-DD, with or without a time of day, got \"", until.time, "\""));
  }
  std::vector<int64_t> later;
  for (int64_t row = 0; row < table.rows(); ++row) {
    if (column->numbers[row] > static_cast<double>(*last)) later.push_back(row);  // NaN: never
  }
  return later;
}

}  // namespace roicast
