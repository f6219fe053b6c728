// Makes text from outside safe to show: on a terminal, in a log, in a message.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// The text on one line, with nothing in it that a terminal obeys: names, cells, file names and messages of a peer may
// hold anything.
// - Tabs and line breaks become spaces.
// - Other control characters become their symbols, such as ␛ for the start of an escape sequence.
// - Characters that change the direction of text, or that nobody can see, become <U+202E> and the like.
// - Bytes that are not UTF-8 become U+FFFD.
// What is written to files and as JSON is not changed by this.
std::string Printable(absl::string_view text);

// The same for a text of several lines, whose line breaks are ours.
std::string PrintableLines(absl::string_view text);

// JSON with the characters that Printable would not show as they are written as \u escapes: harmless to print, and the
// same to whoever parses it.
std::string PrintableJson(absl::string_view json);

}  // namespace roicast
