// The one number that says what a model is worth, in the target's own unit.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/evaluation/metrics.h"

namespace roicast {

// R² in the target's own unit, of the statistic that is served; the AUC of a two-valued target.
double FirstMetric(const Metrics& metrics);
// "R²" or "AUC".
absl::string_view FirstMetricName(const Metrics& metrics);
// What a constant has on the rows it is the mean of: 0 for R², 0.5 for the AUC.
double FirstMetricOfConstant(const Metrics& metrics);

// Sets the 90 % interval: percentiles of the bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
// chapter 13) over distinct inputs, widened to include the metric itself. Rows with the same number in `groups` are
// drawn together: copies of a row say no more than the row. More than 20,000 groups are drawn in 20,000 parts, so that
// the cost stays at a fraction of a second for a million rows. Deterministic.
// truth and predicted: in the target's own unit, the rows that metrics.model was computed from, in any order; groups:
// per row, from 0 up to at most the number of rows; all of the same length. metrics.model and metrics.distinct_inputs
// have to be set. NaN for fewer than kFewestDistinctInputs, for a constant truth, and where most draws have a constant
// truth or one class. Errors: those of `stop`.
absl::Status SetFirstMetricInterval(absl::Span<const double> truth, absl::Span<const double> predicted,
                                    absl::Span<const int64_t> groups, MetricsWithBaseline& metrics,
                                    const StopCheck& stop = nullptr);

// "0.91", and more digits near 1, where they tell models apart: "0.9973". With a minus sign (−).
std::string FormatFirstMetric(double value);
// "R² 0.91 (0.89–0.93)", "R² −0.03 (−0.10 to 0.02)", "AUC 0.85".
std::string DescribeFirstMetric(const MetricsWithBaseline& metrics);

}  // namespace roicast
