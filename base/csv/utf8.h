// UTF-8 as in RFC 3629.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace roicast {

// Length in bytes of the longest start of `text` that is valid UTF-8; text.size() where all of it is. Neither overlong
// forms nor surrogates nor code points above U+10FFFF are valid.
size_t ValidUtf8Prefix(absl::string_view text);

}  // namespace roicast
