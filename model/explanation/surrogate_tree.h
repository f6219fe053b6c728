// A small regression tree that imitates a model: a few rules that a person can read, and how much of the model they
// tell. CART with squared error: Breiman et al., "Classification and Regression Trees" (1984), chapter 8; the best
// split of categories is a prefix of them in the order of their means (section 8.8). Surrogates: Craven and Shavlik,
// "Extracting Tree-Structured Representations of Trained Networks" (1996).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/number_range.h"
#include "base/stop_check.h"
#include "model/explanation/feature_grid.h"
#include "model/predictor/predictor.h"

namespace roicast {

// With a prediction, that a tree needs.
inline constexpr int64_t kFewestSurrogateRows = 20;

struct SurrogateTreeOptions {
  static constexpr NumberRange kDepth{1, 6};
  static constexpr NumberRange kMinLeafRows{1, 1e6};
  static constexpr NumberRange kMinGain{0, 1};
  static constexpr NumberRange kHeldBack{0.1, 0.9};
  static constexpr NumberRange kMaxRows{20, 1e6};

  int depth = 3;
  // Rows of the fitting part in a leaf; at least 1 % of them, too.
  int64_t min_leaf_rows = 10;
  // A split must explain this share of the variance of all predictions.
  double min_gain = 0.005;
  // Share of the rows that are not fitted to: fidelity is measured on them.
  double held_back = 0.3;
  // More rows are drawn at random down to this number.
  int64_t max_rows = 20000;
  uint64_t seed = 1;

  absl::Status Validate() const;
};

struct TreeNode {
  // −1: a leaf.
  int feature = -1;
  FeatureKind kind = FeatureKind::kNumeric;  // of the feature
  // Of a time: a threshold on the moment, or a set of months or weekdays.
  TimePart part = TimePart::kMoment;
  // Numbers and moments: rows with value ≤ threshold go left.
  float threshold = 0;
  // Categories, months and weekdays: rows with one of these go left, all others right. Ascending; empty for a
  // threshold.
  std::vector<int> left_values;
  // Where rows without a value go. Such rows were seen in fitting only if missing_seen.
  bool missing_left = false, missing_seen = false;
  int left = -1, right = -1;  // indexes of nodes; both after this one
  int64_t rows = 0;           // of the fitting part
  double prediction = 0;      // mean of the model's predictions on them
};

struct TreeRule {
  int leaf = 0;  // index of the node
  // "spend ≤ 1200 and channel is search or social"; "all rows" for a tree of one node.
  std::string conditions;
  double share = 0;       // of the fitting rows
  double prediction = 0;  // mean of the model's predictions
};

struct SurrogateTree {
  std::vector<TreeNode> nodes;  // the root first
  // R² of the tree's predictions against the model's on the rows held back: the part of the model that the tree tells.
  // 1: all; ≤ 0: nothing. NaN if the model predicts the same for all of them.
  double fidelity = 0;
  int64_t rows = 0, rows_held_back = 0, rows_rejected = 0;

  // The leaf's prediction for a raw row.
  double Predict(const float* row) const;
};

// rows: raw rows, row-major [n, schema().size()]. Errors: INVALID_ARGUMENT (options; fewer than 20 usable rows); those
// of `stop`.
absl::StatusOr<SurrogateTree> FitSurrogateTree(const Predictor& predictor, absl::Span<const float> rows,
                                               const SurrogateTreeOptions& options, const StopCheck& stop = {});

// One rule per leaf, the highest prediction first. Names and words are as they came from the data.
std::vector<TreeRule> RulesOfTree(const Schema& schema, const SurrogateTree& tree);

}  // namespace roicast
