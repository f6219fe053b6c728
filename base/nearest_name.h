// Suggestions for mistyped names.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

// The known name that takes the fewest edits (insertions, deletions, substitutions, transpositions), ignoring case and
// the difference between blank, hyphen and underscore. Empty if all take more than 2 edits, or more than a third of the
// name's length. Names over 100 bytes are not compared.
std::string NearestName(absl::string_view name, const std::vector<std::string>& known);

// `; did you mean "price"?`, or nothing without a suggestion.
std::string DidYouMean(absl::string_view name, const std::vector<std::string>& known);

// The same; without a suggestion, `introduction` and the first 20 known names, such as `; it has price, spend and 3
// more`.
std::string DidYouMeanOrList(absl::string_view name, const std::vector<std::string>& known,
                             absl::string_view introduction);

}  // namespace roicast
