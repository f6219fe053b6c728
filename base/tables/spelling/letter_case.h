// Lower case of the letters in names of months and in unit words. Thread-safe.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic; other characters are kept. The dotted capital I of Turkish
// becomes i.
std::string LowerCase(absl::string_view text);

}  // namespace roicast
