// Rows that a global explanation can be computed from, and their predictions.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/predictor/predictor.h"

namespace roicast::explanation {

// Predictor::Predict in blocks, asking `stop` between them. rows: row-major [n, schema().size()]; out [n].
absl::Status PredictInBlocks(const Predictor& predictor, const float* rows, int64_t n, absl::Span<float> out,
                             const StopCheck& stop);

struct UsableRows {
  std::vector<float> values;       // row-major [size(), schema().size()]
  std::vector<float> predictions;  // [size()], finite
  std::vector<int64_t> index;      // where each row stands in the input, ascending
  int64_t rejected = 0;            // rows without a prediction, or without a truth

  int64_t size() const { return static_cast<int64_t>(index.size()); }
};

// The rows that have a prediction and, unless truth is empty, a finite truth; at most `most` of them, drawn without
// replacement by `seed` and kept in order. truth: empty or [n]. rows.size() must be a multiple of the schema's size.
absl::StatusOr<UsableRows> SelectUsableRows(const Predictor& predictor, absl::Span<const float> rows,
                                            absl::Span<const double> truth, int64_t most, uint64_t seed,
                                            const StopCheck& stop);

// INVALID_ARGUMENT unless every entry is an index of the schema and none occurs twice.
absl::Status CheckFeatures(const Schema& schema, absl::Span<const int> features);

}  // namespace roicast::explanation
