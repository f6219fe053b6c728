// Rows whose money is counted in another unit or currency than that of the others.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

struct UnitChange {
  std::vector<int64_t> rows;  // ascending
  double factor = 1.0;        // of their mean spend and revenue to those of the others, geometric
  bool fewer_decimals =
      false;  // none or one in their amounts, more in those of the others; else they begin or end the table
};

struct UnitQuestion {
  // Of which words explain other amounts, where they have three rows or more: another channel. Names of campaigns do
  // not, whose rows come from one export each.
  const Table& table;
  absl::Span<const int64_t> rows;
  absl::Span<const double> spend, revenue;  // per row of the table
  // Otherwise computed from spends: then its digits tell nothing.
  bool revenue_is_as_it_came = true;
  // The column of the rows' campaigns (Entities::column); empty: none is known.
  absl::string_view entity_column = "";
};

// Of the rows with both amounts above 0: those whose amounts have no decimals, or at most one, if the others have more;
// or the first or last ones of the table. Both amounts of nearly all of them have to be larger than those of nearly all
// others (or smaller), by about the same factor: at least 30, and for first and last ones a power of ten from 100 on.
// Once `stop` says so: nullopt.
std::optional<UnitChange> FindUnitChange(const UnitQuestion& question, const StopCheck& stop = nullptr);

}  // namespace roicast
