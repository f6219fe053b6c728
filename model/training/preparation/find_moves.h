// Looks for numbers that go along with the spend.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/data_warning.h"
#include "model/data/moves_with_spend.h"
#include "model/data/schema.h"
#include "model/data/table.h"

namespace roicast {

// The share of the variance of ln of a number that ln of the spend explains within categories, from which on it goes
// along.
inline constexpr double kMovingR2 = 0.8;
// The share of the variance of ln of the spend that up to three numbers explain together, from which on the spend
// follows from them.
inline constexpr double kProductR2 = 0.999;

struct FoundMoves {
  MovesWithSpend moves;
  std::vector<double> r2;  // one per moving feature: what ln of the spend explains of it
};

// Of numbers above 0 in at least nine of ten rows, those that ln of the spend explains (kMovingR2), and those that give
// the spend together, as clicks and cost per click do (kProductR2). Of all logarithms, the part that categories explain
// is taken off first. At most 20,000 of the rows are looked at; of fewer than 20, or of a spend that hardly varies,
// nothing is found. features: the columns of the schema; spend: index of a numeric one. Errors: stop's.
absl::StatusOr<FoundMoves> FindMovesWithSpend(const Schema& schema, const Table& features,
                                              absl::Span<const int64_t> rows, int spend, const StopCheck& stop);

// What a person should know of it; nullopt: nothing moves.
std::optional<DataWarning> MovesWarning(const Schema& schema, const FoundMoves& found);

}  // namespace roicast
