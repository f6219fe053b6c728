// Revenue that follows the spend of the row before, as where orders come in a week after the click.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

struct EarlierSpend {
  std::string time;     // the column that orders the rows
  double step = 0.0;    // from row to row, days
  int64_t series = 0;   // of rows with the same words
  int64_t rows = 0;     // that have one before and one behind
  double before = 0.0;  // per cent of revenue for a per cent of the spend of the row before
  double now = 0.0;     // of the row's own
};

struct EarlierSpendQuestion {
  const Table& table;     // with the times
  const Table& features;  // what a model sees
  absl::Span<const int64_t> rows;
  absl::Span<const double> roi;  // per row of the table, finite in the given rows
  const Column& spend;           // numeric, above 0 in the given rows
};

// Series are rows with the same words of the features whose words occur at most times; they have one row each time, at
// equal steps of at most 100 days, and at least 60 of all rows, three fifths of them, have one before and one behind.
// ln of revenue is regressed on ln of the spend of the row, of the one before and of the one behind, each beside the
// means of the series and of the times, or with fewer than three series of months and days of the week. Found if the
// spend before has t ≥ 6, at least 0.05 and a fifth of the row's own, and is twice the one behind by t ≥ 4: what
// demand, a season or a budget that follows the revenue do to the one, they do to the other. Of several times, the one
// with the largest t. A feature that holds the spend before: nothing is found. Once `stop` says so: nullopt.
std::optional<EarlierSpend> FindEarlierSpend(const EarlierSpendQuestion& question, const StopCheck& stop = nullptr);

}  // namespace roicast
