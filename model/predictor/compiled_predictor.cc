#include "model/predictor/compiled_predictor.h"

#include <cstdint>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/features/preprocessor.h"
#include "model/predictor/model_compiler.h"

namespace roicast::predictor {
namespace {

// Scratch memory is on the stack for models of usual size. Larger ones share a buffer per thread, which only grows.
constexpr int32_t kStackFloats = 24 * 1024;

class ThreadScratch {
 public:
  float* AtLeast(int32_t floats) {
    if (floats > size_) {
      memory_.reset(static_cast<float*>(::operator new(sizeof(float) * static_cast<size_t>(floats), kAlignment)));
      size_ = floats;
    }
    return memory_.get();
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* memory) const { ::operator delete(memory, kAlignment); }
  };
  std::unique_ptr<float, Free> memory_;
  int32_t size_ = 0;
};

float* LargeScratch(int32_t floats) {
  static thread_local ThreadScratch scratch;
  return scratch.AtLeast(floats);
}

absl::Status Refused(const Feature& feature, RawValue state, float value) {
  std::string expected = "a finite number";
  if (state == RawValue::kNotAllowed) {
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        expected = AllowedRange(feature);
        break;
      case FeatureKind::kCategorical:
        expected = "a code ≥ 0";
        break;
      case FeatureKind::kTime:
        expected = "hours since 1970 within the years 1900 to 2199";
        break;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(feature.name, ": expected ", expected, ", got ", value));
}

class CompiledPredictor final : public Predictor {
 public:
  CompiledPredictor(Schema schema, std::unique_ptr<const OwnedModel> owned, const Kernels& kernels)
      : schema_(std::move(schema)), owned_(std::move(owned)), kernels_(kernels) {}

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

  absl::Status Explain(const float* row, std::vector<RowWarning>& warnings) const override {
    const size_t before = warnings.size();
    for (int f = 0; f < schema_.size(); ++f) {
      const RawValue state = ClassifyRawValue(schema_.features[f], row[f]);
      switch (state) {
        case RawValue::kUsual:
          break;
        case RawValue::kMissing:
          warnings.push_back({WarningKind::kValueImputed, f});
          break;
        case RawValue::kUnseen:
          warnings.push_back({WarningKind::kCategoryUnseen, f});
          break;
        case RawValue::kOutOfRange:
          warnings.push_back({WarningKind::kValueOutOfRange, f});
          break;
        case RawValue::kNotFinite:
        case RawValue::kNotAllowed:
          warnings.resize(before);
          return Refused(schema_.features[f], state, row[f]);
      }
    }
    return absl::OkStatus();
  }

  int64_t memory_bytes() const override { return owned_->bytes; }

 private:
  static void CheckSizes(int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) {
    ROICAST_CHECK(n >= 0 && roi.size() >= static_cast<size_t>(n));
    ROICAST_CHECK(flags.empty() || flags.size() >= static_cast<size_t>(n));
  }

  template <typename Body>
  void WithScratch(const Body& body) const {
    const int32_t floats = owned_->model.scratch_floats;
    if (floats > kStackFloats) return body(LargeScratch(floats));
    alignas(64) float scratch[kStackFloats];
    body(scratch);
  }

  const Schema schema_;
  const std::unique_ptr<const OwnedModel> owned_;
  const Kernels& kernels_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const Predictor>> CompileFor(const Artifact& artifact, const Kernels& kernels) {
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<const OwnedModel> owned, CompileModel(artifact));
  return std::make_unique<CompiledPredictor>(artifact.schema, std::move(owned), kernels);
}

}  // namespace roicast::predictor
