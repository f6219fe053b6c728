#include "model/data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/tables/number_form.h"
#include "base/tables/time_form.h"

namespace roicast {
namespace {

// Makes the draw of the validation rows independent of that of the holdout.
constexpr uint64_t kValidationStream = 0x9e3779b97f4a7c15ULL;
// Groups of several rows are drawn by another sequence than rows.
constexpr uint64_t kGroupStream = 0xd1b54a32d192ed03ULL;

int64_t ShareOf(double fraction, size_t rows) {
  return static_cast<int64_t>(std::llround(fraction * static_cast<double>(rows)));
}

// The rows by what they have in common; each row on its own if there are no groups.
class RowGroups {
 public:
  RowGroups(const Table& table, absl::Span<const int64_t> group, absl::Span<const double> strata)
      : table_rows_(table.rows()), group_(group), strata_(strata) {}

  int64_t GroupOf(int64_t row) const { return group_.empty() ? row : group_[row]; }

  // Moves a random share of whole groups of each stratum out of `rows`; both stay ascending.
  std::vector<int64_t> Draw(double fraction, uint64_t seed, std::vector<int64_t>& rows) const {
    if (strata_.empty()) return DrawFromStratum(fraction, seed, rows);
    std::map<double, std::vector<int64_t>> parts;
    std::vector<int64_t> first(table_rows_, -1);
    for (const int64_t row : rows) {
      int64_t& of_group = first[GroupOf(row)];
      if (of_group < 0) of_group = row;
      parts[strata_[of_group]].push_back(row);
    }
    std::vector<int64_t> drawn, kept;
    uint64_t stream = seed;
    for (auto& [stratum, part] : parts) {
      const std::vector<int64_t> moved = DrawFromStratum(fraction, SplitMix64(stream), part);
      drawn.insert(drawn.end(), moved.begin(), moved.end());
      kept.insert(kept.end(), part.begin(), part.end());
    }
    std::sort(drawn.begin(), drawn.end());
    std::sort(kept.begin(), kept.end());
    rows = std::move(kept);
    return drawn;
  }

  // Moves the rows with the inputs of a held-out row out of `rows`, unless they are more than half of them.
  void Separate(std::vector<int64_t>& rows, Split& split) const {
    if (group_.empty()) return;
    std::vector<bool> is_held_out(table_rows_, false);
    for (const int64_t row : split.holdout) is_held_out[GroupOf(row)] = true;
    const auto copies = static_cast<size_t>(
        std::count_if(rows.begin(), rows.end(), [&](int64_t row) { return is_held_out[GroupOf(row)]; }));
    if (2 * copies > rows.size()) {
      split.copies_on_both_sides = static_cast<int64_t>(copies);
    } else if (copies > 0) {
      split.left_out = MoveOut(is_held_out, rows);
    }
  }

 private:
  std::vector<int64_t> DrawFromStratum(double fraction, uint64_t seed, std::vector<int64_t>& rows) const {
    std::vector<int64_t> sizes(table_rows_, 0);
    std::vector<int64_t> shuffled;
    for (const int64_t row : rows) {
      if (sizes[GroupOf(row)]++ == 0) shuffled.push_back(GroupOf(row));
    }
    Random random(shuffled.size() == rows.size() ? seed : seed ^ kGroupStream);
    random.Shuffle(shuffled);
    const int64_t wanted = ShareOf(fraction, rows.size());
    int64_t count = 0;
    std::vector<bool> is_drawn(table_rows_, false);
    for (const int64_t group : shuffled) {
      if (count >= wanted) break;
      if (sizes[group] >= 2 * (wanted - count)) continue;
      is_drawn[group] = true;
      count += sizes[group];
    }
    return MoveOut(is_drawn, rows);
  }

  std::vector<int64_t> MoveOut(const std::vector<bool>& is_moved, std::vector<int64_t>& rows) const {
    std::vector<int64_t> moved, kept;
    for (const int64_t row : rows) (is_moved[GroupOf(row)] ? moved : kept).push_back(row);
    rows = std::move(kept);
    return moved;
  }

  int64_t table_rows_;
  absl::Span<const int64_t> group_;
  absl::Span<const double> strata_;  // per row of the table
};

absl::StatusOr<const Column*> FindColumn(const Table& table, const SplitSpec& spec) {
  const Column* column = table.Find(spec.column);
  if (column == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("split.column: no column \"", spec.column, "\" in the data"));
  }
  return column;
}

// The latest rows. Rows of the same time stay together, in training if the cut would separate them; rows without a time
// are training rows.
absl::StatusOr<std::vector<int64_t>> LastRows(const Column& column, const SplitSpec& spec, std::vector<int64_t>& rows) {
  if (column.kind == FeatureKind::kCategorical) {
    return absl::InvalidArgumentError(
        absl::StrCat("split.column: expected a time or numeric column, got \"", column.name, "\" with categories"));
  }
  std::vector<double> moments;
  for (const int64_t row : rows) {
    if (!column.IsMissing(row)) moments.push_back(column.numbers[row]);
  }
  std::sort(moments.begin(), moments.end());
  const size_t count = static_cast<size_t>(ShareOf(spec.holdout_fraction, moments.size()));
  if (count == 0 || moments.front() == moments.back()) {
    return absl::FailedPreconditionError(absl::StrCat("split.by_time: column \"", column.name, "\" cannot split ",
                                                      rows.size(), " rows at a share of ", spec.holdout_fraction,
                                                      ": it has too few distinct times"));
  }
  const size_t cut = moments.size() - count;
  double last_training = moments[cut - 1];
  // Rows of one time extend across the cut to the end: they are held out as a whole.
  if (last_training == moments.back()) {
    last_training = *std::prev(std::lower_bound(moments.begin(), moments.end(), last_training));
  }
  std::vector<int64_t> held_out, kept;
  for (const int64_t row : rows) {
    (!column.IsMissing(row) && column.numbers[row] > last_training ? held_out : kept).push_back(row);
  }
  rows = std::move(kept);
  return held_out;
}

absl::StatusOr<std::vector<int64_t>> RowsWithValue(const Column& column, const SplitSpec& spec,
                                                   std::vector<int64_t>& rows) {
  std::optional<double> wanted;
  if (column.kind == FeatureKind::kCategorical) {
    const auto found = std::find(column.dictionary.begin(), column.dictionary.end(), spec.value);
    if (found != column.dictionary.end()) wanted = static_cast<double>(found - column.dictionary.begin());
  } else if (column.kind == FeatureKind::kNumeric) {
    wanted = ParsePlainNumber(spec.value);
  } else if (const std::optional<int64_t> time = ParseIsoTime(spec.value); time.has_value()) {
    wanted = static_cast<double>(*time);
  }
  std::vector<int64_t> held_out, kept;
  for (const int64_t row : rows) {
    const double value =
        column.kind == FeatureKind::kCategorical ? static_cast<double>(column.codes[row]) : column.numbers[row];
    (wanted.has_value() && value == *wanted ? held_out : kept).push_back(row);
  }
  if (held_out.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("split.value: no row has \"", spec.value, "\" in column \"", column.name, "\""));
  }
  rows = std::move(kept);
  return held_out;
}

// Per row of the table, the first of the given rows with the same value; −1: none.
std::vector<int64_t> FirstRowsOfValues(const Column& column, absl::Span<const int64_t> rows) {
  std::vector<int64_t> first(static_cast<size_t>(column.size()), -1);
  std::map<double, int64_t> of_value;
  for (const int64_t row : rows) {
    if (column.IsMissing(row)) continue;
    const double value =
        column.kind == FeatureKind::kCategorical ? static_cast<double>(column.codes[row]) : column.numbers[row];
    first[row] = of_value.try_emplace(value, row).first->second;
  }
  return first;
}

// Whole values, at random.
absl::StatusOr<std::vector<int64_t>> RowsOfSomeValues(const Table& table, const Column& column, const SplitSpec& spec,
                                                      std::vector<int64_t>& rows) {
  const std::vector<int64_t> first = FirstRowsOfValues(column, rows);
  std::vector<int64_t> with_value, others;
  for (const int64_t row : rows) (first[row] < 0 ? others : with_value).push_back(row);
  const RowGroups values(table, first, {});
  std::vector<int64_t> held_out = values.Draw(spec.holdout_fraction, spec.seed, with_value);
  if (held_out.empty() || with_value.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("split.by_group: column \"", column.name, "\" cannot split ",
                                                      rows.size(), " rows at a share of ", spec.holdout_fraction,
                                                      ": expected several values, each of a smaller share"));
  }
  std::merge(with_value.begin(), with_value.end(), others.begin(), others.end(), rows.begin());
  rows.resize(with_value.size() + others.size());
  return held_out;
}

absl::Status TakeHoldout(const Table& table, const SplitSpec& spec, const RowGroups& groups, std::vector<int64_t>& rows,
                         Split& split) {
  if (spec.holdout == SplitSpec::Holdout::kRandom) {
    split.holdout = groups.Draw(spec.holdout_fraction, spec.seed, rows);
    return absl::OkStatus();
  }
  ROICAST_ASSIGN_OR_RETURN(const Column* const column, FindColumn(table, spec));
  if (spec.holdout == SplitSpec::Holdout::kByTime) {
    ROICAST_ASSIGN_OR_RETURN(split.holdout, LastRows(*column, spec, rows));
  } else if (spec.holdout == SplitSpec::Holdout::kByGroup) {
    ROICAST_ASSIGN_OR_RETURN(split.holdout, RowsOfSomeValues(table, *column, spec, rows));
  } else {
    ROICAST_ASSIGN_OR_RETURN(split.holdout, RowsWithValue(*column, spec, rows));
  }
  groups.Separate(rows, split);
  return absl::OkStatus();
}

}  // namespace

absl::Status SplitSpec::Validate() const {
  if (!(validation_fraction >= 0 && validation_fraction <= 0.9)) {
    return absl::InvalidArgumentError(
        absl::StrCat("split.validation_fraction: expected 0 to 0.9, got ", validation_fraction));
  }
  if (holdout == Holdout::kRandom && !(holdout_fraction >= 0 && holdout_fraction <= 0.9)) {
    return absl::InvalidArgumentError(
        absl::StrCat("split.holdout_fraction: expected 0 to 0.9, got ", holdout_fraction));
  }
  if (holdout == Holdout::kByTime && !(holdout_fraction > 0 && holdout_fraction <= 0.9)) {
    return absl::InvalidArgumentError(
        absl::StrCat("split.by_time.fraction: expected more than 0, up to 0.9, got ", holdout_fraction));
  }
  if (holdout == Holdout::kByGroup && !(holdout_fraction > 0 && holdout_fraction <= 0.9)) {
    return absl::InvalidArgumentError(
        absl::StrCat("split.by_group.fraction: expected more than 0, up to 0.9, got ", holdout_fraction));
  }
  if (holdout != Holdout::kRandom && column.empty()) {
    return absl::InvalidArgumentError("split.column: expected a column, got nothing");
  }
  return absl::OkStatus();
}

absl::StatusOr<Split> SplitRows(const Table& table, absl::Span<const int64_t> rows, const SplitSpec& spec,
                                absl::Span<const int64_t> group, absl::Span<const double> strata) {
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_CHECK(group.empty() || static_cast<int64_t>(group.size()) == table.rows());
  ROICAST_CHECK(strata.empty() || static_cast<int64_t>(strata.size()) == table.rows());
  const RowGroups groups(table, spec.keep_copies_together ? group : absl::Span<const int64_t>(), strata);
  Split split;
  split.train.assign(rows.begin(), rows.end());
  std::sort(split.train.begin(), split.train.end());
  ROICAST_RETURN_IF_ERROR(TakeHoldout(table, spec, groups, split.train, split));
  split.validation = groups.Draw(spec.validation_fraction, spec.seed ^ kValidationStream, split.train);
  if (split.train.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("split: no training rows left: of ", rows.size(), " rows, ",
                                                      split.holdout.size(), " are held out and ",
                                                      split.validation.size(), " are for validation"));
  }
  return split;
}

}  // namespace roicast
