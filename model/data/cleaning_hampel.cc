#include <algorithm>
#include <cmath>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/data/cleaning.h"

namespace roicast {
namespace {

// Scales the MAD of normally distributed values to their standard deviation.
constexpr double kScaledMad = 1.4826;

struct Cell {
  double group;
  double time;
  int64_t row;
  double value;
};

double Median(std::vector<double>& values) {
  const size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle), values.end());
  if (values.size() % 2 == 1) return values[middle];
  const double below = *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle));
  return below + (values[middle] - below) / 2.0;
}

absl::StatusOr<const Column*> FindColumn(const Table& table, absl::string_view field, absl::string_view name) {
  const Column* column = table.Find(name);
  if (column != nullptr) return column;
  return absl::InvalidArgumentError(absl::StrCat("cleaning.hampel.", field, ": no column \"", name, "\" in the data"));
}

absl::Status ExpectNumbers(const Column& column, absl::string_view field, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("cleaning.hampel.", field, ": expected ", expected, ", got \"",
                                                 column.name, "\" with ", FeatureKindName(column.kind), " values"));
}

// The cells with a value and a time, by group, then time, then row.
std::vector<Cell> OrderedCells(absl::Span<const int64_t> rows, const Column& values, const Column& time,
                               const Column* group) {
  std::vector<Cell> cells;
  cells.reserve(rows.size());
  for (const int64_t row : rows) {
    if (values.IsMissing(row) || time.IsMissing(row)) continue;
    double key = 0.0;
    if (group != nullptr) {
      key = group->kind == FeatureKind::kCategorical ? group->codes[row] : group->numbers[row];
      if (std::isnan(key)) key = kMissingCode;
    }
    cells.push_back({key, time.numbers[row], row, values.numbers[row]});
  }
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return std::tie(a.group, a.time, a.row) < std::tie(b.group, b.time, b.row);
  });
  return cells;
}

}  // namespace

absl::StatusOr<std::vector<CellReplacement>> FindSpikes(const Table& table, absl::Span<const int64_t> rows,
                                                        absl::string_view column, const HampelOptions& options) {
  ROICAST_ASSIGN_OR_RETURN(const Column* const values, FindColumn(table, "columns", column));
  if (values->kind != FeatureKind::kNumeric) return ExpectNumbers(*values, "columns", "a numeric column");
  ROICAST_ASSIGN_OR_RETURN(const Column* const time, FindColumn(table, "time_column", options.time_column));
  if (time->kind == FeatureKind::kCategorical) return ExpectNumbers(*time, "time_column", "a time or numeric column");
  const Column* group = nullptr;
  if (!options.group_column.empty()) {
    ROICAST_ASSIGN_OR_RETURN(group, FindColumn(table, "group_column", options.group_column));
  }
  const std::vector<Cell> cells = OrderedCells(rows, *values, *time, group);
  std::vector<CellReplacement> replacements;
  std::vector<double> window;
  for (size_t i = 0; i < cells.size(); ++i) {
    const size_t half = static_cast<size_t>(options.half_window);
    size_t begin = i < half ? 0 : i - half;
    size_t end = std::min(i + half + 1, cells.size());
    while (cells[begin].group != cells[i].group) ++begin;
    while (cells[end - 1].group != cells[i].group) --end;
    window.clear();
    for (size_t k = begin; k < end; ++k) window.push_back(cells[k].value);
    const double median = Median(window);
    for (double& value : window) value = std::abs(value - median);
    const double scale = kScaledMad * Median(window);
    if (scale > 0 && std::abs(cells[i].value - median) > options.threshold * scale) {
      replacements.push_back({cells[i].row, median});
    }
  }
  std::sort(replacements.begin(), replacements.end(),
            [](const CellReplacement& a, const CellReplacement& b) { return a.row < b.row; });
  return replacements;
}

}  // namespace roicast
