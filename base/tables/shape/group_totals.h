// Tells the totals of groups that have the group's own name for a label, as pivot tables write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/shape/amount.h"
#include "base/tables/shape/table_shape.h"

namespace roicast {

// In "Search,,300" below "Search,May 1,100" and "Search,May 2,200", the cells behind the name are empty where other
// rows have a date, and the amounts are the sums of the rows of that name. Groups may be nested. They have to be
// contiguous: where a name comes back before any totals were found, the table is not grouped. Not thread-safe.
class GroupTotals {
 public:
  // amounts: the columns that are compared.
  GroupTotals(const TableShape& shape, std::vector<size_t> amounts);

  bool IsTotal(absl::Span<const absl::string_view> cells) const;
  // Whether one of the cells that name the row is empty, the first aside, though few other rows leave it empty.
  bool HasGap(absl::Span<const absl::string_view> cells) const;
  // Adds a row of the table. raw: the row as it stands in the file, or anything.
  void Add(absl::Span<const absl::string_view> cells, absl::string_view raw);
  // Any row of totals was found.
  void Found() { found_ = true; }

 private:
  // The rows since a name, or one of those before it, has changed.
  struct Run {
    std::string name;
    int64_t rows = 0;
    std::vector<AmountSum> sums;
  };

  // Totals may stand first.
  bool IsRare(size_t name) const { return gaps_[name] * 4 <= rows_ + 4; }
  void Follow(absl::Span<const absl::string_view> cells, absl::string_view raw);

  const std::vector<size_t> amounts_;
  // The first column, and those that name rows as well.
  std::vector<size_t> names_;
  int64_t rows_ = 0;
  // Per name, the rows in which it is empty.
  std::vector<int64_t> gaps_;
  // Of the first names; empty once the table is known not to be grouped.
  std::vector<Run> runs_;
  absl::flat_hash_set<std::string> seen_;
  bool found_ = false;
};

}  // namespace roicast
