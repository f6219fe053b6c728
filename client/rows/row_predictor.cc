#include "client/rows/row_predictor.h"

#include "base/status_macros.h"
#include "client/status.h"

namespace roicast::client {

RowPredictor::RowPredictor(const std::shared_ptr<ChannelPool>& channels, const v1::ModelRef& model,
                           const CallOptions& options)
    : schemas_(channels, model, options), client_(channels, options) {}

absl::StatusOr<v1::PredictResponse> RowPredictor::Send(const std::shared_ptr<const RowSchema>& schema,
                                                       absl::FunctionRef<absl::Status(RowBuilder&)> fill) const {
  RowBuilder row(schema);
  ROICAST_RETURN_IF_ERROR(fill(row));
  v1::PredictRequest request;
  *request.mutable_model() = schemas_.model();
  row.WriteTo(request.mutable_dense_row());
  return client_.Predict(request);
}

absl::StatusOr<v1::PredictResponse> RowPredictor::Predict(absl::FunctionRef<absl::Status(RowBuilder&)> fill) {
  ROICAST_ASSIGN_OR_RETURN(std::shared_ptr<const RowSchema> schema, schemas_.Get());
  absl::StatusOr<v1::PredictResponse> response = Send(schema, fill);
  if (ReasonOf(response.status()) != v1::SCHEMA_MISMATCH) return response;
  ROICAST_ASSIGN_OR_RETURN(schema, schemas_.Refresh(schema));
  return Send(schema, fill);
}

}  // namespace roicast::client
