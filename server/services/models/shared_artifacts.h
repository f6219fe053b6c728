// Artifacts that are being read: two clients who export the same version, however slowly, share its bytes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/memory_budget.h"
#include "server/store/store.h"

namespace roicast {

// Thread-safe.
class SharedArtifacts {
 public:
  // Both outlive it and what it gives.
  SharedArtifacts(Store* store, MemoryBudget* memory) : store_(*store), memory_(*memory) {}

  // The artifact file of a version that the store has. The bytes draw from the budget for as long as anyone has them.
  // Errors: ResourceExhausted (memory), those of Store::ReadArtifact.
  absl::StatusOr<std::shared_ptr<const std::string>> Read(const ModelVersion& version);

 private:
  using Key = std::pair<std::string, int64_t>;  // Model and version.
  struct Held {
    MemoryClaim claim;
    std::string bytes;
  };

  // nullptr: nobody has it.
  std::shared_ptr<const Held> Known(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store& store_;
  MemoryBudget& memory_;
  absl::Mutex mutex_;
  std::map<Key, std::weak_ptr<const Held>> read_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast
