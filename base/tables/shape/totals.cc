#include "base/tables/shape/totals.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/tables/shape/totals_words.h"
#include "base/tables/spelling/currency.h"

namespace roicast {
namespace {

// Columns whose sums are kept.
constexpr size_t kMaxAmounts = 8;
// A row that is like the only one before it is rather its copy.
constexpr int64_t kFewestRows = 2;
// Where no word for totals stands alone, one amount may agree by chance.
constexpr size_t kTelling = 2;
// Sums of rounded shares differ a little from a rounded total.
constexpr double kTolerance = 1e-3;
// Of rows that nothing but their sums show to be totals: so many rows before them, so exactly.
constexpr int64_t kSureRows = 3;
constexpr double kSureTolerance = 1e-6;
// Where the rows without a name may be subtotals, at most one in so many is.
constexpr int64_t kRowsPerNameless = 2;
constexpr size_t kMaxLines = 5;

// USD, EUR.
bool IsCurrencyCode(absl::string_view cell) {
  return cell.size() == 3 &&
         std::all_of(cell.begin(), cell.end(),
                     [](char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); }) &&
         CurrencyPrefix(cell).length == cell.size();
}

std::vector<size_t> FirstAmounts(const TableShape& shape) {
  std::vector<size_t> columns;
  for (size_t c = 0; c < shape.amounts.size() && columns.size() < kMaxAmounts; ++c) {
    if (shape.amounts[c]) columns.push_back(c);
  }
  return columns;
}

}  // namespace

TotalsFinder::TotalsFinder(const TableShape& shape)
    : constants_(shape.constants), amounts_(FirstAmounts(shape)), group_totals_(shape, amounts_) {
  constants_.resize(shape.words.size());
  for (size_t c = 0; c < shape.words.size(); ++c) {
    if (shape.words[c]) words_.push_back(c);
  }
  group_.resize(amounts_.size());
  before_.resize(amounts_.size());
  nameless_.sums.resize(amounts_.size());
  with_gaps_.sums.resize(amounts_.size());
}

TotalsFinder::Verdict TotalsFinder::Judge(absl::Span<const absl::string_view> cells) const {
  if (cells.empty()) return Verdict::kNo;
  // The first cell that has anything, or the last one, as in reports whose first row has the totals.
  size_t place = 0;
  if (!IsTotalsWord(cells[0])) {
    if (!IsNoValue(cells[0])) {
      const bool totals = IsSummary(cells) || IsTotalOfGroup(cells) || group_totals_.IsTotal(cells);
      return totals ? Verdict::kTotals : JudgeBySums(cells);
    }
    while (place < cells.size() && IsNoValue(cells[place])) ++place;
    if (place == cells.size()) return Verdict::kNo;
    if (!IsTotalsWord(cells[place])) place = cells.size() - 1;
    if (!IsTotalsWord(cells[place])) return JudgeBySums(cells);
  }
  if (OthersAreEmpty(cells, place)) return Verdict::kTotals;
  const Wanted one{1, kTolerance, false};
  return Agrees(cells, false, one) || Agrees(cells, true, one) ? Verdict::kTotals : Verdict::kUnclear;
}

bool TotalsFinder::OthersAreEmpty(absl::Span<const absl::string_view> cells, size_t place) const {
  size_t others = 0;
  for (const size_t c : words_) {
    if (c == place || c >= cells.size()) continue;
    if (IsNoValue(cells[c])) {
      ++others;
    } else if (!IsCurrencyCode(cells[c]) && (constants_[c].empty() || cells[c] != constants_[c])) {
      return false;
    }
  }
  return others > 0;
}

bool TotalsFinder::IsSummary(absl::Span<const absl::string_view> cells) const {
  return IsSummaryWord(cells[0]) && (OthersAreEmpty(cells, 0) || AgreesWithAverages(cells));
}

bool TotalsFinder::IsTotalOfGroup(absl::Span<const absl::string_view> cells) const {
  bool has_word = false;
  for (const size_t c : words_) {
    if (c == 0 || c >= cells.size() || IsNoValue(cells[c])) continue;
    // As in nearly all rows.
    if (!IsWordForAll(cells[c]) && !IsTotalsWord(cells[c])) {
      if (constants_[c].empty() || cells[c] != constants_[c]) return false;
      continue;
    }
    has_word = true;
  }
  if (!has_word || group_rows_ == 0) return false;
  if (group_rows_ >= kFewestRows) return Agrees(cells, true, {kTelling, kTolerance, true});
  // Of one row, they are like that row. The first row of "All" in a table may be like another by chance.
  return Agrees(cells, true, {found_ ? 1 : kTelling, kSureTolerance, true}) && (found_ || Filled(cells) >= kTelling);
}

size_t TotalsFinder::Filled(absl::Span<const absl::string_view> cells) const {
  return static_cast<size_t>(std::count_if(amounts_.begin(), amounts_.end(), [cells](size_t column) {
    return column < cells.size() && !IsNoValue(cells[column]);
  }));
}

TotalsFinder::Verdict TotalsFinder::JudgeBySums(absl::Span<const absl::string_view> cells) const {
  const bool has_word = HasTotalsWord(cells[0]);
  const bool empty = MostlyEmpty(cells);
  if (!has_word && !empty) return Verdict::kNo;
  // As ROLLUP writes the totals of groups.
  if (!has_word && group_rows_ >= kSureRows && IsNoValue(cells[0]) &&
      Agrees(cells, true, {kTelling, kSureTolerance, false})) {
    return Verdict::kTotals;
  }
  const Wanted telling{kTelling, kTolerance, false};
  if (all_rows_ >= kFewestRows && Agrees(cells, false, telling)) {
    return has_word ? Verdict::kTotals : Verdict::kTotalsIfLast;
  }
  if (has_word && group_rows_ >= kFewestRows && Agrees(cells, true, telling)) return Verdict::kTotals;
  // Beside a ROAS, which is no sum of the others, one amount has to do.
  if (has_word && empty && all_rows_ >= kSureRows && Agrees(cells, false, {1, kSureTolerance, true})) {
    return Verdict::kTotals;
  }
  return has_word && empty ? Verdict::kUnclear : Verdict::kNo;
}

bool TotalsFinder::MayBeNameless(absl::Span<const absl::string_view> cells) const {
  if (!IsNoValue(cells[0])) return false;
  const auto is_other = [cells](size_t c) { return c != 0 && c < cells.size(); };
  return std::any_of(words_.begin(), words_.end(), is_other) &&
         std::none_of(words_.begin(), words_.end(), [&](size_t c) { return is_other(c) && !IsNoValue(cells[c]); });
}

bool TotalsFinder::MostlyEmpty(absl::Span<const absl::string_view> cells) const {
  // The first cell alone tells rows apart only if it is empty itself.
  size_t others = IsNoValue(cells[0]) ? 1 : 0;
  size_t filled = 0;
  for (const size_t c : words_) {
    if (c == 0 || c >= cells.size()) continue;
    ++others;
    filled += IsNoValue(cells[c]) ? 0 : 1;
    // Whatever the rest, as in nearly all rows.
    if (filled * 2 > words_.size() + 1) return false;
  }
  return others > 0 && filled * 2 <= others;
}

bool TotalsFinder::Agrees(absl::Span<const absl::string_view> cells, bool of_group, const Wanted& wanted) const {
  size_t amounts = 0;
  size_t agreeing = 0;
  for (size_t i = 0; i < amounts_.size(); ++i) {
    if (amounts_[i] >= cells.size() || IsNoValue(cells[amounts_[i]])) continue;
    AmountSum sum = group_[i];
    if (!of_group) sum.Add(before_[i]);
    const AmountReadings amount = ReadAmount(cells[amounts_[i]]), all = sum.value();
    if (wanted.but_zeros && amount.point == 0.0 && all.point == 0.0) continue;
    ++amounts;
    agreeing += IsClose(amount, all, wanted.tolerance) ? 1 : 0;
    if (agreeing >= wanted.amounts) return true;
  }
  return agreeing > 0 && agreeing == amounts;
}

bool TotalsFinder::AgreesWithAverages(absl::Span<const absl::string_view> cells) const {
  const auto rows = static_cast<double>(all_rows_);
  for (size_t i = 0; i < amounts_.size(); ++i) {
    if (amounts_[i] >= cells.size() || all_rows_ < kSureRows) continue;
    AmountSum sum = group_[i];
    sum.Add(before_[i]);
    const AmountReadings average{sum.value().point / rows, sum.value().comma / rows};
    if (IsClose(ReadAmount(cells[amounts_[i]]), average, kTolerance)) return true;
  }
  return false;
}

bool TotalsFinder::IsNameless(absl::Span<const absl::string_view> cells) const {
  if (IsNoValue(cells[0])) return true;
  return std::any_of(words_.begin(), words_.end(),
                     [cells](size_t c) { return c < cells.size() && IsWordForAll(cells[c]); });
}

bool TotalsFinder::HasTotalsWordBehind(absl::Span<const absl::string_view> cells) const {
  return std::any_of(words_.begin(), words_.end(),
                     [cells](size_t c) { return c > 0 && c < cells.size() && IsTotalsWord(cells[c]); });
}

void TotalsFinder::Add(int64_t line, absl::Span<const absl::string_view> cells, absl::string_view raw) {
  ++all_rows_;
  ++group_rows_;
  AmountSum::AddRow(cells, raw, amounts_, absl::MakeSpan(group_));
  group_totals_.Add(cells, raw);
  const bool has_word = HasTotalsWordBehind(cells);
  if (has_word || IsNameless(cells)) AddTo(nameless_, line, cells, raw);
  if (group_totals_.HasGap(cells)) AddTo(with_gaps_, line, cells, raw);
  if (!has_word) return;
  ++unproven_.rows;
  if (unproven_.lines.size() < kMaxLines) unproven_.lines.push_back(line);
  // It may be the total of its group all the same: the sums of the next one begin here.
  CloseGroup();
}

void TotalsFinder::AddTo(SetApart& rows, int64_t line, absl::Span<const absl::string_view> cells,
                         absl::string_view raw) const {
  ++rows.rows;
  if (rows.lines.size() < kMaxLines) rows.lines.push_back(line);
  AmountSum::AddRow(cells, raw, amounts_, absl::MakeSpan(rows.sums));
}

TotalsFinder::KeptRows TotalsFinder::LikelySubtotals() const {
  if (AddUp(nameless_)) return nameless_;
  return AddUp(with_gaps_) ? KeptRows(with_gaps_) : KeptRows();
}

bool TotalsFinder::AddUp(const SetApart& rows) const {
  if (rows.rows == 0 || rows.rows * (kRowsPerNameless + 1) > all_rows_) return false;
  size_t agreeing = 0;
  for (size_t i = 0; i < amounts_.size(); ++i) {
    AmountSum sum = group_[i];
    sum.Add(before_[i]);
    const AmountReadings all = sum.value();
    const AmountReadings apart = rows.sums[i].value();
    agreeing += IsClose(apart, {all.point - apart.point, all.comma - apart.comma}, kTolerance) ? 1 : 0;
  }
  return agreeing >= kTelling;
}

void TotalsFinder::CloseGroup() {
  for (size_t i = 0; i < amounts_.size(); ++i) before_[i].Add(std::exchange(group_[i], {}));
  group_rows_ = 0;
}

void TotalsFinder::BeginGroup() {
  CloseGroup();
  found_ = true;
  group_totals_.Found();
}

}  // namespace roicast
