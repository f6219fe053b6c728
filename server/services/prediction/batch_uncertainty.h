// What a batch is answered beside its predictions: intervals and probabilities of profit.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/uncertainty/uncertainty.h"
#include "server/services/prediction/packed_array.h"
#include "server/services/prediction/wire_writer.h"
#include "server/serving/served_model.h"

namespace roicast {

// Kept from batch to batch, with its memory.
class BatchUncertainty {
 public:
  // Checks what is asked against the model, which has to outlive the last Predict. Errors: as of AskHowSure.
  absl::Status Begin(const UncertaintyOptions& options, const ServedModel& model);
  // Whether anything is asked. If not, there is nothing to do, and SetRows, Refuse and Write do nothing.
  bool asked() const { return question_.has_value(); }
  // Room for the answers.
  void SetRows(int64_t rows);

  // Rows [first, first + roi.size()): fills in their predictions, flags and answers. Thread-safe for different rows.
  void Predict(const RawRows& raw, int64_t first, absl::Span<float> roi, absl::Span<uint8_t> flags);
  // Makes the answers to a row NaN.
  void Refuse(int64_t row);
  // Writes the answers' fields of BatchPredictResponse.
  void Write(WireWriter& writer) const;

  // Gives back memory beyond that many values.
  void ShrinkTo(size_t values);

 private:
  const ServedModel* model_ = nullptr;
  std::optional<Uncertainty::Question> question_;
  Scratch<float> low_, high_, probability_;  // of all rows; empty if not asked for
};

}  // namespace roicast
