// What predictions beside outcomes show.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace roicast::client {

// One interval per row, made to hold the outcome with the probability `level`.
struct RowIntervals {
  double level = 0.9;
  std::vector<double> low, high;
};

// Rows with a prediction and a known outcome. All vectors that are not empty have the same length, and finite numbers.
struct OutcomeRows {
  std::vector<double> predicted, actual;
  std::vector<RowIntervals> intervals;
  // Of an ROI, if the model is calibrated: the probability that it is above profit_threshold.
  std::vector<double> profit_probability;
  double profit_threshold = 0;

  int64_t size() const { return static_cast<int64_t>(predicted.size()); }
};

struct ErrorMeasures {
  double r2 = 0;            // 1 − squared error / that of the rows' mean; 0 if the outcomes are equal
  double mae = 0;           // mean absolute error
  double median_error = 0;  // half of the rows are off by less
  double mae_of_mean = 0;   // of predicting the rows' mean for all
  double bias = 0;          // mean of predicted − actual
  double mean_actual = 0;
};
// At least one row.
ErrorMeasures MeasureErrors(const OutcomeRows& rows);

// The share of pairs of a row with outcome > threshold and another one that the scores put in the right order; ties
// count half. NaN if one kind is absent.
double RankingQuality(absl::Span<const double> scores, absl::Span<const double> actual, double threshold);

// Rows whose scores are next to each other.
struct RowGroup {
  int64_t rows = 0;
  double mean_score = 0, mean_actual = 0;
  double standard_error = 0;  // of mean_actual; 0 for a single row
};
// Ascending groups of as equal a size as can be; at most `count`, each of at least `least` rows but for one of all
// rows.
std::vector<RowGroup> GroupByScore(absl::Span<const double> scores, absl::Span<const double> actual, int count,
                                   int64_t least);

// The share of rows whose outcome is inside the interval. Ends count as inside.
double CoverageOf(const RowIntervals& intervals, absl::Span<const double> actual);

struct Histogram {
  double low = 0, width = 1;  // of the first bin
  std::vector<int64_t> counts;
  int64_t below = 0, above = 0;  // outside of the bins
};
// `bins` bins from the 1 % to the 99 % quantile.
Histogram HistogramOf(absl::Span<const double> values, int bins);

// The value below which the share of the values lies. values: at least one.
double QuantileOf(std::vector<double> values, double share);

// At most `most` positions below n, evenly spread.
std::vector<size_t> SpreadPositions(size_t n, size_t most);

}  // namespace roicast::client
