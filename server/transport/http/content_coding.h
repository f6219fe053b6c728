// Answers that are compressed for those who accept it (RFC 9110, section 12.5.3).
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// Whether the value of an Accept-Encoding header allows gzip. The only weight that matters is 0.
bool AcceptsGzip(absl::string_view accept_encoding);

// The text, compressed. Takes some 10 ms for a megabyte: not for loops, unless it is small. nullopt: there is no
// memory.
std::optional<std::string> Gzip(absl::string_view text);

}  // namespace roicast
