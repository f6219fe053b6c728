#include "base/tables/shape/totals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace roicast {
namespace {

// Compared without case, as far as ASCII goes.
constexpr absl::string_view kWords[] = {"total",
                                        "totals",
                                        "grand total",
                                        "grand totals",
                                        "subtotal",
                                        "sum",
                                        "overall total",
                                        "overall totals",
                                        "total sum",
                                        "gesamt",
                                        "gesamtsumme",
                                        "gesamtergebnis",
                                        "summe",
                                        "insgesamt",
                                        "total général",
                                        "totaux",
                                        "somme",
                                        "sous-total",
                                        "totale",
                                        "totali",
                                        "totale complessivo",
                                        "somma",
                                        "total general",
                                        "totales",
                                        "suma",
                                        "suma total",
                                        "total geral",
                                        "totais",
                                        "soma",
                                        "totaal",
                                        "eindtotaal",
                                        "totalt",
                                        "summa",
                                        "i alt",
                                        "yhteensä",
                                        "razem",
                                        "suma końcowa",
                                        "łącznie",
                                        "celkem",
                                        "součet",
                                        "spolu",
                                        "összesen",
                                        "toplam",
                                        "genel toplam",
                                        "σύνολο",
                                        "Σύνολο",
                                        "итого",
                                        "Итого",
                                        "ИТОГО",
                                        "всего",
                                        "Всего",
                                        "разом",
                                        "Разом",
                                        "общо",
                                        "Общо",
                                        "合計",
                                        "总计",
                                        "總計",
                                        "合计",
                                        "総計",
                                        "小計",
                                        "小计",
                                        "汇总",
                                        "총계",
                                        "합계",
                                        "총합계",
                                        "المجموع",
                                        "الإجمالي",
                                        "סה\"כ",
                                        "סך הכל",
                                        "कुल",
                                        "ผลรวม",
                                        "รวม",
                                        "tổng",
                                        "tổng cộng",
                                        "jumlah",
                                        "subtotals",
                                        "sub-total",
                                        "subtotale",
                                        "zwischensumme",
                                        "tussentotaal",
                                        "delsumma",
                                        "mellomsum"};
// A cell that begins with one of these is that of a subtotal, whatever follows.
constexpr absl::string_view kSubtotalWords[] = {"subtotal",   "sub-total", "subtotals",    "zwischensumme",
                                                "sous-total", "subtotale", "tussentotaal", "delsumma",
                                                "mellomsum",  "小计",      "小計"};
// Columns whose sums are kept.
constexpr size_t kMaxAmounts = 8;
// Amounts that must agree where no word for totals stands alone: one may do so by chance.
constexpr size_t kTelling = 2;
// A row that is like the only one before it is rather its copy.
constexpr int64_t kFewestRows = 2;
// Sums of rounded shares differ a little from a rounded total.
constexpr double kTolerance = 1e-3;

absl::string_view Trim(absl::string_view text, absl::string_view what) {
  while (!text.empty() && absl::StrContains(what, text.front())) text.remove_prefix(1);
  while (!text.empty() && absl::StrContains(what, text.back())) text.remove_suffix(1);
  return text;
}

// Empty, or dashes in place of a value.
bool IsNoValue(absl::string_view cell) {
  if (cell.empty()) return true;
  if (absl::ascii_isalnum(static_cast<unsigned char>(cell[0]))) return false;
  cell = Trim(cell, " -\t");
  return cell.empty() || cell == "\xE2\x80\x94" || cell == "\xE2\x80\x93";
}

// The words by their first byte, in either case: most cells are done with here.
const std::vector<absl::string_view>& WordsThatBeginWith(char c) {
  static const std::array<std::vector<absl::string_view>, 256> kByFirstByte = [] {
    std::array<std::vector<absl::string_view>, 256> words;
    for (const absl::string_view word : kWords) {
      const auto first = static_cast<unsigned char>(word[0]);
      words[first].push_back(word);
      const unsigned char upper = absl::ascii_toupper(first);
      if (upper != first) words[upper].push_back(word);
    }
    return words;
  }();
  return kByFirstByte[static_cast<unsigned char>(c)];
}

bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// Whether the text begins with the word, and the word ends there. Chinese, Japanese, Korean and Thai have no blanks
// between words.
bool BeginsWithWord(absl::string_view text, absl::string_view word) {
  if (!absl::StartsWithIgnoreCase(text, word)) return false;
  const bool without_blanks = static_cast<unsigned char>(word[0]) >= 0xE0;
  return without_blanks || text.size() == word.size() || !IsWordByte(text[word.size()]);
}

bool IsSubtotal(absl::string_view cell) {
  return std::any_of(std::begin(kSubtotalWords), std::end(kSubtotalWords),
                     [cell](absl::string_view word) { return BeginsWithWord(cell, word); });
}

}  // namespace

bool HasTotalsWord(absl::string_view cell) {
  for (size_t i = 0; i < cell.size(); ++i) {
    const auto byte = static_cast<unsigned char>(cell[i]);
    // Within a word, or within a character.
    if (byte < 0xE0 && i > 0 && IsWordByte(cell[i - 1])) continue;
    const std::vector<absl::string_view>& words = WordsThatBeginWith(cell[i]);
    const absl::string_view rest = cell.substr(i);
    if (std::any_of(words.begin(), words.end(),
                    [rest](absl::string_view word) { return BeginsWithWord(rest, word); })) {
      return true;
    }
  }
  return false;
}

bool IsTotalsWord(absl::string_view cell) {
  if (cell.size() < 3) return false;
  if (absl::string_view("(*-<[").find(cell[0]) != absl::string_view::npos) cell = Trim(cell, " \t*-()[]<>");
  if (cell.empty()) return false;
  const std::vector<absl::string_view>& words = WordsThatBeginWith(cell[0]);
  if (words.empty()) return false;
  if (IsSubtotal(cell)) return true;
  cell = Trim(cell.substr(0, std::min(cell.find(':'), cell.size())), " \t*-()[]<>");
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return absl::EqualsIgnoreCase(word, cell); });
}

AmountReadings ReadAmount(absl::string_view cell) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  constexpr int kMaxDigits = 17;
  int64_t mantissa = 0;
  int digits = 0;
  int letters = 0;
  int after_point = -1;
  int after_comma = -1;
  int points = 0;
  int commas = 0;
  bool negative = false;
  for (const char c : cell) {
    if (c >= '0' && c <= '9') {
      if (++digits > kMaxDigits) return {kNone, kNone};
      mantissa = mantissa * 10 + (c - '0');
      if (points > 0) ++after_point;
      if (commas > 0) ++after_comma;
    } else if (c == '.') {
      ++points;
      after_point = 0;
    } else if (c == ',') {
      ++commas;
      after_comma = 0;
    } else if (c == '-' || c == '(') {
      // A date has dashes between its digits.
      if (digits > 0 && c == '-' && &c != &cell.back()) return {kNone, kNone};
      negative = true;
    } else if (c == '/' || c == ':' || c == '_') {
      return {kNone, kNone};
    } else if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      if (++letters > 3) return {kNone, kNone};
    }
  }
  if (digits == 0) return {kNone, kNone};
  static constexpr double kPowers[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                       1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
  const double value = static_cast<double>(negative ? -mantissa : mantissa);
  double point = points > 1 ? kNone : value / kPowers[std::max(after_point, 0)];
  double comma = commas > 1 ? kNone : value / kPowers[std::max(after_comma, 0)];
  // The decimal mark is the last one.
  if (points > 0 && commas > 0) (after_comma < after_point ? point : comma) = kNone;
  return {point, comma};
}

bool IsPlausibleAmount(absl::string_view cell) {
  constexpr size_t kMaxDigits = 12;
  const size_t digits = static_cast<size_t>(std::count_if(
      cell.begin(), cell.end(), [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }));
  if (digits == 0 || digits > kMaxDigits) return false;
  const bool is_plain = digits == cell.size();
  // Codes such as 00123, and dates such as 20240131.
  if (is_plain && digits > 1 && cell[0] == '0') return false;
  if (is_plain && digits == 8 && (absl::StartsWith(cell, "19") || absl::StartsWith(cell, "20"))) return false;
  const AmountReadings readings = ReadAmount(cell);
  return !std::isnan(readings.point) || !std::isnan(readings.comma);
}

TotalsFinder::TotalsFinder(const TableShape& shape) {
  for (size_t c = 0; c < shape.words.size(); ++c) {
    if (shape.words[c]) words_.push_back(c);
    if (shape.amounts[c] && amounts_.size() < kMaxAmounts) amounts_.push_back(c);
  }
  all_.resize(amounts_.size());
  group_.resize(amounts_.size());
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
  return Agrees(cells, all_, 1) || Agrees(cells, group_, 1) ? Verdict::kTotals : Verdict::kUnclear;
}

TotalsFinder::Verdict TotalsFinder::JudgeBySums(absl::Span<const absl::string_view> cells) const {
  const bool has_word = HasTotalsWord(cells[0]);
  const bool empty = MostlyEmpty(cells);
  if (!has_word && !empty) return Verdict::kNo;
  if (all_rows_ >= kFewestRows && Agrees(cells, all_, kTelling)) {
    return has_word ? Verdict::kTotals : Verdict::kTotalsIfLast;
  }
  if (has_word && group_rows_ >= kFewestRows && Agrees(cells, group_, kTelling)) return Verdict::kTotals;
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
  }
  return others > 0 && filled * 2 <= others;
}

bool TotalsFinder::Agrees(absl::Span<const absl::string_view> cells, const std::vector<Sums>& sums, size_t most) const {
  const auto close = [](double value, double sum) {
    return sum != 0.0 && std::abs(value - sum) <= kTolerance * std::abs(sum);
  };
  size_t amounts = 0;
  size_t agreeing = 0;
  for (size_t i = 0; i < amounts_.size(); ++i) {
    if (amounts_[i] >= cells.size() || IsNoValue(cells[amounts_[i]])) continue;
    ++amounts;
    const AmountReadings amount = ReadAmount(cells[amounts_[i]]);
    agreeing += close(amount.point, sums[i].point) || close(amount.comma, sums[i].comma) ? 1 : 0;
    if (agreeing >= most) return true;
  }
  return agreeing > 0 && agreeing == amounts;
}

void TotalsFinder::Add(absl::Span<const absl::string_view> cells) {
  ++all_rows_;
  ++group_rows_;
  for (size_t i = 0; i < amounts_.size(); ++i) {
    if (amounts_[i] >= cells.size()) continue;
    const AmountReadings amount = ReadAmount(cells[amounts_[i]]);
    for (std::vector<Sums>* sums : {&all_, &group_}) {
      if (!std::isnan(amount.point)) (*sums)[i].point += amount.point;
      if (!std::isnan(amount.comma)) (*sums)[i].comma += amount.comma;
    }
  }
}

void TotalsFinder::BeginGroup() {
  std::fill(group_.begin(), group_.end(), Sums());
  group_rows_ = 0;
}

}  // namespace roicast
