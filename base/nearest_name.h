// Suggestions for mistyped names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

// Names that are kept elsewhere: strings, or the `name` of each element. A view: the vector must outlive it.
class NameList {
 public:
  NameList(const std::vector<std::string>& names)  // NOLINT(google-explicit-constructor)
      : names_(&names), size_(names.size()), at_([](const void* all, size_t i) -> absl::string_view {
          return (*static_cast<const std::vector<std::string>*>(all))[i];
        }) {}
  template <typename Named>
  NameList(const std::vector<Named>& named)  // NOLINT(google-explicit-constructor)
      : names_(&named), size_(named.size()), at_([](const void* all, size_t i) -> absl::string_view {
          return (*static_cast<const std::vector<Named>*>(all))[i].name;
        }) {}

  size_t size() const { return size_; }
  absl::string_view operator[](size_t i) const { return at_(names_, i); }

 private:
  const void* names_;
  size_t size_;
  absl::string_view (*at_)(const void* all, size_t i);
};

// The known name that takes the fewest edits (insertions, deletions, substitutions, transpositions), ignoring case and
// the difference between blank, hyphen and underscore; of several, the first. Empty if all take more than 2 edits, or
// more than a third of the name's length. Names over 100 bytes are not compared. Servers ask this for what clients
// send, so it takes some 50 µs at most: of thousands of long names, it compares the first ones alone.
std::string NearestName(absl::string_view name, NameList known);

// `; did you mean "price"?`, or nothing without a suggestion.
std::string DidYouMean(absl::string_view name, NameList known);

// The same; without a suggestion, `introduction` and the first 20 known names, such as `; it has price, spend and 3
// more`.
std::string DidYouMeanOrList(absl::string_view name, NameList known, absl::string_view introduction);

}  // namespace roicast
