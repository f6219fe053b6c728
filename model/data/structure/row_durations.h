// Rows that run from one time to another, some for long and some not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

struct RowDurations {
  std::string start, end;  // the columns
  double shortest = 0.0;  // days of all but a twentieth of the rows at either end; where all are whole, both ends count
  double longest = 0.0;
  double factor = 1.0;  // what the longest bring back for the same spend, as a multiple of the shortest
};

struct DurationQuestion {
  const Table& table;     // with the times
  const Table& features;  // what a model sees
  absl::Span<const int64_t> rows;
  absl::Span<const double> roi;  // per row of the table, finite in the given rows
  const Column* spend;           // null: there is none
};

// If one time never comes before another, in at least 40 rows and in nine of ten of them, the days between them vary,
// no numeric feature and no words show them, they do not just follow one of the times, and they tell what the rows
// bring back: ln of revenue / spend, beside words, spend and a trend, follows ln of the days with t ≥ 6 and a factor
// of 1.1. Rows with the same two times, or the same one of them, are one group for t, since they may be of one
// campaign; where those with the same two have a third time between them that differs, the span is that of the campaign
// and not of a row. A time that only comes before another, such as the day when a campaign was set up, tells nothing of
// the kind. Of several pairs, the one that tells most. Once `stop` says so: nullopt.
std::optional<RowDurations> FindRowDurations(const DurationQuestion& question, const StopCheck& stop = nullptr);

}  // namespace roicast
