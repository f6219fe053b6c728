// How predictions depend on one feature: its value is set in every row, from one end of its range to the other, while
// the rest of each row stays. The mean over the rows is the partial dependence (Friedman, "Greedy Function
// Approximation: A Gradient Boosting Machine", 2001, section 8.2), single rows are individual curves (Goldstein et al.,
// "Peeking Inside the Black Box", 2015).
//
// Rows with combinations that do not occur are predicted, too: where features go together, read the ends with care.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/number_range.h"
#include "base/stop_check.h"
#include "model/data/moves_with_spend.h"
#include "model/explanation/feature_grid.h"
#include "model/predictor/predictor.h"

namespace roicast {

struct DependenceOptions {
  static constexpr NumberRange kCurves{0, 1000};
  static constexpr NumberRange kMaxRows{1, 1e6};

  GridOptions grid;
  // Individual curves, of rows spread evenly over the predictions from low to high.
  int curves = 20;
  // More rows are drawn at random down to this number.
  int64_t max_rows = 2000;
  uint64_t seed = 1;
  // What moves along when the feature is the spend; the rest of each row stays. Of single features alone.
  MovesWithSpend moves = {};

  absl::Status Validate() const;
};

struct IndividualCurve {
  int64_t row = 0;             // index of the row in the input
  std::vector<double> values;  // one per grid point
};

struct Dependence {
  FeatureGrid grid;
  // Per grid point: the mean over the rows, and the 10 % and 90 % quantiles of the rows' predictions.
  std::vector<double> mean, low, high;
  // Ascending by the row's own prediction.
  std::vector<IndividualCurve> curves;
  int64_t rows = 0, rows_rejected = 0;
};

// rows: raw rows, row-major [n, schema().size()]. feature: index in the schema. Predicts n · grid points rows.
// Errors: INVALID_ARGUMENT (options; no usable row; no row has a value of the feature; a value of the grid that the
// feature does not allow); those of `stop`.
absl::StatusOr<Dependence> PartialDependence(const Predictor& predictor, absl::Span<const float> rows, int feature,
                                             const DependenceOptions& options, const StopCheck& stop = {});

struct JointDependence {
  FeatureGrid first, second;
  std::vector<double> mean;  // row-major [first.size(), second.size()]
  int64_t rows = 0, rows_rejected = 0;
};

// Both features set at once. Individual curves are not computed. Predicts n · points of both grids rows.
// Errors: as PartialDependence; first == second.
absl::StatusOr<JointDependence> PartialDependenceOfPair(const Predictor& predictor, absl::Span<const float> rows,
                                                        int first, int second, const DependenceOptions& options,
                                                        const StopCheck& stop = {});

}  // namespace roicast
