// Words of a category that may be one word, spelt in two ways.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "model/data/data_warning.h"
#include "model/data/table.h"

namespace roicast {

// A remark about the words of a categorical column that differ only in the case of ASCII letters or in blanks
// ("Search", "search"), with the rows of each; nothing if there are none in these rows.
std::optional<DataWarning> WordVariantsWarning(const Column& column, absl::Span<const int64_t> rows);

}  // namespace roicast
