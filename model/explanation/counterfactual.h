// What would have to change for another outcome: the smallest change of the features that the caller may change.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/moves_with_spend.h"
#include "model/explanation/background.h"
#include "model/predictor/predictor.h"

namespace roicast {

// Distances stay finite, and tell changes apart.
inline constexpr double kMaxChangeCost = 1e9;

// A feature that may change, and how far.
struct Freedom {
  int feature = 0;  // index in the schema
  // Numbers and times: the lowest and highest new value, raw. NaN: the lowest and highest of the training rows; of a
  // time, those of the background.
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  // Numbers and times: new values are min + k · step, at most 2⁵³ of them. 0: any number, or any whole one where the
  // row, the background and the bounds have no other; hours of a time.
  double step = 0.0;
  // Categories: the codes that are allowed; empty: the whole vocabulary.
  std::vector<int> codes = {};
  // A change costs this many times as much as others, > 0, at most kMaxChangeCost.
  double cost = 1.0;
};

enum class CounterfactualGoal { kAtLeast, kAtMost };

struct CounterfactualOptions {
  CounterfactualGoal goal = CounterfactualGoal::kAtLeast;
  double wanted = 0.0;  // of the outcome, finite
  // Index in the schema: the prediction is a revenue and the outcome an ROI, prediction / this feature − 1. −1: the
  // outcome is the prediction.
  int spend_of_roi = -1;
  // What changing a feature at all costs, beside how far it is changed, 0 to kMaxChangeCost: few large changes are
  // easier to make than many small ones.
  double cost_per_feature = 0.5;
  int max_features = 0;  // that may change at once; 0: no limit
  // What moves along where the spend may change, at no cost: its features that may not change themselves. Those that
  // the row lacks are what usually goes with the spend (MovesWithSpend::SetSpend), also before anything changes:
  // otherwise the least other spend would bring them.
  MovesWithSpend moves = {};

  // Errors: InvalidArgument naming the field.
  absl::Status Validate() const;
};

struct FeatureChange {
  int feature = 0;
  float from = 0.0f, to = 0.0f;  // raw
  double distance = 0.0;         // how far: see below
};

struct Counterfactual {
  bool reached = false;
  // Of the row as it is, with what moves.features fill in. `reached` with no changes: it has what is wanted.
  float prediction_before = 0.0f;
  // reached: the row with the changes. Otherwise the best that was found within these bounds.
  std::vector<float> row;
  float prediction = 0.0f;  // of `row`, as Predict gives it
  // What `wanted` is about, of the row before and of `row`.
  double outcome_before = 0.0, outcome = 0.0;
  std::vector<FeatureChange> changes;  // by feature
  std::vector<FeatureChange> moved;    // along with the spend, by feature; their distance is 0
  double distance = 0.0;
  int64_t evaluations = 0;  // rows that were predicted
};

// row [features], raw. Distance: Σ over the changed features of cost · (cost_per_feature + |to − from| / scale), where
// scale is the interquartile range of the feature in the background (RobustScaleOf); for another word, or a value
// instead of a missing one, the second term is 1.
//
// The search is deterministic and tries single features, then sets of them on grids, then ascends from the background's
// values; what reaches the goal is shrunk towards the row. Of more than 48 features, those that achieve most on their
// own are combined. It is no proof: networks are not convex. On small networks with up to four features its distance is
// within 5 % of that of exhaustive search on a fine grid, and within 1 % in the mean
// (tests/model/explanation/counterfactual_test.cc).
//
// background: valid for the predictor's schema. Errors: InvalidArgument (options; a rejected row, or one without the
// spend that its ROI needs; no freedom or one that is given twice; bounds that cross or that serving rejects, a step
// that is too small for them, by the feature's name), what `stop` returns.
absl::StatusOr<Counterfactual> FindCounterfactual(const Predictor& predictor, const Background& background,
                                                  const float* row, absl::Span<const Freedom> freedoms,
                                                  const CounterfactualOptions& options, const StopCheck& stop = {});

// What that takes at most, in bytes.
uint64_t CounterfactualBytes(const Schema& schema, int64_t background_rows, absl::Span<const Freedom> freedoms);

}  // namespace roicast
