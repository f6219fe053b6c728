// "Did you mean": the known word nearest to a mistyped one.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast::client {

// The word with the fewest edits (insert, delete, replace, swap of neighbours), without regard to case; empty where
// none is near: more than 2 edits, or more than a third of the word.
std::string Nearest(absl::string_view word, const std::vector<std::string>& known);
// `; did you mean "x"?`, or nothing.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& known);

}  // namespace roicast::client
