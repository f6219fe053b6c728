// Counts rows with the same inputs, and says what was done about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/data/data_warning.h"
#include "model/data/schema_inference.h"
#include "model/data/table.h"

namespace roicast {

// Of the rows that are used: those whose inputs are the same as an earlier row's, by what else they have in common with
// such a row. Each row is counted once.
struct CopyCounts {
  int64_t rows = 0;             // all that are used
  int64_t distinct_inputs = 0;  // rows − the three below
  int64_t equal = 0;            // in all columns
  int64_t same_target = 0;      // the rest is left out
  int64_t other_target = 0;
  std::vector<std::string> differing;     // of same_target: the columns that tell the rows apart
  std::vector<int64_t> same_target_rows;  // the first 5
};

// table: as it came, with all columns. rows: ascending. by_inputs, by_all: FirstEqualRows of the inputs and of all
// columns. target: per row of the table.
CopyCounts CountCopies(const Table& table, absl::Span<const int64_t> rows, absl::Span<const int64_t> by_inputs,
                       absl::Span<const int64_t> by_all, absl::Span<const double> target,
                       const std::vector<LeftOutColumn>& left_out);

// Copies that were dropped because `column` makes them copies of one event.
DataWarning DroppedCopiesWarning(int64_t dropped, const std::string& column);

// What the counts have to say; nothing if there are no copies. chosen: a person decided to keep equal rows. lines: of
// same_target_rows.
std::vector<DataWarning> CopyWarnings(const CopyCounts& counts, bool chosen, std::vector<int64_t> lines);

}  // namespace roicast
