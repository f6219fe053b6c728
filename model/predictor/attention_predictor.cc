#include "model/predictor/attention_predictor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/features/preprocessor.h"
#include "model/features/word_ranges.h"
#include "model/network/attention/attention_pass.h"
#include "model/predictor/explain_row.h"
#include "model/predictor/plain_intervals.h"
#include "model/predictor/thread_scratch.h"

namespace roicast::predictor {
namespace {

constexpr int kAttentionRows = 16;

float* AttentionScratch(int64_t floats) {
  static thread_local ThreadScratch scratch;
  return scratch.AtLeast(floats);
}

class AttentionPredictor final : public Predictor {
 public:
  AttentionPredictor(Preprocessor preprocessor, const AttentionNetwork& network, const FittedTarget& target,
                     const attention::Kernels& kernels)
      : preprocessor_(std::move(preprocessor)),
        parameters_(network.parameters),
        target_(target),
        pass_(network.shape, network.feature_inputs, kAttentionRows, false, kernels) {}

  const Schema& schema() const override { return preprocessor_.schema(); }

  void Predict(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) const override {
    PredictRows(rows, n, roi, flags, nullptr);
  }

  void PredictColumns(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                      absl::Span<uint8_t> flags) const override {
    PredictViews(columns, n, roi, flags, nullptr);
  }

  // One scale for all rows.
  void PredictWithSpread(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags,
                         const Spread& spread) const override {
    PredictRows(rows, n, roi, flags, &spread);
  }

  void PredictColumnsWithSpread(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                                absl::Span<uint8_t> flags, const Spread& spread) const override {
    PredictViews(columns, n, roi, flags, &spread);
  }

  void FillIntervals(const IntervalRows& rows) const override { FillIntervalsPlainly(target_, rows); }

  absl::Status Explain(const float* row, std::vector<RowWarning>& warnings) const override {
    return ExplainRow(schema(), row, warnings);
  }

  int64_t memory_bytes() const override { return static_cast<int64_t>(parameters_.size() * sizeof(float)); }

 private:
  void PredictRows(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags,
                   const Spread* spread) const {
    const int features = schema().size();
    PredictBlocks(n, roi, flags, spread, [&](int64_t i, float*) { return rows + i * features; });
  }

  void PredictViews(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags,
                    const Spread* spread) const {
    ROICAST_CHECK(static_cast<int>(columns.size()) == schema().size());
    PredictBlocks(n, roi, flags, spread, [&](int64_t i, float* gathered) {
      GatherRow(columns, i, gathered);
      return static_cast<const float*>(gathered);
    });
  }

  // spread: nullptr = not wanted.
  // row_at(i, gathered): the i-th raw row, which may be written to gathered [features].
  template <typename RowAt>
  void PredictBlocks(int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags, const Spread* spread,
                     const RowAt& row_at) const {
    ROICAST_CHECK(n >= 0 && roi.size() >= static_cast<size_t>(n));
    ROICAST_CHECK(spread == nullptr || (spread->location.size() >= static_cast<size_t>(n) &&
                                        spread->log_scale.size() >= static_cast<size_t>(n)));
    ROICAST_CHECK(flags.empty() || flags.size() >= static_cast<size_t>(n));
    const int inputs = preprocessor_.encoded_size(), features = schema().size();
    const int64_t memory = pass_.memory();
    float* const scratch = AttentionScratch(memory + (kAttentionRows + 1) * int64_t{inputs} + features);
    float* const x = scratch + memory;
    float* const encoded = x + kAttentionRows * int64_t{inputs};
    float* const gathered = encoded + inputs;
    float z[kAttentionRows];
    for (int64_t from = 0; from < n; from += kAttentionRows) {
      const int count = static_cast<int>(std::min<int64_t>(kAttentionRows, n - from));
      uint32_t refused = 0;
      for (int r = 0; r < count; ++r) {
        const float* const row = row_at(from + r, gathered);
        bool flagged = false;
        if (IsRefused(row, flagged)) refused |= 1u << r;
        if (!flags.empty()) flags[from + r] = flagged ? 1 : 0;
        preprocessor_.EncodeRow(row, encoded);
        for (int i = 0; i < inputs; ++i) x[i * kAttentionRows + r] = encoded[i];
      }
      for (int r = count; r < kAttentionRows; ++r) {
        for (int i = 0; i < inputs; ++i) x[i * kAttentionRows + r] = 0.0f;
      }
      pass_.Forward(parameters_.data(), x, false, scratch, z);
      for (int r = 0; r < count; ++r) {
        roi[from + r] = (refused >> r & 1u) != 0 ? std::numeric_limits<float>::quiet_NaN()
                                                 : static_cast<float>(target_.ToRoi(z[r]));
        if (spread == nullptr) continue;
        const bool predicted = !std::isnan(roi[from + r]);
        spread->location[from + r] = predicted ? static_cast<float>(target_.ToTransformed(z[r])) : roi[from + r];
        spread->log_scale[from + r] = 0.0f;
      }
    }
  }

  // flagged: whether the row is refused or has a warning.
  bool IsRefused(const float* row, bool& flagged) const {
    bool refused = false;
    for (int f = 0; f < schema().size(); ++f) {
      const RawValue state = ClassifyRawValue(schema().features[f], row[f]);
      flagged |= state != RawValue::kUsual || BrokenWordRange(schema().features[f], row, row[f]) != nullptr;
      refused |= state == RawValue::kNotFinite || state == RawValue::kNotAllowed;
    }
    return refused;
  }

  const Preprocessor preprocessor_;
  const std::vector<float> parameters_;
  const FittedTarget target_;
  const AttentionPass pass_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const Predictor>> CompileAttention(const Artifact& artifact,
                                                                  const attention::Kernels& kernels) {
  ROICAST_CHECK(artifact.attention.has_value());
  ROICAST_ASSIGN_OR_RETURN(Preprocessor preprocessor, Preprocessor::Create(artifact.schema, artifact.features));
  ROICAST_RETURN_IF_ERROR(artifact.attention->Validate());
  ROICAST_RETURN_IF_ERROR(artifact.target.Validate());
  if (artifact.attention->feature_inputs != preprocessor.InputsPerFeature()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "attention: expected ", preprocessor.encoded_size(), " inputs of ", artifact.schema.size(), " features, got ",
        artifact.attention->inputs(), " of ", artifact.attention->feature_inputs.size()));
  }
  return std::make_unique<AttentionPredictor>(std::move(preprocessor), *artifact.attention, artifact.target, kernels);
}

}  // namespace roicast::predictor
