// Finds the rows of a table that are equal, and what makes equal rows copies of one event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

enum class RowPrecision {
  kExact,       // as the table holds the values
  kModelInput,  // as a network sees them: numbers in float32, times in float32 hours
};

// For each row of the table, the first of the given rows (ascending) that is equal to it in all columns; −1 for rows
// that are not among the given ones. Two missing cells are equal, and so are 0.0 and −0.0. Rows are found by 64-bit
// hashes, and compared where the hashes agree. O(rows × columns) time; 8 bytes a row of the table, and 24 to 40 bytes a
// given row while it runs.
std::vector<int64_t> FirstEqualRows(const Table& table, absl::Span<const int64_t> rows, RowPrecision precision);
// The same, or what `stop` says, which is asked every few milliseconds.
absl::StatusOr<std::vector<int64_t>> FirstEqualRows(const Table& table, absl::Span<const int64_t> rows,
                                                    RowPrecision precision, const StopCheck& stop);

// The given rows (ascending) without exact duplicates of earlier ones in all columns.
std::vector<int64_t> WithoutDuplicates(const Table& table, absl::Span<const int64_t> rows);
absl::StatusOr<std::vector<int64_t>> WithoutDuplicates(const Table& table, absl::Span<const int64_t> rows,
                                                       const StopCheck& stop);

// Whether the column tells the given rows, of which no two are equal, apart as events: it is a time, or it has another
// value in each row, and these are words, or whole numbers that fill a range with few gaps, or only rise, or only fall.
// Fewer than 20 rows show nothing, except for a time.
bool TellsRowsApart(const Column& column, absl::Span<const int64_t> distinct_rows);

}  // namespace roicast
