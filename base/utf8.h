// UTF-8 as defined by RFC 3629, based on utfcpp.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace roicast {

// The length in bytes of the longest prefix of `text` that is valid UTF-8. Overlong forms, surrogates and code points
// above U+10FFFF are invalid.
size_t ValidUtf8Prefix(absl::string_view text);

// The longest prefix of `text` of at most max_bytes bytes that does not split a character.
absl::string_view Utf8Start(absl::string_view text, size_t max_bytes);

}  // namespace roicast
