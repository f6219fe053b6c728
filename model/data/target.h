// The number that a model predicts: a column, or ROI computed from revenue and spend.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/table.h"

namespace roicast {

struct TargetSpec {
  std::string column;          // holds the ROI; or
  std::string revenue_column;  // money in, with
  std::string spend_column;    // money out, > 0. Optional with `column`: rows without spend are dropped

  bool IsComputed() const { return column.empty(); }
  absl::Status Validate() const;
};

// ROI = (R − C) / C. The one definition.
inline double ReturnOnInvestment(double revenue, double spend) { return (revenue - spend) / spend; }
// The ROI of a campaign without revenue: the lowest possible.
inline constexpr double kLowestRoi = -1.0;

struct Target {
  TargetSpec spec;                 // resolved
  std::vector<double> values;      // one per row of the table; NaN = none
  int64_t missing = 0;             // rows without a target, revenue or spend
  int64_t spend_not_positive = 0;  // of the others
};

// Completes an empty spec: column "roi" (and "spend" if it exists), or "revenue" and "spend" (ignoring case).
// Errors: InvalidArgument (contradictory spec, no such column, a column without numbers), listing the columns.
absl::StatusOr<Target> ComputeTarget(const Table& table, const TargetSpec& spec);

}  // namespace roicast
