// Keeps the schema of a model, so that rows are encoded without asking the server each time.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/channel.h"
#include "client/model_client.h"
#include "client/retry.h"
#include "client/rows/row_schema.h"
#include "roicast/v1/common.pb.h"

namespace roicast::client {

// Thread-safe.
class SchemaCache {
 public:
  // model: as in a PredictRequest; the default is the serving version of the default model.
  explicit SchemaCache(std::shared_ptr<ChannelPool> channels, v1::ModelRef model = {}, const CallOptions& options = {});

  // The schema, fetched by the first call. Errors: those of GetModel; the next call tries again.
  absl::StatusOr<std::shared_ptr<const RowSchema>> Get();
  // A newer schema than `stale`, which the server refused with SCHEMA_MISMATCH. Callers that come at the same time wait
  // for one fetch. Get returns the stale one meanwhile.
  absl::StatusOr<std::shared_ptr<const RowSchema>> Refresh(const std::shared_ptr<const RowSchema>& stale);

  const v1::ModelRef& model() const { return model_; }

 private:
  std::shared_ptr<const RowSchema> Current() const;

  const ModelClient client_;
  const v1::ModelRef model_;
  // Held while a schema is fetched; taken before mutex_.
  absl::Mutex fetch_mutex_;
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(fetch_mutex_);
  std::shared_ptr<const RowSchema> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast::client
