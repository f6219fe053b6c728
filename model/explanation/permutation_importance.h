// How much a model relies on each feature: what happens to its error when the feature's values are shuffled among the
// rows. Breiman, "Random Forests" (2001), section 10; Fisher, Rudin and Dominici, "All Models are Wrong, but Many are
// Useful" (2019).
//
// It says what the model uses, not what causes the outcome; features that go together share their importance, and each
// alone may look dispensable.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/number_range.h"
#include "base/stop_check.h"
#include "model/predictor/predictor.h"

namespace roicast {

enum class ImportanceLoss {
  kSquared,   // the error is the root of the mean squared error, in the target's unit
  kAbsolute,  // the mean absolute error, in the target's unit; a few huge outcomes do not decide it
  kLog,       // the log loss of a probability, in nats; truths 0 and 1
};

struct ImportanceOptions {
  static constexpr NumberRange kShuffles{2, 100};
  static constexpr NumberRange kMaxRows{2, 1e7};

  int shuffles = 10;
  ImportanceLoss loss = ImportanceLoss::kSquared;
  // More rows are drawn at random down to this number.
  int64_t max_rows = 10000;
  // Indexes in the schema, each once; empty: all.
  std::vector<int> features;
  uint64_t seed = 1;

  absl::Status Validate() const;
};

struct FeatureImportance {
  int feature = 0;  // index in the schema
  // Error after shuffling − error before, in the unit of the loss; near 0, possibly below: not used, or of no use.
  double importance = 0;
  // 90 % interval: chance of the shuffles (Student's t over them) and of the rows (delta method), added in quadrature.
  // One that includes 0 does not show that the feature is of use.
  double low = 0, high = 0;
  // Error after shuffling over error before; 1: no difference. NaN if the error before is 0.
  double ratio = 1;
};

struct ImportanceReport {
  // False: there was no truth, and importance is how far predictions move: the loss of the prediction after shuffling
  // against that before it, whose error is 0.
  bool against_truth = false;
  // Of the rows as they are.
  double error = 0;
  int64_t rows = 0;
  // Without a prediction, or without a finite truth.
  int64_t rows_rejected = 0;
  // In the order of ImportanceOptions::features, or of the schema. A feature's numbers do not depend on which others
  // are asked for.
  std::vector<FeatureImportance> features;
};

// rows: raw rows, row-major [n, schema().size()]. truth: [n], or empty. Predicts n · features · shuffles rows.
// Errors: INVALID_ARGUMENT (options; fewer than 2 usable rows; a log loss of truths other than 0 and 1, or without a
// truth); those of `stop`.
absl::StatusOr<ImportanceReport> PermutationImportance(const Predictor& predictor, absl::Span<const float> rows,
                                                       absl::Span<const double> truth, const ImportanceOptions& options,
                                                       const StopCheck& stop = {});

}  // namespace roicast
