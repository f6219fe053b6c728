#include "model/predictor/compiled_predictor.h"

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "model/features/word_ranges.h"
#include "model/predictor/explain_row.h"
#include "model/predictor/model_compiler.h"
#include "model/predictor/thread_scratch.h"

namespace roicast::predictor {
namespace {

// Scratch memory is on the stack for models of usual size. Larger ones share a buffer per thread, which only grows.
constexpr int32_t kStackFloats = 24 * 1024;

float* LargeScratch(int32_t floats) {
  static thread_local ThreadScratch scratch;
  return scratch.AtLeast(floats);
}

class CompiledPredictor final : public Predictor {
 public:
  CompiledPredictor(Schema schema, std::unique_ptr<const OwnedModel> owned, const Kernels& kernels)
      : schema_(std::move(schema)), word_ranges_(schema_), owned_(std::move(owned)), kernels_(kernels) {}

  const Schema& schema() const override { return schema_; }

  void Predict(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) const override {
    CheckSizes(n, roi, flags);
    uint8_t* flag_data = flags.empty() ? nullptr : flags.data();
    WithScratch([&](float* scratch) { kernels_.predict_rows(owned_->model, rows, n, roi.data(), flag_data, scratch); });
  }

  void PredictColumns(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                      absl::Span<uint8_t> flags) const override {
    CheckSizes(n, roi, flags);
    ROICAST_CHECK(static_cast<int>(columns.size()) == schema_.size());
    uint8_t* flag_data = flags.empty() ? nullptr : flags.data();
    WithScratch([&](float* scratch) {
      kernels_.predict_columns(owned_->model, columns.data(), n, roi.data(), flag_data, scratch);
    });
  }

  void PredictWithSpread(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags,
                         const Spread& spread) const override {
    CheckSizes(n, roi, flags);
    const SpreadArrays arrays = ArraysOf(spread, n);
    uint8_t* flag_data = flags.empty() ? nullptr : flags.data();
    WithScratch(
        [&](float* scratch) { kernels_.spread_rows(owned_->model, rows, n, roi.data(), flag_data, arrays, scratch); });
    FlagRows(rows, n, flag_data);
  }

  void PredictColumnsWithSpread(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                                absl::Span<uint8_t> flags, const Spread& spread) const override {
    CheckSizes(n, roi, flags);
    ROICAST_CHECK(static_cast<int>(columns.size()) == schema_.size());
    const SpreadArrays arrays = ArraysOf(spread, n);
    uint8_t* flag_data = flags.empty() ? nullptr : flags.data();
    WithScratch([&](float* scratch) {
      kernels_.spread_columns(owned_->model, columns.data(), n, roi.data(), flag_data, arrays, scratch);
    });
    FlagColumns(columns, n, flag_data);
  }

  void FillIntervals(const IntervalRows& rows) const override { kernels_.intervals(owned_->model, rows); }

  absl::Status Explain(const float* row, std::vector<RowWarning>& warnings) const override {
    return ExplainRow(schema_, row, warnings);
  }

  int64_t memory_bytes() const override { return owned_->bytes; }

 private:
  void FlagRows(const float* rows, int64_t n, uint8_t* flags) const {
    if (word_ranges_.empty() || flags == nullptr) return;
    const int64_t features = schema_.size();
    word_ranges_.Flag(
        n, [&](int64_t row, int32_t feature) { return rows[row * features + feature]; }, flags);
  }
  void FlagColumns(absl::Span<const ColumnView> columns, int64_t n, uint8_t* flags) const {
    if (word_ranges_.empty() || flags == nullptr) return;
    const auto value = [&](int64_t row, int32_t feature) {
      float gathered = 0.0f;
      GatherRow(columns.subspan(static_cast<size_t>(feature), 1), row, &gathered);
      return gathered;
    };
    word_ranges_.Flag(n, value, flags);
  }

  static void CheckSizes(int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) {
    ROICAST_CHECK(n >= 0 && roi.size() >= static_cast<size_t>(n));
    ROICAST_CHECK(flags.empty() || flags.size() >= static_cast<size_t>(n));
  }

  SpreadArrays ArraysOf(const Spread& spread, int64_t n) const {
    const bool gated = owned_->model.gate.weights != nullptr;
    ROICAST_CHECK(spread.location.size() >= static_cast<size_t>(n) &&
                  spread.log_scale.size() >= static_cast<size_t>(n) &&
                  (!gated || spread.share.size() >= static_cast<size_t>(n)));
    return {spread.location.data(), spread.log_scale.data(), gated ? spread.share.data() : nullptr};
  }

  template <typename Body>
  void WithScratch(const Body& body) const {
    const int32_t floats = owned_->model.scratch_floats;
    if (floats > kStackFloats) return body(LargeScratch(floats));
    alignas(64) float scratch[kStackFloats];
    body(scratch);
  }

  const Schema schema_;
  const WordRangeTable word_ranges_;
  const std::unique_ptr<const OwnedModel> owned_;
  const Kernels& kernels_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const Predictor>> CompileFor(const Artifact& artifact, const Kernels& kernels) {
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<const OwnedModel> owned, CompileModel(artifact));
  return std::make_unique<CompiledPredictor>(artifact.schema, std::move(owned), kernels);
}

}  // namespace roicast::predictor
