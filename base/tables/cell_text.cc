#include "base/tables/cell_text.h"

#include "absl/strings/match.h"

namespace roicast {
namespace {

constexpr absl::string_view kNoBreakSpace = "\xC2\xA0";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

absl::string_view TrimCell(absl::string_view cell) {
  while (!cell.empty()) {
    if (IsBlank(cell.front())) {
      cell.remove_prefix(1);
    } else if (absl::StartsWith(cell, kNoBreakSpace)) {
      cell.remove_prefix(kNoBreakSpace.size());
    } else {
      break;
    }
  }
  while (!cell.empty()) {
    if (IsBlank(cell.back())) {
      cell.remove_suffix(1);
    } else if (absl::EndsWith(cell, kNoBreakSpace)) {
      cell.remove_suffix(kNoBreakSpace.size());
    } else {
      break;
    }
  }
  return cell;
}

absl::string_view CellText(absl::string_view cell) {
  cell = TrimCell(cell);
  if (cell.size() >= 3 && cell[0] == '=' && cell[1] == '"' && cell.back() == '"') {
    return TrimCell(cell.substr(2, cell.size() - 3));
  }
  return cell;
}

}  // namespace roicast
