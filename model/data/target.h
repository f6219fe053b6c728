// The number that a model predicts: a column with ROI or ROAS, or ROI computed from revenue and spend.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv_table.h"
#include "model/data/data_warning.h"
#include "model/data/table.h"
#include "model/data/target_kind.h"

namespace roicast {

// What a campaign earned whose revenue (or ROAS) is blank: unknown, so that the row is dropped; or nothing.
enum class BlankRevenue { kMissing, kZero };

// Whatever is left open is found by the usual names.
struct TargetSpec {
  std::string column;          // holds the ROI; or
  std::string revenue_column;  // money in, with
  std::string spend_column;  // money out, > 0. Optional with `column` and `roas_column`: rows without spend are dropped
  std::string roas_column = {};  // or: revenue / spend; ROI = ROAS − 1
  BlankRevenue blank_revenue = BlankRevenue::kMissing;
  TargetKind kind = TargetKind::kAuto;
  // Two-valued: the value whose probability is predicted; empty: the one that means yes.
  std::string positive_value = {};

  // No column holds the ROI itself.
  bool IsComputed() const { return column.empty(); }
  bool IsEmpty() const {
    return column.empty() && revenue_column.empty() && spend_column.empty() && roas_column.empty();
  }
  // Errors: InvalidArgument (two of column, revenue_column and roas_column, or one column twice; two values of a target
  // that is computed).
  absl::Status Validate() const;
};

// ROI = (R − C) / C. The one definition.
inline double ReturnOnInvestment(double revenue, double spend) { return (revenue - spend) / spend; }
// The ROI of a campaign without revenue: the lowest possible.
inline constexpr double kLowestRoi = -1.0;

struct Target {
  // Resolved: kTwoValued with its positive_value, or the kind as it was given.
  TargetSpec spec;
  std::vector<double> values;      // one per row of the table; NaN = none. Two-valued: 1 for the positive value, else 0
  std::string negative_value;      // two-valued: the other one; empty if no row has it
  bool two_values_said = false;    // by the spec
  int64_t missing = 0;             // rows without a target, revenue or spend
  int64_t spend_not_positive = 0;  // of the others
  // Rows with a spend whose revenue (or ROAS) is blank; among `missing` unless they count as 0.
  int64_t blank_revenue = 0;
  // How the columns were found, and what is odd about their values.
  std::vector<DataWarning> warnings;
};

// Completes the spec as FindTarget and FindTwoValues do. Errors: InvalidArgument (theirs; a column without numbers;
// more than 2 % of the cells with a value in a column of the target cannot be read, with their lines).
absl::StatusOr<Target> ComputeTarget(const CsvTable& data, const TargetSpec& spec);
// The same for a table that does not come from a file.
absl::StatusOr<Target> ComputeTarget(const Table& table, const TargetSpec& spec);

}  // namespace roicast
