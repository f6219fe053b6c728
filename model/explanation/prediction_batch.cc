#include "model/explanation/prediction_batch.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {

PredictionBatch::PredictionBatch(const Predictor& predictor, int features, const StopCheck& stop)
    : predictor_(predictor), stop_(stop), features_(features), capacity_(std::max(kBatchRows, 2 * features)) {
  rows_.resize(static_cast<size_t>(capacity_) * static_cast<size_t>(features));
  predictions_.resize(capacity_);
}

float* PredictionBatch::Add(const float* row) {
  ROICAST_CHECK(size_ < capacity_);
  float* const added = rows_.data() + static_cast<ptrdiff_t>(size_++) * features_;
  std::memcpy(added, row, sizeof(float) * static_cast<size_t>(features_));
  return added;
}

absl::Status PredictionBatch::Run() {
  ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
  predictor_.Predict(rows_.data(), size_, absl::MakeSpan(predictions_), {});
  evaluations_ += size_;
  return absl::OkStatus();
}

absl::Status PredictionBatch::Predict(const float* rows, int64_t n, absl::Span<float> predictions) {
  for (int64_t i = 0; i < n; i += kBatchRows) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    const int64_t count = std::min<int64_t>(n - i, kBatchRows);
    predictor_.Predict(rows + i * features_, count, predictions.subspan(i, count), {});
    evaluations_ += count;
  }
  return absl::OkStatus();
}

}  // namespace roicast
