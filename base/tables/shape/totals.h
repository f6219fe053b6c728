// Tells rows of totals from rows of a table while it streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/shape/amount.h"
#include "base/tables/shape/group_totals.h"
#include "base/tables/shape/table_shape.h"

namespace roicast {

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
  // Adds a row of the table to the sums. raw: the row as it stands in the file, or anything.
  void Add(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw);
  struct KeptRows {
    int64_t rows = 0;
    // Of the first 5.
    std::vector<int64_t> lines;
  };
  // The rows of the table without a name, with "All" or a word for totals in place of one or with an empty cell where
  // nearly all rows have a name or a date, if these rows add up to the others: they are rather their totals, in a place
  // where that could not be told. Else none.
  KeptRows LikelySubtotals() const;
  // The rows of the table with a word for totals behind the first cell, whatever their amounts.
  const KeptRows& unproven() const { return unproven_; }
  // After a row of totals: those that follow may be of the rows from here on.
  void BeginGroup();

 private:
  struct Wanted {
    // Amounts that must agree.
    size_t amounts;
    // Relative to the sum.
    double tolerance;
    // Whether an amount of 0 that agrees with a sum of 0 counts as none.
    bool but_zeros;
  };

  // Rows that may be totals.
  struct SetApart : KeptRows {
    std::vector<AmountSum> sums;
  };

  void AddTo(SetApart& rows, int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw) const;
  bool AddUp(const SetApart& rows) const;
  // Whether as many amounts as wanted, or all that there are if they are fewer, agree with the sums of all rows or of
  // the group; never without any.
  bool Agrees(absl::Span<const absl::string_view> cells, bool of_group, const Wanted& wanted) const;
  bool AgreesWithAverages(absl::Span<const absl::string_view> cells) const;
  // Whether the cells that tell rows apart, but for the one at `place`, are empty, and there are any. What all rows
  // have in common, or a currency's code, tells none apart.
  bool OthersAreEmpty(absl::Span<const absl::string_view> cells, size_t place) const;
  // An average or the like of all rows.
  bool IsSummary(absl::Span<const absl::string_view> cells) const;
  // Behind the first cell, such as a date, nothing tells rows apart but a word for totals or "All", and the amounts are
  // the sums of the rows since the last totals.
  bool IsTotalOfGroup(absl::Span<const absl::string_view> cells) const;
  // How many amounts the row has.
  size_t Filled(absl::Span<const absl::string_view> cells) const;
  bool IsNameless(absl::Span<const absl::string_view> cells) const;
  bool HasTotalsWordBehind(absl::Span<const absl::string_view> cells) const;
  void CloseGroup();
  bool MostlyEmpty(absl::Span<const absl::string_view> cells) const;
  Verdict JudgeBySums(absl::Span<const absl::string_view> cells) const;

  std::vector<size_t> words_;
  // Of every column, the word that all rows have; else empty.
  std::vector<std::string> constants_;
  // Columns whose sums are kept, of the rows since the last row of totals and of those before.
  const std::vector<size_t> amounts_;
  GroupTotals group_totals_;
  std::vector<AmountSum> group_;
  std::vector<AmountSum> before_;
  int64_t all_rows_ = 0;
  int64_t group_rows_ = 0;
  // Of `group_` and `before_`, the rows without a name, and those with an empty cell where most have a name or a date.
  SetApart nameless_;
  SetApart with_gaps_;
  KeptRows unproven_;
  // Any row of totals.
  bool found_ = false;
};

}  // namespace roicast
