// The compiled form of an artifact: raw rows in, ROI out. Immutable and thread-safe. A prediction allocates no memory,
// takes no lock and opens no file (except that the first prediction on a thread may allocate if features, inputs and
// units together exceed about 150 per row).
//
// Compiling folds centre and scale into the first layer, a category or a time part into a row of it, and the target's
// standardisation into the last layer. A row's prediction depends neither on its neighbours nor on the route: single
// rows, batches and columns give the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/artifact/artifact.h"
#include "model/data/schema.h"
#include "model/predictor/column_view.h"
#include "model/predictor/interval_rows.h"

namespace roicast {

enum class WarningKind { kValueImputed, kCategoryUnseen, kValueOutOfRange, kValueOutOfWordRange };
inline constexpr WarningKind kAllWarningKinds[] = {WarningKind::kValueImputed, WarningKind::kCategoryUnseen,
                                                   WarningKind::kValueOutOfRange, WarningKind::kValueOutOfWordRange};

struct RowWarning {
  WarningKind kind;
  int feature;  // index in the schema
};

class Predictor {
 public:
  // Verifies the golden rows. Errors: InvalidArgument (inconsistent artifact, fewer than 16 golden rows), DataLoss
  // (golden rows are not reproduced within 1e-5 of the larger of the prediction and FittedTarget::RoiPerDeviation at
  // that prediction).
  static absl::StatusOr<std::unique_ptr<const Predictor>> Compile(const Artifact& artifact);
  // The same for an artifact without golden rows.
  static absl::StatusOr<std::unique_ptr<const Predictor>> CompileUnverified(const Artifact& artifact);

  virtual ~Predictor() = default;

  virtual const Schema& schema() const = 0;

  // rows: row-major [n, schema().size()] raw rows, see schema.h. roi [n].
  // flags: empty, or [n]: 1 if the row has a warning or is rejected (see Explain), else 0. The ROI of a rejected row
  // (with an infinite or disallowed value) is NaN.
  virtual void Predict(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) const = 0;

  // The same for columns: [schema().size()] views in schema order.
  virtual void PredictColumns(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                              absl::Span<uint8_t> flags) const = 0;

  // What intervals are made of: location [n], the prediction on the transformed scale, before the smearing correction
  // and the floor; log_scale [n], ln of the scale of the row's error (Calibration::log_scale, 0 without one). NaN in
  // location: a rejected row.
  struct Spread {
    absl::Span<float> location, log_scale;
    absl::Span<float> share = {};  // zero-heavy: the probability of another value than `rest`, [n]; else empty
  };
  // As Predict and PredictColumns, to the bit, with the spread. Also rows whose only warning is kValueOutOfWordRange are
  // flagged, which Predict and PredictColumns need not look for: it is 2 ns a row, which small networks would feel.
  virtual void PredictWithSpread(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags,
                                 const Spread& spread) const = 0;
  virtual void PredictColumnsWithSpread(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                                        absl::Span<uint8_t> flags, const Spread& spread) const = 0;
  // Fills in what is wanted. A row's values do not depend on its neighbours.
  virtual void FillIntervals(const IntervalRows& rows) const = 0;

  // Explains a flag: appends the row's warnings, or returns InvalidArgument with the feature, what was expected and
  // what was found, such as `spend: expected > 0, got -5`.
  virtual absl::Status Explain(const float* row, std::vector<RowWarning>& warnings) const = 0;

  // Bytes of weights and tables.
  virtual int64_t memory_bytes() const = 0;
};

// Copies row `index` of columns into raw row form, for Explain. row [columns.size()].
void GatherRow(absl::Span<const ColumnView> columns, int64_t index, float* row);

// The reference path in float64: Preprocessor::EncodeRow, Artifact::EvaluateNetwork, the gate, FittedTarget::ToRoi. For
// tests.
absl::StatusOr<std::vector<float>> PredictByReference(const Artifact& artifact, const float* rows, int64_t n);

}  // namespace roicast
