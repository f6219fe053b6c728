#include "base/tables/shape/group_totals.h"

#include <algorithm>
#include <utility>

#include "base/tables/shape/totals_words.h"

namespace roicast {
namespace {

constexpr size_t kMaxNames = 8;
// Groups within groups.
constexpr size_t kMaxRuns = 3;
// The totals of one row are rather its copy, unless the table is known to have totals.
constexpr int64_t kFewestRowsOfRun = 2;
// One amount may agree by chance, unless it is exact and of so many rows.
constexpr size_t kTellingAmounts = 2;
constexpr int64_t kSureRowsOfRun = 3;
// Sums of rounded shares differ a little from a rounded total.
constexpr double kRunTolerance = 1e-3;
constexpr double kSureRunTolerance = 1e-6;
// A table is not grouped if it has none of these totals in so many rows, or so many groups.
constexpr int64_t kMostRowsWithout = 1 << 16;
constexpr size_t kMostGroups = 1 << 14;

absl::string_view CellAt(absl::Span<const absl::string_view> cells, size_t column) {
  return column < cells.size() ? cells[column] : absl::string_view();
}

}  // namespace

GroupTotals::GroupTotals(const TableShape& shape, std::vector<size_t> amounts)
    : amounts_(std::move(amounts)), names_{0} {
  for (size_t c = 1; c < shape.names.size() && names_.size() < kMaxNames; ++c) {
    if (shape.names[c]) names_.push_back(c);
  }
  // The second field of a pivot table may be a number, such as the week.
  if (names_.size() == 1 && shape.names.size() > 1) names_.push_back(1);
  gaps_.resize(names_.size());
  runs_.resize(std::min(kMaxRuns, names_.size() - 1));
  for (Run& run : runs_) run.sums.resize(amounts_.size());
}

bool GroupTotals::IsTotal(absl::Span<const absl::string_view> cells) const {
  size_t named = 0;
  while (named < names_.size() && !IsNoValue(CellAt(cells, names_[named]))) ++named;
  if (named == 0 || named > runs_.size()) return false;
  bool rare = false;
  for (size_t i = named; i < names_.size(); ++i) {
    if (!IsNoValue(CellAt(cells, names_[i]))) return false;
    rare = rare || IsRare(i);
  }
  for (size_t i = 0; i < named; ++i) {
    if (runs_[i].name != cells[names_[i]]) return false;
  }
  const Run& run = runs_[named - 1];
  if (!rare || run.rows < (found_ ? 1 : kFewestRowsOfRun)) return false;
  size_t amounts = 0, agreeing = 0, exact = 0;
  for (size_t i = 0; i < amounts_.size(); ++i) {
    const absl::string_view cell = CellAt(cells, amounts_[i]);
    if (IsNoValue(cell)) continue;
    ++amounts;
    const AmountReadings amount = ReadAmount(cell), sum = run.sums[i].value();
    agreeing += IsClose(amount, sum, kRunTolerance) ? 1 : 0;
    exact += IsClose(amount, sum, kSureRunTolerance) ? 1 : 0;
  }
  return agreeing >= kTellingAmounts || (amounts == 1 && exact == 1 && run.rows >= kSureRowsOfRun);
}

bool GroupTotals::HasGap(absl::Span<const absl::string_view> cells) const {
  for (size_t i = 1; i < names_.size(); ++i) {
    if (IsNoValue(CellAt(cells, names_[i])) && IsRare(i)) return true;
  }
  return false;
}

void GroupTotals::Add(absl::Span<const absl::string_view> cells, absl::string_view raw) {
  ++rows_;
  for (size_t i = 1; i < names_.size(); ++i) gaps_[i] += IsNoValue(CellAt(cells, names_[i])) ? 1 : 0;
  if (!runs_.empty()) Follow(cells, raw);
}

void GroupTotals::Follow(absl::Span<const absl::string_view> cells, absl::string_view raw) {
  if (!found_ && rows_ > kMostRowsWithout) return runs_.clear();
  bool changed = false;
  for (size_t i = 0; i < runs_.size(); ++i) {
    Run& run = runs_[i];
    const absl::string_view name = CellAt(cells, names_[i]);
    if (changed || run.rows == 0 || run.name != name) {
      changed = true;
      if (i == 0 && ((!seen_.emplace(name).second && !found_) || seen_.size() > kMostGroups)) return runs_.clear();
      run.name.assign(name.data(), name.size());
      run.rows = 0;
      std::fill(run.sums.begin(), run.sums.end(), AmountSum());
    }
    ++run.rows;
    AmountSum::AddRow(cells, raw, amounts_, absl::MakeSpan(run.sums));
  }
}

}  // namespace roicast
