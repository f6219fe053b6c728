#include "server/serving/model_registry.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/memory_room.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

absl::Status NegativeVersion(int64_t version) {
  return absl::InvalidArgumentError(absl::StrCat("model.version: expected ≥ 0, got ", version));
}

// While an artifact is loaded there are its bytes, what they are parsed to, the artifact, and the predictor.
constexpr uint64_t kLoadingFactor = 4;
// Polling threads let go of an evicted version as soon as they look; a request that uses it may take longer.
constexpr std::chrono::milliseconds kEvictionWait{100};

// The model holds the memory until nobody uses it.
std::shared_ptr<const ServedModel> WithClaim(std::shared_ptr<const ServedModel> model, MemoryClaim claim) {
  struct Held {
    MemoryClaim claim;
    std::shared_ptr<const ServedModel> model;
  };
  auto held = std::make_shared<const Held>(Held{std::move(claim), std::move(model)});
  return {held, held->model.get()};
}

}  // namespace

ModelRegistry::ModelRegistry(const Options& options, Store* store, ServerMetrics* metrics)
    : options_(options), store_(store), metrics_(metrics), snapshot_(std::make_shared<const ModelSnapshot>()) {
  ROICAST_CHECK(options_.max_extra_versions >= 1);
}

absl::StatusOr<const std::shared_ptr<const ServedModel>*> ModelRegistry::Find(const ModelSnapshot& snapshot,
                                                                              absl::string_view model,
                                                                              int64_t version) const {
  const absl::string_view name = Resolve(model);
  if (version < 0) return NegativeVersion(version);
  if (version > 0) return snapshot.Find(name, version);
  if (const auto* const found = snapshot.Serving(name)) return found;
  if (snapshot.Pending(name) != 0) return nullptr;
  if (snapshot.Knows(name) || name == options_.default_model) return NoVersionReady(name, snapshot.Refusal(name));
  return ModelNotFound(name, snapshot.Names());
}

absl::StatusOr<std::shared_ptr<const ServedModel>> ModelRegistry::FindOrLoad(absl::string_view model, int64_t version) {
  const absl::string_view name = Resolve(model);
  int64_t pending = 0;
  {
    // Not longer: loading may have to free what it refers to.
    const std::shared_ptr<const ModelSnapshot> snapshot = Snapshot();
    ROICAST_ASSIGN_OR_RETURN(const auto* const found, Find(*snapshot, model, version));
    if (found != nullptr) return *found;
    pending = snapshot->Pending(name);
  }
  // Other versions do not wait for it.
  if (pending != 0 && (version == 0 || version == pending)) {
    ROICAST_RETURN_IF_ERROR(JustFailed(name));
    absl::MutexLock load_lock(&load_mutex_);
    ROICAST_RETURN_IF_ERROR(StartPending(name));
  }
  if (version > 0) return Load(name, version);
  const std::shared_ptr<const ModelSnapshot> now = Snapshot();
  ROICAST_ASSIGN_OR_RETURN(const auto* const started, Find(*now, model, version));
  if (started == nullptr) return NoVersionReady(name);
  return *started;
}

absl::StatusOr<ModelVersion> ModelRegistry::Describe(absl::string_view model, int64_t version) const {
  const absl::string_view name = Resolve(model);
  if (version < 0) return NegativeVersion(version);
  return store_->GetVersion(name, version == 0 ? Snapshot()->ServingVersion(name) : version);
}

absl::StatusOr<std::shared_ptr<const ServedModel>> ModelRegistry::Load(absl::string_view model, int64_t version) {
  if (auto found = InMemory(model, version)) return found;
  // Checked without the lock, so that requests for unknown versions do not queue behind loads.
  const absl::StatusOr<ModelVersion> known = store_->GetVersion(model, version);
  ROICAST_RETURN_IF_ERROR(known.status());
  const ModelAndVersion key(model, version);
  ROICAST_RETURN_IF_ERROR(JustFailed(key));
  absl::MutexLock load_lock(&load_mutex_);
  if (auto found = InMemory(model, version)) return found;
  ROICAST_RETURN_IF_ERROR(JustFailed(key));
  absl::StatusOr<Loaded> loaded = LoadOnce(model, version);
  if (!loaded.ok()) return loaded;
  auto next = std::make_shared<ModelSnapshot>(*Snapshot());
  next->models_[model].others[version] = *loaded;
  const int64_t bytes = known->size_bytes + (*loaded)->predictor().memory_bytes();
  extra_versions_.push_back({key, static_cast<uint64_t>(bytes)});
  if (extra_versions_.size() > static_cast<size_t>(options_.max_extra_versions)) EvictOldest(*next);
  Replace(std::move(next));
  return loaded;
}

ModelRegistry::Loaded ModelRegistry::InMemory(absl::string_view model, int64_t version) const {
  const std::shared_ptr<const ModelSnapshot> snapshot = Snapshot();
  const auto* const found = snapshot->Find(model, version);
  return found == nullptr ? nullptr : *found;
}

bool ModelRegistry::MayFit(uint64_t needed) const {
  uint64_t evictable = 0;
  for (const ExtraVersion& extra : extra_versions_) evictable += extra.bytes;
  return HasRoomBesidePredictions(*options_.memory, needed - std::min(needed, evictable));
}

std::weak_ptr<const ServedModel> ModelRegistry::EvictOldest(ModelSnapshot& next) {
  const auto& [model, version] = extra_versions_.front().key;
  std::map<int64_t, Loaded>& others = next.models_[model].others;
  const std::weak_ptr<const ServedModel> evicted = others[version];
  others.erase(version);
  extra_versions_.pop_front();
  return evicted;
}

bool ModelRegistry::EvictFor(uint64_t needed) {
  if (extra_versions_.empty() || !MayFit(needed)) return false;
  auto fewer = std::make_shared<ModelSnapshot>(*Snapshot());
  const std::weak_ptr<const ServedModel> evicted = EvictOldest(*fewer);
  Replace(std::move(fewer));
  const auto until = std::chrono::steady_clock::now() + kEvictionWait;
  while (!evicted.expired() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    FreeRetired();
  }
  return true;
}

absl::StatusOr<ModelRegistry::Loaded> ModelRegistry::LoadOnce(absl::string_view model, int64_t version) {
  absl::StatusOr<Loaded> loaded = ReadMakingRoom(model, version);
  if (loaded.ok() || absl::IsNotFound(loaded.status()) || absl::IsResourceExhausted(loaded.status())) return loaded;
  return VersionNotLoadable(model, version, loaded.status().message());
}

absl::StatusOr<ModelRegistry::Loaded> ModelRegistry::ReadMakingRoom(absl::string_view model, int64_t version) {
  absl::StatusOr<Loaded> loaded = ReadAndVerify(model, version);
  while (absl::IsResourceExhausted(loaded.status()) && EvictFor(NeededFor(model, version))) {
    loaded = ReadAndVerify(model, version);
  }
  const ModelAndVersion key(model, version);
  if (!absl::IsResourceExhausted(loaded.status())) {
    absl::MutexLock lock(&failures_mutex_);
    version_failures_.erase(key);
    return loaded;
  }
  const uint64_t needed = NeededFor(model, version);
  absl::MutexLock lock(&failures_mutex_);
  version_failures_[key] = FailureNow(loaded.status(), needed);
  return loaded;
}

uint64_t ModelRegistry::NeededFor(absl::string_view model, int64_t version) const {
  const absl::StatusOr<ModelVersion> known = store_->GetVersion(model, version);
  return known.ok() ? kLoadingFactor * static_cast<uint64_t>(known->size_bytes) : 0;
}

absl::StatusOr<ModelRegistry::Loaded> ModelRegistry::ReadUnlessRefused(absl::string_view model, int64_t version) const {
  const auto refused = refused_versions_.find(std::make_pair(std::string(model), version));
  if (refused != refused_versions_.end()) return refused->second;
  return Read(model, version);
}

absl::StatusOr<ModelRegistry::Loaded> ModelRegistry::Read(absl::string_view model, int64_t version) const {
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<std::shared_ptr<const ServedModel>> loaded = [&]() -> decltype(loaded) {
    ROICAST_ASSIGN_OR_RETURN(const ModelVersion known, store_->GetVersion(model, version));
    const auto size = static_cast<uint64_t>(known.size_bytes);
    absl::StatusOr<MemoryClaim> memory = options_.memory->Claim(MemoryUse::kModels, kLoadingFactor * size);
    if (!memory.ok()) return MemoryShort(memory.status());
    // The store has compared the digest.
    ROICAST_ASSIGN_OR_RETURN(const std::string artifact, store_->ReadArtifact(model, version));
    ROICAST_ASSIGN_OR_RETURN(Loaded model_of,
                             ServedModel::Load(model, version, artifact, options_.attach, *metrics_, known.digest));
    const uint64_t stays = size + static_cast<uint64_t>(model_of->predictor().memory_bytes());
    ROICAST_RETURN_IF_ERROR(memory->SetTo(stays));
    return WithClaim(std::move(model_of), *std::move(memory));
  }();
  metrics_->ObserveModelLoad(loaded.ok(), absl::FromChrono(std::chrono::steady_clock::now() - start));
  return loaded;
}

absl::StatusOr<ModelRegistry::Loaded> ModelRegistry::ReadAndVerify(absl::string_view model, int64_t version) {
  const auto key = std::make_pair(std::string(model), version);
  const auto ahead = ahead_.extract(key);
  if (const auto refused = refused_versions_.find(key); refused != refused_versions_.end()) return refused->second;
  absl::StatusOr<Loaded> loaded = ahead.empty() ? Read(model, version) : std::move(ahead.mapped());
  // The note is for operators; serving does not depend on whether it can be written.
  if (!loaded.ok() && !absl::IsNotFound(loaded.status())) {
    if (absl::IsResourceExhausted(loaded.status())) {
      if (on_load_error_) on_load_error_(model, version, loaded.status());
      return loaded;
    }
    store_->SetLoadError(model, version, loaded.status().message()).IgnoreError();
    if (absl::IsDataLoss(loaded.status()) || absl::IsInvalidArgument(loaded.status())) {
      refused_versions_[key] = loaded.status();
    }
    if (on_load_error_) on_load_error_(model, version, loaded.status());
  }
  return loaded;
}

std::shared_ptr<const ModelSnapshot> ModelRegistry::Snapshot() const {
  absl::MutexLock lock(&snapshot_mutex_);
  return snapshot_;
}

void ModelRegistry::Replace(std::shared_ptr<const ModelSnapshot> next) {
  {
    absl::MutexLock lock(&snapshot_mutex_);
    retired_.push_back(std::exchange(snapshot_, std::move(next)));
    epoch_.fetch_add(1, std::memory_order_release);
  }
  if (on_change_) on_change_();
  FreeRetired();
}

void ModelRegistry::FreeRetired() {
  std::vector<std::shared_ptr<const ModelSnapshot>> unused;
  {
    absl::MutexLock lock(&snapshot_mutex_);
    // A count of 1 is the one held here. It cannot grow again: readers copy only snapshot_, under this mutex, and a
    // retired snapshot is not that one any more. A reader that still has a copy may at most let go of it meanwhile, and
    // the snapshot is freed the next time.
    const auto first_unused =
        std::partition(retired_.begin(), retired_.end(), [](const auto& snapshot) { return snapshot.use_count() > 1; });
    unused.assign(std::make_move_iterator(first_unused), std::make_move_iterator(retired_.end()));
    retired_.erase(first_unused, retired_.end());
  }
  // Freed here, without the lock that readers wait for.
}

void ModelRegistry::Reader::Refresh() {
  absl::MutexLock lock(&registry_->snapshot_mutex_);
  snapshot_ = registry_->snapshot_;
  epoch_ = registry_->epoch_.load(std::memory_order_relaxed);
}

}  // namespace roicast
