#include "client/rows/schema_cache.h"

#include <utility>

#include "base/status_macros.h"
#include "client/serving_model.h"

namespace roicast::client {

SchemaCache::SchemaCache(std::shared_ptr<ChannelPool> channels, v1::ModelRef model, const CallOptions& options)
    : client_(std::move(channels), options), model_(std::move(model)) {}

std::shared_ptr<const RowSchema> SchemaCache::Current() const {
  const absl::MutexLock lock(&mutex_);
  return current_;
}

absl::StatusOr<std::shared_ptr<const RowSchema>> SchemaCache::Get() {
  if (std::shared_ptr<const RowSchema> current = Current(); current != nullptr) return current;
  return Refresh(nullptr);
}

absl::StatusOr<std::shared_ptr<const RowSchema>> SchemaCache::Refresh(const std::shared_ptr<const RowSchema>& stale) {
  const absl::MutexLock fetching(&fetch_mutex_);
  // Someone else was faster.
  if (std::shared_ptr<const RowSchema> current = Current(); current != stale) return current;
  ROICAST_ASSIGN_OR_RETURN(v1::Model model, client_.GetModel(model_));
  ROICAST_RETURN_IF_ERROR(CheckServes(model_, model));
  auto fetched = std::make_shared<const RowSchema>(std::move(model));
  const absl::MutexLock lock(&mutex_);
  current_ = fetched;
  return fetched;
}

}  // namespace roicast::client
