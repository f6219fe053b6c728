// Predicts rows of any schema through dense rows: fetches the schema once, and again when the model has got another.
#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/channel.h"
#include "client/prediction_client.h"
#include "client/retry.h"
#include "client/rows/row_builder.h"
#include "client/rows/schema_cache.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

// Thread-safe.
class RowPredictor {
 public:
  explicit RowPredictor(const std::shared_ptr<ChannelPool>& channels, const v1::ModelRef& model = {},
                        const CallOptions& options = {});

  // `fill` sets the values of an empty row. If the server answers SCHEMA_MISMATCH, the schema is fetched, `fill` is
  // called again and the row is sent once more. Errors: those of fill, GetModel and Predict.
  absl::StatusOr<v1::PredictResponse> Predict(absl::FunctionRef<absl::Status(RowBuilder&)> fill);

  SchemaCache& schemas() { return schemas_; }

 private:
  absl::StatusOr<v1::PredictResponse> Send(const std::shared_ptr<const RowSchema>& schema,
                                           absl::FunctionRef<absl::Status(RowBuilder&)> fill) const;

  SchemaCache schemas_;
  const PredictionClient client_;
};

}  // namespace roicast::client
