// The header of a table that is about to be read.
#pragma once

#include <atomic>

#include "absl/status/statusor.h"
#include "base/tables/file_form.h"
#include "client/cli/column_names.h"
#include "client/cli/input_file.h"

namespace roicast::client {

// Reads as much of the file as the header takes; `file` then begins anew. Errors: those of the file; INVALID_ARGUMENT
// with the line if there is no header; CANCELLED once `stop` is set.
absl::StatusOr<ColumnNames> ReadTableHeader(InputFile& file, const FileOptions& options, const std::atomic<bool>& stop);

}  // namespace roicast::client
