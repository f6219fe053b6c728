// Finds columns that alone explain the target: most often outcomes, known only after the campaign, such as ROAS.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/data_warning.h"
#include "model/data/table.h"

namespace roicast {

// A column that explains more of the target's variance is warned of.
inline constexpr double kSuspiciousR2 = 0.95;
// So is one whose name may mean an outcome (meaning/outcome_names.h), from here on.
inline constexpr double kSuspiciousR2OfOutcomeNames = 0.7;

// R² on `test_rows` of the target predicted from this column alone, learnt from `fit_rows`. Numbers and times: the
// better of a straight line and of lines between the means of up to 64 groups of equal size, which are smaller at both
// ends. Categories: the mean of
// each, smoothed with one row of the overall mean. Missing values are a group of their own. target: per row of the
// column, not NaN in the given rows. 0 if there are fewer than 10 test rows or their target is constant. O(rows).
double SingleColumnR2(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                      absl::Span<const int64_t> test_rows);

// A serious warning for each column with an R² above kSuspiciousR2, for each whose words cut the target of at least 30
// rows into ranges without overlap or gap, and for each number whose quotient by the spend has
// one while neither of the two has: a revenue by another name. In the order of the table. Of more than 100,000 rows, as
// many are looked at. spend: of the same rows; nullptr: there is none. stop is asked for each column; once it says so,
// the warnings are not all.
std::vector<DataWarning> SingleColumnWarnings(const Table& features, const Column* spend,
                                              absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                                              absl::Span<const int64_t> test_rows, const StopCheck& stop = nullptr);

}  // namespace roicast
