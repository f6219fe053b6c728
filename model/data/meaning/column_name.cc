#include "model/data/meaning/column_name.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/data/meaning/amount_words.h"

namespace roicast {
namespace {

using WordSet = absl::flat_hash_set<absl::string_view>;

// The next character of UTF-8; a byte that begins none is a blank.
char32_t NextCharacter(absl::string_view& rest) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char first = byte(0);
  const size_t size = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
  if (size == 0 || size > rest.size()) {
    rest.remove_prefix(1);
    return ' ';
  }
  char32_t character = size == 1 ? first : first & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) character = character << 6 | (byte(i) & 0x3F);
  rest.remove_prefix(size);
  return character;
}

void AppendUtf8(char32_t character, std::string& out) {
  const auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | (character >> shift & 0x3F))); };
  if (character < 0x80) {
    out.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    out.push_back(static_cast<char>(0xC0 | character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | character >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// U+00C0 to U+00FF and U+0100 to U+017F without their marks; a blank: no letter.
constexpr absl::string_view kLatin1 = "aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";
constexpr absl::string_view kLatinExtendedA =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

struct Letter {
  enum Kind { kSeparator, kMark, kLetter } kind;
  bool upper;
  char32_t folded;
};

Letter Fold(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;  // full-width ASCII
  if (c < 0x80) {
    const unsigned char ascii = static_cast<unsigned char>(c);
    if (!absl::ascii_isalnum(ascii)) return {Letter::kSeparator, false, c};
    return {Letter::kLetter, absl::ascii_isupper(ascii), static_cast<unsigned char>(absl::ascii_tolower(ascii))};
  }
  if (c >= 0x300 && c <= 0x36F) return {Letter::kMark, false, c};
  if (c < 0xC0 || c == 0xD7 || c == 0xF7) return {Letter::kSeparator, false, c};
  if (c < 0x100) return {Letter::kLetter, c < 0xDF, static_cast<unsigned char>(kLatin1[c - 0xC0])};
  if (c < 0x180) return {Letter::kLetter, (c & 1) == 0, static_cast<unsigned char>(kLatinExtendedA[c - 0x100])};
  if (c == 0x401 || c == 0x451) return {Letter::kLetter, c == 0x401, 0x435};
  if (c >= 0x410 && c <= 0x42F) return {Letter::kLetter, true, c + 0x20};
  const bool separator = (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
                         (c >= 0xFE00 && c <= 0xFE6F) || c >= 0xFFE0;
  return {separator ? Letter::kSeparator : Letter::kLetter, false, c};
}

bool BeginsWithLowerCase(absl::string_view text) {
  if (text.empty()) return false;
  const Letter letter = Fold(NextCharacter(text));
  return letter.kind == Letter::kLetter && !letter.upper && (letter.folded < '0' || letter.folded > '9');
}

bool SaysHowAnAmountIsMeant(const std::string& word) {
  static const WordSet& words =
      *new WordSet{"net",    "gross", "netto",   "brutto",  "in",      "converted", "currency", "current", "model",
                   "excl",   "incl",  "vat",     "tax",     "mwst",    "ht",        "ttc",      "total",   "all",
                   "micros", "pct",   "percent", "local",   "account", "元",        "万元",     "円",      "税込",
                   "税抜",   "원",    "vat포함", "vat별도", "руб",     "netto",     "ohne",     "mit",     "ust"};
  return words.contains(word) || IsCurrencyCode(word);
}

// "ACoS" is three words by its case.
constexpr size_t kLongestAbbreviation = 5;

bool IsTableOfField(const std::string& word) {
  return word == "metrics" || word == "metric" || word == "insights" || word == "stats";
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && text.size() <= 3 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsDay(absl::string_view word) {
  for (const absl::string_view day :
       {"day", "days", "d", "tage", "tag", "jours", "dias", "giorni", "dagen", "日", "天", "일"}) {
    if (word == day) return true;
  }
  return false;
}

// How many words from `begin` on say a number of days: "14 day", "7d".
size_t WordsOfDays(const std::vector<std::string>& words, size_t begin) {
  absl::string_view word = words[begin];
  // pc30d: 30 days after a click.
  if (!absl::ConsumePrefix(&word, "pcv")) absl::ConsumePrefix(&word, "pc") || absl::ConsumePrefix(&word, "pv");
  if (IsDigits(word)) return begin + 1 < words.size() && IsDay(words[begin + 1]) ? 2 : 0;
  const size_t digits = word.find_first_not_of("0123456789");
  return digits != absl::string_view::npos && IsDigits(word.substr(0, digits)) && IsDay(word.substr(digits)) ? 1 : 0;
}

// Collects words, and forgets those of a bracket that is of no account.
class WordCollector {
 public:
  void Add(const Letter& letter, bool next_is_lower) {
    // CampaignID, ROIValue.
    if (letter.upper && !word_.empty() && (!last_upper_ || next_is_lower)) EndWord();
    AppendUtf8(letter.folded, word_);
    last_upper_ = letter.upper;
  }

  void Separate(char32_t separator) {
    EndWord();
    if (separator == '(' || separator == '[') bracket_ = words_.size();
    if ((separator == ')' || separator == ']') && bracket_ <= words_.size()) {
      const auto begin = words_.begin() + static_cast<std::ptrdiff_t>(bracket_);
      in_brackets_ = absl::StrJoin(begin, words_.end(), "");
      if (words_.size() > bracket_ + 1 && in_brackets_.size() > kLongestAbbreviation) in_brackets_.clear();
      if (std::all_of(begin, words_.end(), SaysHowAnAmountIsMeant)) words_.erase(begin, words_.end());
      bracket_ = std::string::npos;
    }
  }

  void EndWord() {
    if (!word_.empty()) words_.push_back(std::move(word_));
    word_.clear();
    last_upper_ = false;
  }

  const std::string& in_brackets() const { return in_brackets_; }

  std::vector<std::string> Take() {
    EndWord();
    return std::move(words_);
  }

 private:
  std::vector<std::string> words_;
  std::string word_;
  bool last_upper_ = false;
  size_t bracket_ = std::string::npos;
  std::string in_brackets_;
};

}  // namespace

bool ColumnName::Has(absl::string_view word) const {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool ColumnName::IsPlan() const {
  static const WordSet& plans = *new WordSet{
      "target", "targeted", "goal",     "max",       "maximum",    "min",         "minimum",    "bid",       "bids",
      "budget", "planned",  "plan",     "expected",  "forecast",   "forecasted",  "estimated",  "predicted", "previous",
      "prior",  "past",     "last",     "lag",       "lagged",     "historic",    "historical", "baseline",  "history",
      "ziel",   "objetivo", "objectif", "obiettivo", "competitor", "competitors", "company",    "annual",    "before"};
  return std::any_of(words.begin(), words.end(), [](const std::string& word) { return plans.contains(word); }) ||
         // tCPA, tROAS
         (words.size() > 1 && words.front() == "t");
}

std::vector<std::string> ColumnName::WithoutWindow() const {
  static const WordSet& behind = *new WordSet{"click",   "clicks", "view", "views", "through",    "or",
                                              "engaged", "and",    "post", "after", "attribution"};
  std::vector<std::string> rest;
  for (size_t i = 0; i < words.size();) {
    const size_t days = WordsOfDays(words, i);
    if (days == 0) {
      rest.push_back(words[i++]);
      continue;
    }
    i += days;
    while (i < words.size() && behind.contains(words[i])) ++i;
  }
  return rest;
}

ColumnName ReadColumnName(absl::string_view text) {
  ColumnName name;
  WordCollector collector;
  std::string plain;
  AmountWords amount;
  while (!text.empty()) {
    const char32_t character = NextCharacter(text);
    const Letter letter = Fold(character);
    name.per_cent |= letter.kind == Letter::kSeparator && letter.folded == '%';
    if (letter.kind == Letter::kMark) continue;
    if (letter.kind == Letter::kSeparator) {
      amount.AddSign(letter.folded, plain);
      plain.push_back(' ');
      collector.Separate(letter.folded);
      continue;
    }
    AppendUtf8(letter.folded, plain);
    collector.Add(letter, BeginsWithLowerCase(text));
  }
  name.words = collector.Take();
  name.in_brackets = collector.in_brackets();
  for (const absl::string_view word : absl::StrSplit(plain, ' ', absl::SkipEmpty())) amount.AddWord(word);
  name.currency = amount.currency();
  name.scale = amount.scale();
  if (name.words.size() > 1 && IsTableOfField(name.words.front())) name.words.erase(name.words.begin());
  if (name.words.size() > 1 && IsCurrencyCode(name.words.back())) name.words.pop_back();
  if (name.words.size() > 1 && IsCurrencyCode(name.words.front())) name.words.erase(name.words.begin());
  name.joined = absl::StrJoin(name.words, "");
  for (const absl::string_view word : {"pct", "percent", "percentage", "prozent"}) {
    name.per_cent |= absl::StrContains(plain, word);
  }
  name.micros = (absl::StrContains(plain, "micros") && !absl::StrContains(plain, "microsite")) ||
                absl::StrContains(plain, "micro dollar") || absl::StrContains(plain, "microdollar");
  return name;
}

}  // namespace roicast
