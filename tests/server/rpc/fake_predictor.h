// A predictor whose answers can be worked out by hand: the sum of a row's values.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/predictor.h"
#include "server/serving/served_model.h"

namespace roicast {

// ROI = Σ value / 1000, missing values counting 0. Missing values and unseen categories warn; infinite and not allowed
// values are refused.
class FakePredictor final : public Predictor {
 public:
  explicit FakePredictor(Schema schema) : schema_(std::move(schema)) {}

  const Schema& schema() const override { return schema_; }
  void Predict(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) const override {
    for (int64_t i = 0; i < n; ++i) {
      const float* const row = rows + i * schema_.size();
      std::vector<RowWarning> warnings;
      const bool ok = Explain(row, warnings).ok();
      float sum = 0;
      for (int f = 0; f < schema_.size(); ++f) sum += std::isnan(row[f]) || row[f] == kUnseenCode ? 0 : row[f];
      roi[i] = ok ? sum / 1000 : std::numeric_limits<float>::quiet_NaN();
      if (!flags.empty()) flags[i] = ok && warnings.empty() ? 0 : 1;
    }
  }
  void PredictColumns(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                      absl::Span<uint8_t> flags) const override {
    std::vector<float> row(columns.size());
    for (int64_t i = 0; i < n; ++i) {
      GatherRow(columns, i, row.data());
      Predict(row.data(), 1, roi.subspan(i, 1), flags.empty() ? flags : flags.subspan(i, 1));
    }
  }
  absl::Status Explain(const float* row, std::vector<RowWarning>& warnings) const override {
    for (int f = 0; f < schema_.size(); ++f) {
      const Feature& feature = schema_.features[f];
      if (std::isnan(row[f])) {
        warnings.push_back({WarningKind::kValueImputed, f});
      } else if (feature.kind == FeatureKind::kNumeric && (!std::isfinite(row[f]) || !feature.Allows(row[f]))) {
        return absl::InvalidArgumentError(absl::StrCat(feature.name, ": not allowed, got ", row[f]));
      } else if (feature.kind == FeatureKind::kCategorical && row[f] >= static_cast<float>(feature.vocabulary.size())) {
        warnings.push_back({WarningKind::kCategoryUnseen, f});
      }
    }
    return absl::OkStatus();
  }
  int64_t memory_bytes() const override { return 0; }

 private:
  const Schema schema_;
};

}  // namespace roicast
