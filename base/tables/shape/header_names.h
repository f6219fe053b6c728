// The names of a table's columns, from the cells of its header.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Blanks and line ends around a name are removed, inside it each run of them is one blank.
std::string NormalizedName(absl::string_view cell);

struct HeaderNames {
  // All different: "Clicks", "Clicks (2)". A column without a name is named after its place, c0, c1, c2 …
  std::vector<std::string> names;
  // Places, from 0, of columns that had the name of another before them, and of those without one.
  std::vector<size_t> repeated;
  std::vector<size_t> nameless;
};
HeaderNames NamesFrom(absl::Span<const std::string> cells);

// Makes each cell at a place one with the next, with the delimiter between them. places: rising, none the last.
void JoinCells(absl::Span<const size_t> places, char delimiter, std::vector<std::string>* cells);

}  // namespace roicast
