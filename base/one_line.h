// Text that came from outside, for a message of ours.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// The text on one line: line ends and other control characters become blanks. Of a text longer than max_bytes (≥ 40)
// the begin is kept, cut between characters, with "… (N bytes more)" behind it, so that the whole fits.
std::string OneLine(absl::string_view text, size_t max_bytes);

}  // namespace roicast
