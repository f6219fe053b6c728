// Measures a model against the truth, with the same Predictor that serves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/matrix.h"
#include "model/evaluation/metrics.h"
#include "model/predictor/predictor.h"

namespace roicast {

// Rows with a prediction; an entry per row in each.
struct PredictedRows {
  std::vector<double> truth, predicted;                // ROI, as served
  std::vector<double> transformed_truth, transformed;  // the network's output, on one transformed scale
  std::vector<int64_t> groups;                         // rows with the same number have the same inputs; ≥ 0
  double class_threshold = 0.5;                        // of a two-valued target
};

// baseline_roi: the constant to compare with; on the transformed scale it is target.offset. Without rows, rows = 0.
// Errors: those of `stop`.
absl::StatusOr<MetricsWithBaseline> MeasurePredicted(const PredictedRows& rows, const FittedTarget& target,
                                                     double baseline_roi, double profit_threshold,
                                                     const StopCheck& stop = nullptr);

// Two compiled forms of one artifact: as served, and without the smearing correction and the floor, which shows the
// network's output on the transformed scale: metrics on that scale describe the network, metrics in ROI units the
// served predictions. Immutable and thread-safe.
class MeasuredModel {
 public:
  // Ignores the golden rows, which may not exist yet. stop: once it says so, the rows that are left have no prediction:
  // ask it again before they are used. Errors: as of Predictor::CompileUnverified.
  static absl::StatusOr<MeasuredModel> Create(const Artifact& artifact, StopCheck stop = nullptr);

  // raw [n, features]. Predictions as served; NaN for rows that serving refuses.
  std::vector<float> Predict(const RowMajorMatrix& raw) const;
  // The same on the transformed scale, before the correction and the floor.
  std::vector<double> PredictTransformed(const RowMajorMatrix& raw) const;
  // Number of rows with at least one warning.
  int64_t CountWarnings(const RowMajorMatrix& raw) const;

  // Metrics of the rows with a prediction; of a two-valued target with two_valued, at the threshold that training
  // chose, and without profitable. truth [n]: ROI. baseline_roi: the constant to compare with. The standard error of R²
  // takes rows of one group [n] as one; empty: those that are equal in `raw`. Without rows, rows = 0. Errors: those of
  // `stop`.
  absl::StatusOr<MetricsWithBaseline> Measure(const RowMajorMatrix& raw, absl::Span<const double> truth,
                                              double baseline_roi, double profit_threshold,
                                              absl::Span<const int64_t> groups = {}) const;

  // Appends the rows with a prediction. groups [n]: which rows have the same inputs. scale: its transform is the scale
  // of the transformed values, which may not be this model's.
  void AppendPredictions(const RowMajorMatrix& raw, absl::Span<const double> truth, absl::Span<const int64_t> groups,
                         const FittedTarget& scale, PredictedRows& rows) const;

 private:
  MeasuredModel() = default;

  // flags: empty, or one per row.
  std::vector<float> PredictWith(const Predictor& predictor, const RowMajorMatrix& raw,
                                 absl::Span<uint8_t> flags) const;
  // The network's output as ROI.
  std::vector<float> PredictPlain(const RowMajorMatrix& raw) const;

  StopCheck stop_;
  FittedTarget target_;
  std::optional<double> class_threshold_;  // of a two-valued target
  std::unique_ptr<const Predictor> served_;
  std::unique_ptr<const Predictor> plain_;
};

}  // namespace roicast
