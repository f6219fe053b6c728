#include "model/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/csv/csv_values.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Makes the draw of the validation rows independent of that of the holdout.
constexpr uint64_t kValidationStream = 0x9e3779b97f4a7c15ULL;

int64_t ShareOf(double fraction, size_t rows) {
  return static_cast<int64_t>(std::llround(fraction * static_cast<double>(rows)));
}

// Moves a random share out of `rows`; both stay ascending.
std::vector<int64_t> Draw(double fraction, uint64_t seed, std::vector<int64_t>& rows) {
  std::vector<int64_t> shuffled = rows;
  Random random(seed);
  random.Shuffle(shuffled);
  const auto end = shuffled.begin() + ShareOf(fraction, rows.size());
  std::vector<int64_t> drawn(shuffled.begin(), end);
  rows.assign(end, shuffled.end());
  std::sort(drawn.begin(), drawn.end());
  std::sort(rows.begin(), rows.end());
  return drawn;
}

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
    wanted = ParseNumber(spec.value);
  } else if (const std::optional<int64_t> time = ParseTime(spec.value); time.has_value()) {
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

absl::StatusOr<std::vector<int64_t>> TakeHoldout(const Table& table, const SplitSpec& spec,
                                                 std::vector<int64_t>& rows) {
  if (spec.holdout == SplitSpec::Holdout::kRandom) return Draw(spec.holdout_fraction, spec.seed, rows);
  ROICAST_ASSIGN_OR_RETURN(const Column* const column, FindColumn(table, spec));
  if (spec.holdout == SplitSpec::Holdout::kByTime) return LastRows(*column, spec, rows);
  return RowsWithValue(*column, spec, rows);
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
  if (holdout != Holdout::kRandom && column.empty()) {
    return absl::InvalidArgumentError("split.column: expected a column, got nothing");
  }
  return absl::OkStatus();
}

absl::StatusOr<Split> SplitRows(const Table& table, absl::Span<const int64_t> rows, const SplitSpec& spec) {
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  Split split;
  split.train.assign(rows.begin(), rows.end());
  std::sort(split.train.begin(), split.train.end());
  ROICAST_ASSIGN_OR_RETURN(split.holdout, TakeHoldout(table, spec, split.train));
  split.validation = Draw(spec.validation_fraction, spec.seed ^ kValidationStream, split.train);
  if (split.train.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("split: no training rows left: of ", rows.size(), " rows, ",
                                                      split.holdout.size(), " are held out and ",
                                                      split.validation.size(), " are for validation"));
  }
  return split;
}

}  // namespace roicast
