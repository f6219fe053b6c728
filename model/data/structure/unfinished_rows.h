// The last rows of a table whose revenue has not come in yet.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

struct UnfinishedRows {
  double since = 0.0;   // the first time that seems unfinished; seconds since 1970
  double before = 0.0;  // the latest time that is earlier
  int64_t rows = 0;
  bool without_revenue = false;  // almost all of them have none; else they fall
  double level = 0.0;            // else: what the last third of them brings back, as a share of rows like them before
  double gain = 0.0;             // ln of how many times as likely the rows are as without it; of several times, compare
};

// times, roi: per row of the table; NaN: none. features: what else tells about a row; spend: one of them or null.
// Of up to a third of the rows, the last ones: almost all without a revenue, where such rows were rare before; or what
// they bring back for their spend, beside rows of the same words and spend, falls from a date on, by more than half in
// the end, while it had no such low before and no trend that leads there. Chance: about 10⁻⁶. Once `stop` says so:
// nullopt.
std::optional<UnfinishedRows> FindUnfinishedRows(const Table& features, absl::Span<const int64_t> rows,
                                                 const PackedNumbers& times, absl::Span<const double> roi,
                                                 const Column* spend, const StopCheck& stop = nullptr);

}  // namespace roicast
