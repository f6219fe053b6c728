// Characters that stand for others: digits of other scripts, blanks of other widths, marks that cannot be seen.
// Thread-safe.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace roicast {

// The character with which the text begins, as ASCII where it means the same in numbers and times: decimal digits of
// all scripts; blanks and tabs (' '); dashes and minus signs; apostrophes; full-width and Arabic punctuation. The
// Arabic thousands separator is an apostrophe, because a comma may be a decimal mark. Sets the length in bytes.
// kNoPlainCharacter: there is no such ASCII character, the length is 1. kInvisible: a mark that is not seen, such as
// those of writing directions and U+FEFF.
inline constexpr char kNoPlainCharacter = 0;
inline constexpr char kInvisible = 1;
char PlainCharacter(absl::string_view text, size_t* length);

// Writes the text with those characters in ASCII and without invisible marks, never longer than the text. Returns the
// size.
size_t WritePlainText(absl::string_view text, char* out);

}  // namespace roicast
