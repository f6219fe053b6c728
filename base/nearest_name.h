// "Did you mean": the known name nearest to a mistyped one.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

// The known name with the fewest edits (insert, delete, replace, swap of neighbours), ignoring case. Empty where none
// is near: more than 2 edits, or more than a third of the name. Names longer than 100 bytes are never near.
std::string NearestName(absl::string_view name, const std::vector<std::string>& known);

// `; did you mean "price"?`, or nothing where no known name is near.
std::string DidYouMean(absl::string_view name, const std::vector<std::string>& known);

// The same; where no known name is near, the first 20 of them behind `; ` and `introduction`, such as
// `; it has price, spend and 3 more`.
std::string DidYouMeanOrList(absl::string_view name, const std::vector<std::string>& known,
                             absl::string_view introduction);

}  // namespace roicast
