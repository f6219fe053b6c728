#include "base/tables/shape/header_names.h"

#include <unordered_set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/tables/cell_text.h"

namespace roicast {

std::string NormalizedName(absl::string_view cell) {
  cell = TrimCell(cell);
  constexpr absl::string_view kNoBreakSpace = "\xC2\xA0";
  std::string name;
  bool blank = false;
  for (size_t i = 0; i < cell.size(); ++i) {
    const bool no_break = cell.substr(i, kNoBreakSpace.size()) == kNoBreakSpace;
    if (no_break || absl::ascii_isspace(static_cast<unsigned char>(cell[i]))) {
      blank = true;
      i += no_break ? kNoBreakSpace.size() - 1 : 0;
      continue;
    }
    if (blank && !name.empty()) name.push_back(' ');
    blank = false;
    name.push_back(cell[i]);
  }
  return name;
}

HeaderNames NamesFrom(absl::Span<const std::string> cells) {
  HeaderNames result;
  // A name that stands in the file stays that column's own.
  std::unordered_set<std::string> taken;
  for (const std::string& cell : cells) taken.insert(NormalizedName(cell));
  std::unordered_set<std::string> used;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string name = NormalizedName(cells[i]);
    if (name.empty()) {
      result.nameless.push_back(i);
      name = absl::StrCat("c", i);
      if (taken.count(name) == 0) {
        used.insert(name);
        result.names.push_back(std::move(name));
        continue;
      }
    } else if (used.insert(name).second) {
      result.names.push_back(std::move(name));
      continue;
    } else {
      result.repeated.push_back(i);
    }
    std::string other;
    for (int copy = 2;; ++copy) {
      other = absl::StrCat(name, " (", copy, ")");
      if (taken.count(other) == 0 && used.insert(other).second) break;
    }
    result.names.push_back(std::move(other));
  }
  return result;
}

void JoinCells(absl::Span<const size_t> places, char delimiter, std::vector<std::string>* cells) {
  // From the end, so that the places before stay what they are.
  for (size_t i = places.size(); i-- > 0;) {
    std::string& cell = (*cells)[places[i]];
    cell.push_back(delimiter);
    cell += (*cells)[places[i] + 1];
    cells->erase(cells->begin() + static_cast<std::ptrdiff_t>(places[i]) + 1);
  }
}

}  // namespace roicast
