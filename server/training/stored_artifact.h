// The artifact of a stored version, for calls that work on it beside the served models.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "model/artifact/artifact.h"
#include "server/store/store.h"

namespace roicast {

struct StoredArtifact {
  // As much as reading it takes, and evaluating it.
  MemoryClaim memory;
  Artifact artifact;
};

// Errors: those of the store and of ParseArtifact; MemoryShort.
absl::StatusOr<StoredArtifact> ReadStoredArtifact(const Store& store, absl::string_view model, int64_t version,
                                                  MemoryBudget* memory);

}  // namespace roicast
