// Recognises text in encodings that are not read, so that it is not taken for Windows-1252 in silence.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// text: its first bytes, which are not UTF-8. INVALID_ARGUMENT if most bytes beyond ASCII stand side by side, as in
// Chinese, Japanese, Korean and Cyrillic text; two or three of them among Latin letters, as in größer, do not count,
// for Windows-1252 writes these as well. Says which encoding it looks like and how to convert it.
absl::Status RefuseLegacyEncoding(absl::string_view text);

}  // namespace roicast
