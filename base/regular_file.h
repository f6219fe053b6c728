// Files that others put where this process looks for them: settings, certificates, a store's notes.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace roicast {

// The whole file; symbolic links are followed. What is no regular file is neither waited for nor read, as a pipe and
// /dev/zero would be for ever. Messages are without the path.
// Errors: NotFound; PermissionDenied; FailedPrecondition: it is no regular file, or has more than max_bytes; DataLoss:
// the disk cannot read it; Internal: others.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t max_bytes);

// Of an open file. Errors: as above.
absl::Status CheckRegularFile(int descriptor);

}  // namespace roicast
