// Made-up rows that are predicted together.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/predictor/predictor.h"

namespace roicast {

// Raw rows that are predicted together: the batch route of a predictor is many times as fast as single rows. The memory
// is taken once.
class PredictionBatch {
 public:
  // Room for kBatchRows rows, or for two for each feature if that is more. Keeps references.
  static constexpr int kBatchRows = 1024;
  PredictionBatch(const Predictor& predictor, int features, const StopCheck& stop);

  void Clear() { size_ = 0; }
  int size() const { return size_; }
  int room() const { return capacity_ - size_; }
  // A copy of `row` at the end of the batch, to be changed by the caller. Valid until Clear.
  float* Add(const float* row);

  // Asks whether to stop, and predicts the rows.
  absl::Status Run();
  const float* row(int i) const { return rows_.data() + static_cast<size_t>(i) * features_; }
  float prediction(int i) const { return predictions_[i]; }

  // Predicts rows [n, features] that lie elsewhere; kBatchRows at a time.
  absl::Status Predict(const float* rows, int64_t n, absl::Span<float> predictions);

  int64_t evaluations() const { return evaluations_; }

 private:
  const Predictor& predictor_;
  const StopCheck& stop_;
  const int features_;
  const int capacity_;
  int size_ = 0;
  int64_t evaluations_ = 0;
  std::vector<float> rows_;         // [capacity, features]
  std::vector<float> predictions_;  // [capacity]
};

}  // namespace roicast
