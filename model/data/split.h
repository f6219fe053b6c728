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
  enum class Holdout { kRandom, kByTime, kByValue, kByGroup };
  Holdout holdout = Holdout::kRandom;
  double holdout_fraction = 0.2;     // kRandom: [0, 0.9]; kByTime, kByGroup: (0, 0.9]
  std::string column;                // kByTime: ordered by it; kByValue: compared with value; kByGroup: grouped by it
  std::string value;                 // as the CSV spells it
  double validation_fraction = 0.1;  // of the rows that are not held out, at random; [0, 0.9]
  uint64_t seed = 42;
  // False: rows with the same inputs may be on both sides. Only to repeat a split that other programs were measured on.
  bool keep_copies_together = true;

  absl::Status Validate() const;
};

// Row indices, each ascending; disjoint; together they are `rows`.
struct Split {
  std::vector<int64_t> train, validation, holdout;
  // Neither trained nor measured on, because a held-out row has the same inputs.
  std::vector<int64_t> left_out;
  // Rows of training and validation with the inputs of a held-out row.
  int64_t copies_on_both_sides = 0;
};

// Splits the given rows of the table.
// strata: for each row of the table, a number, such as a two-valued target; random draws take the same share of the
// groups whose first rows have the same number. Empty: all are one. group: for each row of the table, a row that stands
// for all rows with the same inputs (FirstEqualRows); empty: no two rows are alike. Only given rows are looked at.
// kRandom: the groups in ascending order are shuffled by Random(seed), and the first ones are held out until there are
// round(fraction · n) rows; a group that would miss that number by more than leaving it out is left out. The result
// depends only on the rows' indices, their groups, the fraction and the seed; without copies, the groups are the rows.
// kByTime: the latest rows; rows of the same time stay together, and rows without a time are training rows. kByValue:
// the rows with that value. kByGroup: all rows of some of the column's values, drawn as for kRandom without strata;
// rows without a value are training rows. There the column alone decides which rows are held out, and other rows with
// the inputs of a held-out row are left out. In a table of few distinct inputs, these would be more than half of the
// other rows: then they stay, and copies_on_both_sides counts them. Rows with the same inputs and different times are
// so kept apart even if the time is no input. Validation rows are drawn from the rest, by groups, as for kRandom.
// Errors: InvalidArgument (spec, no such column, a value that no row has), FailedPrecondition (no training rows left).
absl::StatusOr<Split> SplitRows(const Table& table, absl::Span<const int64_t> rows, const SplitSpec& spec,
                                absl::Span<const int64_t> group = {}, absl::Span<const double> strata = {});

}  // namespace roicast
