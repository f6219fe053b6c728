// A predictor that is a formula, so that explanations can be compared with what is known of it.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "model/predictor/predictor.h"

namespace roicast {

class FunctionPredictor : public Predictor {
 public:
  using Function = std::function<double(const float* row)>;

  FunctionPredictor(Schema schema, Function function) : schema_(std::move(schema)), function_(std::move(function)) {}

  const Schema& schema() const override { return schema_; }
  void Predict(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t>) const override {
    rows_predicted_ += n;
    for (int64_t i = 0; i < n; ++i) {
      roi[static_cast<size_t>(i)] = static_cast<float>(function_(rows + i * schema_.size()));
    }
  }
  int64_t rows_predicted() const { return rows_predicted_; }

  void PredictColumns(absl::Span<const ColumnView>, int64_t, absl::Span<float>, absl::Span<uint8_t>) const override {
    ROICAST_CHECK(false);
  }
  void PredictWithSpread(const float*, int64_t, absl::Span<float>, absl::Span<uint8_t>, const Spread&) const override {
    ROICAST_CHECK(false);
  }
  void PredictColumnsWithSpread(absl::Span<const ColumnView>, int64_t, absl::Span<float>, absl::Span<uint8_t>,
                                const Spread&) const override {
    ROICAST_CHECK(false);
  }
  void FillIntervals(const IntervalRows&) const override { ROICAST_CHECK(false); }
  absl::Status Explain(const float*, std::vector<RowWarning>&) const override { return absl::OkStatus(); }
  int64_t memory_bytes() const override { return 0; }

 private:
  const Schema schema_;
  const Function function_;
  mutable int64_t rows_predicted_ = 0;
};

inline Feature NumberFeature(const std::string& name) {
  Feature feature;
  feature.name = name;
  return feature;
}

inline Feature WordFeature(const std::string& name, std::vector<std::string> vocabulary) {
  Feature feature;
  feature.name = name;
  feature.kind = FeatureKind::kCategorical;
  feature.vocabulary = std::move(vocabulary);
  return feature;
}

inline Feature TimeFeature(const std::string& name) {
  Feature feature;
  feature.name = name;
  feature.kind = FeatureKind::kTime;
  return feature;
}

// x0, x1, …
inline Schema NumericSchema(int features) {
  Schema schema;
  for (int f = 0; f < features; ++f) schema.features.push_back(NumberFeature(absl::StrCat("x", f)));
  return schema;
}

inline constexpr float kMissingValue = std::numeric_limits<float>::quiet_NaN();

}  // namespace roicast
