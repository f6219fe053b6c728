// Cells that serving would refuse.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "model/data/cleaning.h"
#include "model/data/csv_table.h"
#include "model/data/schema.h"
#include "model/data/table.h"

namespace roicast {

// Makes the cells of `rows` missing that serving would refuse (not finite, not allowed), and reports them as issues,
// the first kMaxCsvIssues with their lines. feature: numeric or a time. column: a copy of the column of `data` at
// column_index.
void ForgetRefusedCells(const CsvTable& data, absl::Span<const int64_t> rows, const Feature& feature, int column_index,
                        Column& column, CleaningReport& report);

}  // namespace roicast
