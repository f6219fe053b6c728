#include "server/training/stored_artifact.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Of its bytes: the artifact with them, or with another form of it and what both are compiled to.
constexpr uint64_t kEvaluatingFactor = 4;

}  // namespace

absl::StatusOr<StoredArtifact> ReadStoredArtifact(const Store& store, absl::string_view model, int64_t version,
                                                  MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion stored, store.GetVersion(model, version));
  absl::StatusOr<MemoryClaim> claim =
      memory->Claim(MemoryUse::kAnswers, kEvaluatingFactor * static_cast<uint64_t>(stored.size_bytes));
  if (!claim.ok()) return MemoryShort(claim.status());
  ROICAST_ASSIGN_OR_RETURN(const std::string bytes, store.ReadArtifact(model, version));
  ROICAST_ASSIGN_OR_RETURN(Artifact artifact, ParseArtifact(bytes));
  return StoredArtifact{*std::move(claim), std::move(artifact)};
}

}  // namespace roicast
