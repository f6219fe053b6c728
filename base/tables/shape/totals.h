// Tells rows of totals from rows of a table while it streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/shape/table_shape.h"

namespace roicast {

// Whether a cell is a word for totals in one of many languages, alone or followed by a colon and more, or begins with a
// word for subtotals: "Grand total", "Total: Account", "Gesamt", "合计", "Subtotal Search".
bool IsTotalsWord(absl::string_view cell);
// Whether a word for totals stands anywhere in a cell as a word of its own: "Total of 300 results", "Account total
// (12)".
bool HasTotalsWord(absl::string_view cell);
// Whether a cell has an amount that could be added up: no date, and fewer than 12 digits.
bool IsPlausibleAmount(absl::string_view cell);

// The same digits read both ways: "1.234,50" is 1234.5 with a decimal comma. NaN where a reading is impossible.
struct AmountReadings {
  double point;
  double comma;
};
AmountReadings ReadAmount(absl::string_view cell);

// Decides by the row's words and by the sums of a few columns. Not thread-safe.
class TotalsFinder {
 public:
  enum class Verdict {
    kNo,
    // A word for totals, but neither do its amounts agree with the sums so far nor are the cells that tell rows apart
    // empty.
    kUnclear,
    // Without a word for totals, but the cells that tell rows apart are mostly empty and its amounts agree with the
    // sums so far: totals if no row of the table follows.
    kTotalsIfLast,
    kTotals,
  };

  explicit TotalsFinder(const TableShape& shape);

  Verdict Judge(absl::Span<const absl::string_view> cells) const;
  // Whether the first cell and at least one other, all those that tell rows apart, are empty: above the rows of the
  // table, such a row may be their totals. Whether it is, Judge tells after the last row.
  bool MayBeNameless(absl::Span<const absl::string_view> cells) const;
  // Adds a row of the table to the sums.
  void Add(absl::Span<const absl::string_view> cells);
  // After a row of totals: those that follow may be of the rows from here on.
  void BeginGroup();

 private:
  struct Sums {
    double point = 0.0;
    double comma = 0.0;
  };

  // Whether at least `most` amounts, or all that there are if they are fewer, agree with the sums; never without any.
  bool Agrees(absl::Span<const absl::string_view> cells, const std::vector<Sums>& sums, size_t most) const;
  bool MostlyEmpty(absl::Span<const absl::string_view> cells) const;
  Verdict JudgeBySums(absl::Span<const absl::string_view> cells) const;

  std::vector<size_t> words_;
  std::vector<size_t> amounts_;
  std::vector<Sums> all_;
  std::vector<Sums> group_;
  int64_t all_rows_ = 0;
  int64_t group_rows_ = 0;
};

}  // namespace roicast
