#include "model/predictor/predictor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/features/preprocessor.h"
#include "model/predictor/attention_predictor.h"
#include "model/predictor/compiled_predictor.h"
#include "model/predictor/kernels.h"

namespace roicast {
namespace {

constexpr double kGoldenTolerance = 1e-5;
constexpr size_t kMinGoldenRows = 16;

absl::Status VerifyGoldenRows(const Artifact& artifact, const Predictor& predictor) {
  const GoldenRows& golden = artifact.golden;
  const size_t count = golden.predictions.size();
  if (count < kMinGoldenRows || golden.rows.size() != count * artifact.schema.features.size()) {
    return absl::InvalidArgumentError(absl::StrCat("golden rows: expected at least ", kMinGoldenRows, " rows of ",
                                                   artifact.schema.size(), " values, got ", count, " predictions and ",
                                                   golden.rows.size(), " values"));
  }
  std::vector<float> roi(count);
  predictor.Predict(golden.rows.data(), static_cast<int64_t>(count), absl::MakeSpan(roi), {});
  for (size_t i = 0; i < count; ++i) {
    const double expected = golden.predictions[i];
    const double scale = std::max(std::abs(expected), artifact.target.RoiPerDeviation(expected));
    if (!(std::abs(roi[i] - expected) <= kGoldenTolerance * scale)) {
      return absl::DataLossError(
          absl::StrCat("golden row ", i, ": expected the prediction ", expected, ", got ", roi[i]));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Predictor>> Predictor::Compile(const Artifact& artifact) {
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<const Predictor> predictor, CompileUnverified(artifact));
  ROICAST_RETURN_IF_ERROR(VerifyGoldenRows(artifact, *predictor));
  return predictor;
}

absl::StatusOr<std::unique_ptr<const Predictor>> Predictor::CompileUnverified(const Artifact& artifact) {
  if (artifact.attention.has_value()) {
    return predictor::CompileAttention(artifact, attention::ChosenKernels());
  }
  return predictor::CompileFor(artifact, predictor::ChosenKernels());
}

void GatherRow(absl::Span<const ColumnView> columns, int64_t index, float* row) {
  for (size_t f = 0; f < columns.size(); ++f) {
    const ColumnView& column = columns[f];
    row[f] = std::numeric_limits<float>::quiet_NaN();
    if (column.floats != nullptr) {
      row[f] = column.floats[index];
    } else if (column.doubles != nullptr) {
      row[f] = static_cast<float>(column.doubles[index]);
    } else if (column.codes != nullptr) {
      const int32_t code = column.codes[index];
      if (code >= 0 && code < column.code_map_size) row[f] = column.code_map[code];
    } else if (column.times != nullptr && column.times[index] != std::numeric_limits<int64_t>::min()) {
      row[f] = HoursSinceEpoch(column.times[index]);
    }
  }
}

absl::StatusOr<std::vector<float>> PredictByReference(const Artifact& artifact, const float* rows, int64_t n) {
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, Preprocessor::Create(artifact.schema, artifact.features));
  ROICAST_RETURN_IF_ERROR(artifact.attention.has_value() ? artifact.attention->Validate() : artifact.mlp.Validate());
  ROICAST_RETURN_IF_ERROR(artifact.target.Validate());
  ROICAST_RETURN_IF_ERROR(artifact.ValidateGate());
  const int inputs = artifact.attention.has_value() ? artifact.attention->inputs() : artifact.mlp.inputs();
  if (inputs != preprocessor.encoded_size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("network: expected ", preprocessor.encoded_size(), " inputs, got ", inputs));
  }
  const int features = artifact.schema.size();
  std::vector<float> encoded(preprocessor.encoded_size());
  std::vector<float> roi(n);
  for (int64_t i = 0; i < n; ++i) {
    const float* row = rows + i * features;
    preprocessor.EncodeRow(row, encoded.data());
    const double z = artifact.EvaluateNetwork(encoded.data());
    roi[i] = static_cast<float>(
        artifact.gate.has_value() ? artifact.target.ToRoi(z, artifact.mlp.EvaluateHead(encoded.data(), *artifact.gate))
                                  : artifact.target.ToRoi(z));
    for (int f = 0; f < features; ++f) {
      const RawValue state = ClassifyRawValue(artifact.schema.features[f], row[f]);
      if (state == RawValue::kNotFinite || state == RawValue::kNotAllowed) {
        roi[i] = std::numeric_limits<float>::quiet_NaN();
      }
    }
  }
  return roi;
}

}  // namespace roicast
