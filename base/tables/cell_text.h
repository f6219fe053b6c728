// The text of a cell without what surrounds it. Thread-safe.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

// The cell without surrounding spaces, no-break spaces, tabs, line breaks and characters that show nothing, such as
// zero-width spaces and marks of the writing direction.
absl::string_view TrimCell(absl::string_view cell);

// The same, and without the wrapping of a text formula: 00123 of ="00123". This is a cell's word.
absl::string_view CellText(absl::string_view cell);

}  // namespace roicast
