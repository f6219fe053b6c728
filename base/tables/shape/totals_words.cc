#include "base/tables/shape/totals_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

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
// Of a column's average, middle, smallest or largest value.
constexpr absl::string_view kSummaryWords[] = {
    "average", "averages",     "avg",        "avg.",    "mean",    "median",     "max",         "maximum", "min",
    "minimum", "durchschnitt", "mittelwert", "mittel",  "moyenne", "médiane",    "media",       "mediana", "promedio",
    "média",   "gemiddelde",   "gemiddeld",  "mediaan", "medel",   "medelvärde", "gennemsnitt", "średnia", "среднее",
    "Среднее", "ortalama",     "平均",       "平均值",  "중간값",  "평균"};

absl::string_view Trim(absl::string_view text, absl::string_view what) {
  while (!text.empty() && absl::StrContains(what, text.front())) text.remove_prefix(1);
  while (!text.empty() && absl::StrContains(what, text.back())) text.remove_suffix(1);
  return text;
}

// The words by their first byte, in either case.
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

// Which texts may begin with one of some words, by a hash of their first three bytes without case: nearly all cells are
// done with here. All words have three bytes or more.
class WordStarts {
 public:
  template <size_t kCount>
  explicit constexpr WordStarts(const absl::string_view (&words)[kCount]) {
    for (const absl::string_view word : words) bits_[Hash(word.data()) / 64] |= uint64_t{1} << (Hash(word.data()) % 64);
  }
  bool MayBegin(absl::string_view text) const {
    if (text.size() < 3) return false;
    const unsigned hash = Hash(text.data());
    return (bits_[hash / 64] >> (hash % 64) & 1U) != 0;
  }

 private:
  static constexpr unsigned Hash(const char* text) {
    const auto byte = [text](int i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])) | 0x20U; };
    return (byte(0) * 31U * 31U + byte(1) * 31U + byte(2)) % 4096U;
  }

  std::array<uint64_t, 64> bits_{};
};
constexpr WordStarts kTotalsStarts(kWords);
constexpr WordStarts kSummaryStarts(kSummaryWords);

// What stands before a word, as in "(Total)" and "-- Sum --".
absl::string_view WithoutBrackets(absl::string_view cell) {
  while (!cell.empty() && (cell[0] == '(' || cell[0] == '*' || cell[0] == '-' || cell[0] == '<' || cell[0] == '[' ||
                           cell[0] == ' ' || cell[0] == '\t')) {
    cell.remove_prefix(1);
  }
  return cell;
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

bool IsBlankOrDashes(absl::string_view cell) {
  const size_t begin = cell.find_first_not_of(" -\t");
  if (begin == absl::string_view::npos) return true;
  cell = cell.substr(begin, cell.find_last_not_of(" -\t") - begin + 1);
  return cell == "\xE2\x80\x94" || cell == "\xE2\x80\x93";
}

}  // namespace

bool IsNoValue(absl::string_view cell) {
  return cell.empty() || (!absl::ascii_isalnum(static_cast<unsigned char>(*cell.data())) && IsBlankOrDashes(cell));
}

bool HasTotalsWord(absl::string_view cell) {
  for (size_t i = 0; i < cell.size(); ++i) {
    const auto byte = static_cast<unsigned char>(cell[i]);
    if (!kTotalsStarts.MayBegin(cell.substr(i))) continue;
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

bool IsSummaryWord(absl::string_view cell) {
  constexpr size_t kLongest = 24;
  cell = WithoutBrackets(cell);
  if (!kSummaryStarts.MayBegin(cell) || cell.size() > kLongest) return false;
  cell = Trim(cell.substr(0, std::min(cell.find(':'), cell.size())), " \t*-()[]<>");
  return std::any_of(std::begin(kSummaryWords), std::end(kSummaryWords),
                     [&](absl::string_view word) { return absl::EqualsIgnoreCase(word, cell); });
}

bool IsWordForAll(absl::string_view cell) {
  cell = WithoutBrackets(cell);
  if (cell.size() < 3) return false;
  if (absl::StartsWithIgnoreCase(cell, "all")) return cell.size() == 3 || absl::StrContains(" )]>*-", cell[3]);
  return absl::EqualsIgnoreCase(Trim(cell, ")]> \t*-"), "overall");
}

bool IsTotalsWord(absl::string_view cell) {
  cell = WithoutBrackets(cell);
  if (!kTotalsStarts.MayBegin(cell)) return false;
  const std::vector<absl::string_view>& words = WordsThatBeginWith(cell[0]);
  if (IsSubtotal(cell)) return true;
  cell = Trim(cell.substr(0, std::min(cell.find(':'), cell.size())), " \t*-()[]<>");
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return absl::EqualsIgnoreCase(word, cell); });
}

}  // namespace roicast
