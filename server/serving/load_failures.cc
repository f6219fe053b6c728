// Which versions could not be loaded just now, so that they are neither tried nor told of again and again.
#include <chrono>
#include <string>
#include <vector>

#include "base/memory_room.h"
#include "server/serving/model_registry.h"

namespace roicast {

void ModelRegistry::RememberFailure(absl::string_view model, const absl::Status& error, uint64_t needed) {
  absl::MutexLock lock(&failures_mutex_);
  failures_.insert_or_assign(std::string(model), FailureNow(error, needed));
}

ModelRegistry::Failure ModelRegistry::FailureNow(const absl::Status& error, uint64_t needed) const {
  // Where so much is free already, something else was short: no reason to try sooner.
  const bool was_short = !HasRoomBesidePredictions(*options_.memory, needed);
  return {.error = error, .retry_at = std::chrono::steady_clock::now() + kRetryAfter, .needed = was_short ? needed : 0};
}

void ModelRegistry::ForgetFailure(absl::string_view model) {
  absl::MutexLock lock(&failures_mutex_);
  if (const auto failure = failures_.find(model); failure != failures_.end()) failures_.erase(failure);
}

int ModelRegistry::not_started() const {
  absl::MutexLock lock(&failures_mutex_);
  return static_cast<int>(failures_.size());
}

std::vector<std::string> ModelRegistry::WorthStarting() const {
  std::vector<std::string> models;
  absl::MutexLock lock(&failures_mutex_);
  for (const auto& [model, failure] : failures_) {
    if (MayFit(failure.needed)) models.push_back(model);
  }
  return models;
}

absl::Status ModelRegistry::JustFailed(absl::string_view model) const {
  absl::MutexLock lock(&failures_mutex_);
  const auto failure = failures_.find(model);
  return failure == failures_.end() ? absl::OkStatus() : ErrorStill(failure->second);
}

absl::Status ModelRegistry::JustFailed(const ModelAndVersion& key) const {
  absl::MutexLock lock(&failures_mutex_);
  const auto failure = version_failures_.find(key);
  return failure == version_failures_.end() ? absl::OkStatus() : ErrorStill(failure->second);
}

absl::Status ModelRegistry::StillShort(const ModelAndVersion& key) const {
  absl::MutexLock lock(&failures_mutex_);
  const auto failure = version_failures_.find(key);
  if (failure == version_failures_.end()) return absl::OkStatus();
  if (failure->second.needed == 0) return ErrorStill(failure->second);
  return MayFit(failure->second.needed) ? absl::OkStatus() : failure->second.error;
}

absl::Status ModelRegistry::ErrorStill(const Failure& failure) const {
  if (std::chrono::steady_clock::now() >= failure.retry_at) return absl::OkStatus();
  const bool has_room = failure.needed > 0 && HasRoomBesidePredictions(*options_.memory, failure.needed);
  return has_room ? absl::OkStatus() : failure.error;
}

}  // namespace roicast
