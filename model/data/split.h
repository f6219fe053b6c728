// Splits rows into training, validation and holdout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/data/table.h"

namespace roicast {

struct SplitSpec {
  enum class Holdout { kRandom, kByTime, kByValue };
  Holdout holdout = Holdout::kRandom;
  double holdout_fraction = 0.2;     // kRandom: [0, 0.9]; kByTime: (0, 0.9]
  std::string column;                // kByTime: ordered by it; kByValue: compared with value
  std::string value;                 // as the CSV spells it
  double validation_fraction = 0.1;  // of the rows that are not held out, at random; [0, 0.9]
  uint64_t seed = 42;

  absl::Status Validate() const;
};

// Row indices, each ascending; disjoint; together they are `rows`.
struct Split {
  std::vector<int64_t> train, validation, holdout;
};

// Splits the given rows of the table.
// kRandom: the rows in ascending order are shuffled by Random(seed), and the first round(fraction · n) are held out:
// the result depends only on the rows' indices, the fraction and the seed. kByTime: the latest rows; rows of the same
// time stay together, and rows without a time are training rows. kByValue: the rows with that value. Errors:
// InvalidArgument (spec, no such column, a value that no row has), FailedPrecondition (no training rows left).
absl::StatusOr<Split> SplitRows(const Table& table, absl::Span<const int64_t> rows, const SplitSpec& spec);

}  // namespace roicast
