// The same rows several times, from exports of different days one under the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

struct RepeatedExports {
  std::string column;          // tells the rows apart that are one
  int64_t values = 0;          // of the column
  int64_t rows = 0;            // that have another like them in all other inputs
  int64_t distinct = 0;        // inputs of all rows without the column
  std::vector<int64_t> first;  // per row of the table: the first given row with the same ones; −1: not a given row
};

struct ExportQuestion {
  const Table& features;  // as a model sees them
  absl::Span<const int64_t> rows;
  absl::Span<const double> target;  // per row of the table, finite in the given rows
  const Column* spend;              // numeric; null: there is none
};

// If one feature of few values alone tells at least four fifths of the rows (at least 40) from others, while
//   - rows with one value of it have distinct inputs, and almost each of these a spend of its own, as no designed
//     experiment has,
//   - the targets of the rows that are alike differ by one amount for each value, but for a quarter of what the targets
//     of rows of the same words and the next spend do. Two arms of a test, with the same spends, differ by chance; and
//   - nine of ten targets that differ from those of the largest export do so in the direction of their value, and the
//     usual difference goes one way along a time or a number, because what comes in later only adds. Days of campaigns
//     with constant budgets go both ways.
// Of several such features, the one with most rows. Equality is that of 64-bit hashes of what a network sees. Once
// `stop` says so: nullopt.
std::optional<RepeatedExports> FindRepeatedExports(const ExportQuestion& question, const StopCheck& stop = nullptr);

}  // namespace roicast
