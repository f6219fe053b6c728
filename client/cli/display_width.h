// The room that UTF-8 text takes on a terminal: most characters one column, wide East Asian ones two, combining ones
// none. Bytes that are not UTF-8 count as one column each.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast::client {

size_t DisplayWidth(absl::string_view text);

// The text, or as much of its beginning as fits with "…" behind it. width ≥ 1.
std::string CutToWidth(absl::string_view text, size_t width);

// Breaks each line at blanks so that it fits; continued lines start with `indent` blanks. A word that is longer than a
// line stays whole. `text` may come from outside: see PrintableLines.
std::string WrapToWidth(absl::string_view text, size_t width, size_t indent);

}  // namespace roicast::client
