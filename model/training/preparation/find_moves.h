// Looks for numbers that go along with the spend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/data_warning.h"
#include "model/data/moves_with_spend.h"
#include "model/data/schema.h"
#include "model/data/table.h"
#include "model/training/preparation/moves/find_factors.h"

namespace roicast {

// The share of the variance of ln of a number that ln of the spend explains, from which on it goes along.
inline constexpr double kMovingR2 = 0.8;
// Products are looked for among so many numbers: those that ln of the spend explains best, of those that do not give it
// alone.
inline constexpr size_t kMostFactors = 24;
// Rows that are looked at, and values that a number needs.
inline constexpr size_t kMostRowsCompared = 20'000, kFewestRowsCompared = 20;

struct FoundMoves {
  // Words are codes of the table's dictionaries.
  MovesWithSpend moves;
  std::vector<double> r2;  // one per moving feature: what ln of the spend explains of it
};

// Of numbers that are above 0 in kFewestRowsCompared rows and one of twenty, those that ln of the spend explains
// (kMovingR2) in the rows that have them, before or after any part of what categories explain is taken off, unless the
// rest of it denies that (MovingR2Of); and those that give the spend together, as clicks and cost per click do
// (FindFactors, among kMostFactors). Slopes are those within as many categories as leave them a usable standard error
// (CategoricalsForSlopes). At most kMostRowsCompared of the rows are looked at, chosen at random, the same each time;
// of fewer than kFewestRowsCompared, or of a spend that hardly varies, nothing is found. features: the columns of the
// schema; spend: index of a numeric one. Errors: stop's.
absl::StatusOr<FoundMoves> FindMovesWithSpend(const Schema& schema, const Table& features,
                                              absl::Span<const int64_t> rows, int spend, const StopCheck& stop);

// What that takes at most, in bytes.
uint64_t FindMovesBytes(const Table& features);

// What a person should know of it; nullopt: nothing moves.
std::optional<DataWarning> MovesWarning(const Schema& schema, const FoundMoves& found);

}  // namespace roicast
