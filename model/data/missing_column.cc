#include "model/data/missing_column.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest_name.h"

namespace roicast {

std::string ColumnList(const std::vector<std::string>& names) {
  constexpr size_t kMost = 30;
  if (names.empty()) return "none";
  const size_t shown = std::min(kMost, names.size());
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(shown);
  return absl::StrCat(absl::StrJoin(names.begin(), end, ", "),
                      shown < names.size() ? absl::StrCat(", … (", names.size(), " columns)") : "");
}

std::string FieldAndFlag(absl::string_view field, absl::string_view flag) {
  return flag.empty() ? std::string(field) : absl::StrCat(field, " (", flag, ")");
}

absl::Status NoSuchColumn(absl::string_view field, absl::string_view flag, absl::string_view name,
                          const std::vector<std::string>& names) {
  const std::string nearest = NearestName(name, names);
  return absl::InvalidArgumentError(
      absl::StrCat(FieldAndFlag(field, flag), ": no column \"", name, "\"",
                   nearest.empty() ? "" : absl::StrCat(", the nearest is \"", nearest, "\""), "; the columns are ",
                   ColumnList(names), names.size() == 1 ? ": is the delimiter right?" : ""));
}

}  // namespace roicast
