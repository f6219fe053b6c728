// Shorthands for tests that begin with a CSV.
#pragma once

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/data/csv_table.h"

namespace roicast {

// The text as a table; a text that cannot be read fails the test and gives an empty one.
inline CsvTable ReadCsvOrFail(absl::string_view text, const CsvTableOptions& options = {}) {
  absl::StatusOr<CsvTable> table = ReadCsvText(text, options);
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *std::move(table) : CsvTable();
}

inline std::vector<int64_t> AllRows(const Table& table) {
  std::vector<int64_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return rows;
}

}  // namespace roicast
