// The compiled form of an artifact: raw rows in, ROI out. Immutable and thread-safe; no allocation, lock or file on the
// way of a prediction (except that the first prediction of a thread may allocate for networks of more than about 150
// features, inputs and units a row).
//
// Compiling folds centre and scale into the first layer, a category or a time part into a row of it, and the target's
// standardisation into the last layer. A row's prediction does not depend on its neighbours or on the route: single
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

namespace roicast {

enum class WarningKind { kValueImputed, kCategoryUnseen, kValueOutOfRange };

struct RowWarning {
  WarningKind kind;
  int feature;  // index in the schema
};

class Predictor {
 public:
  // Verifies the golden rows. Errors: InvalidArgument (inconsistent artifact, fewer than 16 golden rows), DataLoss
  // (golden rows do not come back within 1e-5 of the prediction, or of the ROI that one standard deviation of the
  // target is worth there, whichever is larger).
  static absl::StatusOr<std::unique_ptr<const Predictor>> Compile(const Artifact& artifact);
  // The same for an artifact that has no golden rows yet.
  static absl::StatusOr<std::unique_ptr<const Predictor>> CompileUnverified(const Artifact& artifact);

  virtual ~Predictor() = default;

  virtual const Schema& schema() const = 0;

  // rows: row-major [n, schema().size()] raw rows, see schema.h. roi [n].
  // flags: empty, or [n]: 1 where the row has a warning or is refused (Explain tells), else 0. A refused row (infinite
  // or not allowed value) gets NaN.
  virtual void Predict(const float* rows, int64_t n, absl::Span<float> roi, absl::Span<uint8_t> flags) const = 0;

  // The same for columns: [schema().size()] views in schema order.
  virtual void PredictColumns(absl::Span<const ColumnView> columns, int64_t n, absl::Span<float> roi,
                              absl::Span<uint8_t> flags) const = 0;

  // Why a row is flagged: appends its warnings, or returns InvalidArgument naming the feature, what was expected and
  // what came, such as `spend: expected > 0, got -5`.
  virtual absl::Status Explain(const float* row, std::vector<RowWarning>& warnings) const = 0;

  // Bytes of weights and tables.
  virtual int64_t memory_bytes() const = 0;
};

// Copies row `index` of columns into raw row form, for Explain. row [columns.size()].
void GatherRow(absl::Span<const ColumnView> columns, int64_t index, float* row);

// The plain path in float64: Preprocessor::EncodeRow, Mlp::Evaluate, FittedTarget::ToRoi. For tests and verification.
absl::StatusOr<std::vector<float>> PredictByReference(const Artifact& artifact, const float* rows, int64_t n);

}  // namespace roicast
