// UTF-8 as in RFC 3629, on top of utfcpp.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace roicast {

// Length in bytes of the longest start of `text` that is valid UTF-8; text.size() where all of it is. Neither overlong
// forms nor surrogates nor code points above U+10FFFF are valid.
size_t ValidUtf8Prefix(absl::string_view text);

// The longest start of `text` that has at most max_bytes bytes and does not cut a character.
absl::string_view Utf8Start(absl::string_view text, size_t max_bytes);

}  // namespace roicast
