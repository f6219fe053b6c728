// Prepares text from outside for use in a message.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// The text on one line, as Printable shows it. One that takes more than max_bytes (≥ 40) is truncated between
// characters and ends with "… (N bytes more)", so that the result fits.
std::string OneLine(absl::string_view text, size_t max_bytes);

}  // namespace roicast
