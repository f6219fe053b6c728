#include "server/services/models/artifact_import.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/artifact.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Memory is taken in steps.
constexpr uint64_t kStep = uint64_t{1} << 20;
// Beside the bytes: what they are parsed to, the artifact, and the predictor.
constexpr uint64_t kVerifyingFactor = 3;

absl::Status OrMemoryShort(const absl::Status& grown) { return grown.ok() ? grown : MemoryShort(grown); }

}  // namespace

absl::Status ArtifactImport::CheckSize(int64_t bytes) const {
  if (bytes > kMaxArtifactBytes) return RequestTooLarge("artifact bytes", kMaxArtifactBytes, bytes);
  if (size_.has_value() && bytes > *size_) {
    return absl::DataLossError(
        absl::StrCat("artifact has trailing bytes: expected ", *size_, " bytes as its header says, got ", bytes));
  }
  return absl::OkStatus();
}

absl::Status ArtifactImport::Add(absl::string_view piece) {
  const size_t before = bytes_.size();
  const size_t after = before + piece.size();
  ROICAST_RETURN_IF_ERROR(CheckSize(static_cast<int64_t>(after)));
  if (after > memory_.bytes()) {
    ROICAST_RETURN_IF_ERROR(OrMemoryShort(memory_.SetTo((after + kStep - 1) / kStep * kStep)));
  }
  bytes_.append(piece.data(), piece.size());
  if (size_.has_value()) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(size_, ArtifactSizeFromStart(bytes_));
  if (!size_.has_value()) return absl::OkStatus();
  ROICAST_RETURN_IF_ERROR(CheckSize(*size_));
  ROICAST_RETURN_IF_ERROR(CheckSize(static_cast<int64_t>(after)));
  // Once, rather than twice as much each time; the system gives the pages as they are written.
  bytes_.reserve(static_cast<size_t>(*size_));
  return absl::OkStatus();
}

absl::Status ArtifactImport::Finish() { return OrMemoryShort(memory_.SetTo((1 + kVerifyingFactor) * bytes_.size())); }

void ArtifactImport::Verified() { memory_.SetTo(bytes_.size()).IgnoreError(); }

}  // namespace roicast
