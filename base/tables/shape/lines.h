// Lines of a text that end with LF, CRLF or CR.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"

namespace roicast {

// Takes a line off the text; returns it without its end.
absl::string_view TakeLine(absl::string_view& text);
// The position of the first byte of a line, from 1; nullopt if the text ends before it. Line 1 is always there.
std::optional<size_t> LineBegin(absl::string_view text, int64_t line);
// Which end most lines have; LF if there is none.
LineEnd UsualLineEnd(absl::string_view text);

}  // namespace roicast
