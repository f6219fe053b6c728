// Recognises files that are no text with rows and columns by how they begin.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// start: the first bytes, at least 512 of them if there are as many, decompressed if they were compressed.
// INVALID_ARGUMENT for a workbook, an archive, Parquet, PDF, a database, HTML, JSON and the like: says what it is and
// what to do. OK for all else, also for binary data of an unknown kind.
absl::Status RefuseForeignFile(absl::string_view start);

}  // namespace roicast
