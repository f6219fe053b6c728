#include "base/tables/shape/totals.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "base/tables/shape/totals_words.h"

namespace roicast {
namespace {

// Columns whose sums are kept.
constexpr size_t kMaxAmounts = 8;
// Amounts that must agree where no word for totals stands alone: one may do so by chance.
constexpr size_t kTelling = 2;
// A row that is like the only one before it is rather its copy.
constexpr int64_t kFewestRows = 2;
// Sums of rounded shares differ a little from a rounded total.
constexpr double kTolerance = 1e-3;

bool IsBlankOrDashes(absl::string_view cell) {
  const size_t begin = cell.find_first_not_of(" -\t");
  if (begin == absl::string_view::npos) return true;
  cell = cell.substr(begin, cell.find_last_not_of(" -\t") - begin + 1);
  return cell == "\xE2\x80\x94" || cell == "\xE2\x80\x93";
}

// Empty, or dashes in place of a value.
bool IsNoValue(absl::string_view cell) {
  return cell.empty() || (!absl::ascii_isalnum(static_cast<unsigned char>(*cell.data())) && IsBlankOrDashes(cell));
}

}  // namespace

TotalsFinder::TotalsFinder(const TableShape& shape) {
  for (size_t c = 0; c < shape.words.size(); ++c) {
    if (shape.words[c]) words_.push_back(c);
    if (shape.amounts[c] && amounts_.size() < kMaxAmounts) amounts_.push_back(c);
  }
  group_.resize(amounts_.size());
  before_.resize(amounts_.size());
}

TotalsFinder::Verdict TotalsFinder::Judge(absl::Span<const absl::string_view> cells) const {
  if (cells.empty()) return Verdict::kNo;
  // The first cell that has anything, or the last one, as in reports whose first row has the totals.
  size_t place = 0;
  if (!IsTotalsWord(cells[0])) {
    if (!IsNoValue(cells[0])) return JudgeBySums(cells);
    while (place < cells.size() && IsNoValue(cells[place])) ++place;
    if (place == cells.size()) return Verdict::kNo;
    if (!IsTotalsWord(cells[place])) place = cells.size() - 1;
    if (!IsTotalsWord(cells[place])) return JudgeBySums(cells);
  }
  size_t others = 0;
  size_t filled = 0;
  for (const size_t c : words_) {
    if (c == place || c >= cells.size()) continue;
    ++others;
    filled += IsNoValue(cells[c]) ? 0 : 1;
  }
  if (others > 0 && filled == 0) return Verdict::kTotals;
  return Agrees(cells, false, 1) || Agrees(cells, true, 1) ? Verdict::kTotals : Verdict::kUnclear;
}

TotalsFinder::Verdict TotalsFinder::JudgeBySums(absl::Span<const absl::string_view> cells) const {
  const bool has_word = HasTotalsWord(cells[0]);
  const bool empty = MostlyEmpty(cells);
  if (!has_word && !empty) return Verdict::kNo;
  if (all_rows_ >= kFewestRows && Agrees(cells, false, kTelling)) {
    return has_word ? Verdict::kTotals : Verdict::kTotalsIfLast;
  }
  if (has_word && group_rows_ >= kFewestRows && Agrees(cells, true, kTelling)) return Verdict::kTotals;
  return has_word && empty ? Verdict::kUnclear : Verdict::kNo;
}

bool TotalsFinder::MayBeNameless(absl::Span<const absl::string_view> cells) const {
  size_t others = 0;
  for (const size_t c : words_) {
    if (c == 0 || c >= cells.size()) continue;
    if (!IsNoValue(cells[c])) return false;
    ++others;
  }
  return others > 0 && IsNoValue(cells[0]);
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

bool TotalsFinder::Agrees(absl::Span<const absl::string_view> cells, bool of_group, size_t most) const {
  const auto close = [](double value, double sum) {
    return sum != 0.0 && std::abs(value - sum) <= kTolerance * std::abs(sum);
  };
  size_t amounts = 0;
  size_t agreeing = 0;
  for (size_t i = 0; i < amounts_.size(); ++i) {
    if (amounts_[i] >= cells.size() || IsNoValue(cells[amounts_[i]])) continue;
    ++amounts;
    AmountSum sum = group_[i];
    if (!of_group) sum.Add(before_[i]);
    const AmountReadings amount = ReadAmount(cells[amounts_[i]]);
    agreeing += close(amount.point, sum.value().point) || close(amount.comma, sum.value().comma) ? 1 : 0;
    if (agreeing >= most) return true;
  }
  return agreeing > 0 && agreeing == amounts;
}

void TotalsFinder::Add(absl::Span<const absl::string_view> cells, absl::string_view raw) {
  ++all_rows_;
  ++group_rows_;
  AmountSum::AddRow(cells, raw, amounts_, absl::MakeSpan(group_));
}

void TotalsFinder::BeginGroup() {
  for (size_t i = 0; i < amounts_.size(); ++i) before_[i].Add(std::exchange(group_[i], {}));
  group_rows_ = 0;
}

}  // namespace roicast
