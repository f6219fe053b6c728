// Targets with two values, such as converted or not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/table.h"
#include "model/data/target.h"

namespace roicast {

struct TwoValues {
  std::string positive, negative;  // as the table writes them; empty: no row has it
  int64_t positives = 0, negatives = 0;
  std::vector<double> values;  // per row: 1 = positive, 0 = negative, NaN = missing
};

// The two values of the target's column. nullopt: it is no two-valued target. Words that differ in case alone are one.
// Numbers are taken for two values if spec.kind says so, or if at least 20 rows have the same two whole numbers; words,
// unless spec.kind says otherwise. Whose probability is predicted: spec.positive_value, else 1, true, yes, converted,
// churned and the like, else the one that the other one negates. One value alone is taken only beside
// spec.positive_value, as in rows to evaluate a model on. Errors: InvalidArgument (more or fewer values than two;
// positive_value occurs nowhere, or has to be said).
absl::StatusOr<std::optional<TwoValues>> FindTwoValues(const Column& column, const TargetSpec& spec);

// The columns in which words are two values where no cell is a number (CsvTableOptions::two_valued).
std::vector<std::string> ColumnsOfTwoValues(const TargetSpec& spec);

}  // namespace roicast
