// Errors about columns that a spec names.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// The first 30 names, as many as fit in a line; "none".
std::string ColumnList(const std::vector<std::string>& names);

// InvalidArgument: `target.column (--target): no column "pric", the nearest is "price"; the columns are price,
// channel`. flag: of the command `roicast`; may be empty.
absl::Status NoSuchColumn(absl::string_view field, absl::string_view flag, absl::string_view name,
                          const std::vector<std::string>& names);

// `target.column (--target)`.
std::string FieldAndFlag(absl::string_view field, absl::string_view flag);

}  // namespace roicast
