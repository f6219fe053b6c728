#include "server/services/models/shared_artifacts.h"

#include <iterator>

#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {

std::shared_ptr<const SharedArtifacts::Held> SharedArtifacts::Known(const Key& key) {
  // Those that nobody reads any more.
  for (auto entry = read_.begin(); entry != read_.end();) {
    entry = entry->second.expired() ? read_.erase(entry) : std::next(entry);
  }
  const auto known = read_.find(key);
  return known == read_.end() ? nullptr : known->second.lock();
}

absl::StatusOr<std::shared_ptr<const std::string>> SharedArtifacts::Read(const ModelVersion& version) {
  const Key key(version.model, version.version);
  const auto bytes_of = [](const std::shared_ptr<const Held>& held) {
    return std::shared_ptr<const std::string>(held, &held->bytes);
  };
  {
    absl::MutexLock lock(&mutex_);
    if (const auto known = Known(key)) return bytes_of(known);
  }
  absl::StatusOr<MemoryClaim> claim = memory_.Claim(MemoryUse::kAnswers, static_cast<uint64_t>(version.size_bytes));
  if (!claim.ok()) return MemoryShort(claim.status());
  auto held = std::make_shared<Held>();
  held->claim = *std::move(claim);
  // Without the lock: who wants another one does not wait for it.
  ROICAST_ASSIGN_OR_RETURN(held->bytes, store_.ReadArtifact(version.model, version.version));
  absl::MutexLock lock(&mutex_);
  if (const auto known = Known(key)) return bytes_of(known);
  read_[key] = held;
  return bytes_of(held);
}

}  // namespace roicast
