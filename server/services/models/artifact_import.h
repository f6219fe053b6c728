// Receives the artifact of an import.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"

namespace roicast {

// Takes the bytes in pieces, and refuses them as soon as they cannot become an artifact. Not thread-safe.
class ArtifactImport {
 public:
  // The budget outlives it.
  explicit ArtifactImport(MemoryBudget* memory) : memory_(memory->EmptyClaim(MemoryUse::kImports)) {}

  // Errors: InvalidArgument, DataLoss (not an artifact, or longer than it says), ResourceExhausted (the size limit, or
  // memory).
  absl::Status Add(absl::string_view piece);
  // All have been added. Takes the memory for parsing and compiling, too, until Verified. Errors: as of Add.
  absl::Status Finish();
  // That is done.
  void Verified();

  const std::string& bytes() const { return bytes_; }
  // They still count.
  std::string TakeBytes() { return std::move(bytes_); }

 private:
  // That so many are received.
  absl::Status CheckSize(int64_t bytes) const;

  MemoryClaim memory_;
  std::string bytes_;
  // Of the whole, once its header is there.
  std::optional<int64_t> size_;
};

}  // namespace roicast
