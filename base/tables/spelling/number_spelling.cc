#include "base/tables/spelling/number_spelling.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/tables/cell_text.h"
#include "base/tables/spelling/currency.h"
#include "base/tables/spelling/digit_class.h"
#include "base/tables/spelling/plain_text.h"
#include "base/tables/spelling/scale_word.h"

namespace roicast {
namespace {

constexpr size_t kLongestUnitWord = 24;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes the affixes off both ends of a text until its digits are left.
class AffixStripper {
 public:
  AffixStripper(absl::string_view text, NumberSpelling* spelling) : text_(text), spelling_(*spelling) {}

  bool Strip() {
    TakeQuotes();
    while (!text_.empty() && !IsDigit(text_[0]) && text_[0] != '.' && text_[0] != ',') {
      if (!TakePrefix()) return false;
      text_ = absl::StripLeadingAsciiWhitespace(text_);
    }
    while (!text_.empty() && !IsDigit(text_.back())) {
      if (TakeWholeAmount()) continue;
      // The 5. that std::from_chars takes.
      if (text_.back() == '.' && text_.size() > 1 && IsDigit(text_[text_.size() - 2])) break;
      if (!TakeSuffix()) return false;
      text_ = absl::StripTrailingAsciiWhitespace(text_);
    }
    if (text_.empty()) return IsDashForZero();
    if (open_) return false;
    if (spelling_.bracketed && sign_) return false;
    spelling_.negative = negative_ || spelling_.bracketed;
    spelling_.body = text_;
    return true;
  }

 private:
  // '1234, a number that a spreadsheet keeps as text, and "1234", quoted once more.
  void TakeQuotes() {
    if (text_.size() < 2) return;
    if (text_[0] == '\'' && text_.find('\'', 1) == absl::string_view::npos) {
      text_.remove_prefix(1);
      spelling_.formula = true;
    } else if (text_[0] == '"' && text_.back() == '"') {
      text_ = TrimCell(text_.substr(1, text_.size() - 2));
      spelling_.formula = true;
    }
  }

  // The ,- of 116,- and the /- of 116/-: the amount is whole. False if there is none, or no digit before it.
  bool TakeWholeAmount() {
    static constexpr absl::string_view kEnds[] = {".-", ",-", ".--", ",--", ".\u2014", ",\u2014", "/-", "/="};
    for (const absl::string_view end : kEnds) {
      if (!absl::EndsWith(text_, end) || text_.size() == end.size() || !IsDigit(text_[text_.size() - end.size() - 1])) {
        continue;
      }
      text_.remove_suffix(end.size());
      if (end[0] == '/') return true;
      // The decimal mark stays: the other separator stands between thousands.
      text_ = absl::string_view(text_.data(), text_.size() + 2);
      spelling_.text[static_cast<size_t>(text_.data() - spelling_.text.data()) + text_.size() - 1] = '0';
      return true;
    }
    return false;
  }

  // "$ -", "- €".
  bool IsDashForZero() {
    if (!negative_ || currencies_ == 0 || open_ || spelling_.bracketed || spelling_.percent || spelling_.triangle ||
        !spelling_.unit_word.empty()) {
      return false;
    }
    spelling_.body = "0";
    spelling_.dash_for_zero = true;
    return true;
  }

  bool TakeCurrency(const CurrencyMatch& match) {
    if (match.length == 0 || currencies_ == 2) return false;
    // "$5.00 USD": the code says more than the sign.
    if (++currencies_ == 1 || spelling_.currency.size() != 3) spelling_.currency = match.name;
    return true;
  }

  bool TakePrefix() {
    if (text_[0] == '(') {
      if (open_ || spelling_.bracketed || sign_) return false;
      open_ = true;
      text_.remove_prefix(1);
      return true;
    }
    if (text_[0] == '-' || text_[0] == '+') {
      if (sign_) return false;
      sign_ = true;
      negative_ = text_[0] == '-';
      text_.remove_prefix(1);
      return true;
    }
    if (text_[0] == '%') {
      if (spelling_.percent) return false;
      spelling_.percent = true;
      spelling_.exponent -= 2;
      text_.remove_prefix(1);
      return true;
    }
    for (const absl::string_view triangle : {"\u25b2", "\u25b3"}) {
      if (!absl::StartsWith(text_, triangle)) continue;
      if (sign_) return false;
      sign_ = negative_ = spelling_.triangle = true;
      text_.remove_prefix(triangle.size());
      return true;
    }
    if (const CurrencyMatch currency = CurrencyPrefix(text_); TakeCurrency(currency)) {
      text_.remove_prefix(currency.length);
      return true;
    }
    return TakeWordBefore();
  }

  static bool IsLetter(char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
  }

  // Letters, perhaps with a dot behind them, and a digit or a blank.
  bool TakeWordBefore() {
    size_t size = 0;
    while (size < text_.size() && IsLetter(text_[size])) ++size;
    if (size == 0 || !spelling_.unit_word.empty() || currencies_ > 0) return false;
    if (size < text_.size() && text_[size] == '.') ++size;
    if (size >= text_.size() || size > kLongestUnitWord || (text_[size] != ' ' && !IsDigit(text_[size]))) return false;
    spelling_.unit_word = text_.substr(0, size);
    spelling_.word_before = true;
    text_.remove_prefix(size);
    return true;
  }

  bool TakeSuffix() {
    if (text_.back() == ')') {
      if (!open_) return false;
      open_ = false;
      spelling_.bracketed = true;
      text_.remove_suffix(1);
      return true;
    }
    if (text_.back() == '-') {
      if (sign_) return false;
      sign_ = negative_ = spelling_.minus_behind = true;
      text_.remove_suffix(1);
      return true;
    }
    const bool per_mille = absl::EndsWith(text_, "\u2030");
    if (text_.back() == '%' || per_mille) {
      if (spelling_.percent) return false;
      spelling_.percent = true;
      spelling_.exponent -= per_mille ? 3 : 2;
      text_.remove_suffix(per_mille ? 3 : 1);
      return true;
    }
    if (const CurrencyMatch currency = CurrencySuffix(text_); TakeCurrency(currency)) {
      text_.remove_suffix(currency.length);
      return true;
    }
    return TakeWord();
  }

  // Letters, perhaps with a dot behind them.
  bool TakeWord() {
    size_t start = text_.size();
    if (text_.back() == '.') --start;
    while (start > 0 && IsLetter(text_[start - 1])) --start;
    const absl::string_view word = text_.substr(start);
    if (word.empty() || word == "." || start == 0 || word.size() > kLongestUnitWord) return false;
    if (const std::optional<int> scale = ScaleOfWord(word, spelling_.currency); scale.has_value()) {
      if (spelling_.multiplied) return false;
      spelling_.multiplied = true;
      spelling_.small_m = word == "m";
      spelling_.exponent += *scale;
    } else {
      if (!spelling_.unit_word.empty()) return false;
      spelling_.unit_word = word;
    }
    text_.remove_suffix(word.size());
    return true;
  }

  absl::string_view text_;
  NumberSpelling& spelling_;
  bool open_ = false;
  bool sign_ = false;
  bool negative_ = false;
  int currencies_ = 0;
};

}  // namespace

bool SpellNumber(absl::string_view cell, NumberSpelling* spelling) {
  const absl::string_view trimmed = TrimCell(cell);
  cell = CellText(trimmed);
  spelling->formula = cell.size() != trimmed.size();
  if (cell.empty() || cell.size() > NumberSpelling::kLongestCell) return false;
  const absl::string_view plain(spelling->text.data(), WritePlainText(cell, spelling->text.data()));
  if (!AffixStripper(TrimCell(plain), spelling).Strip()) return false;
  const ClassifiedDigits classified = ClassifyDigits(spelling->body);
  spelling->digits = classified.digits;
  spelling->whole_digits = classified.whole_digits;
  spelling->leading_zero = classified.leading_zero;
  return spelling->digits != DigitClass::kNone;
}

bool SameUnitWord(absl::string_view a, absl::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (!absl::EqualsIgnoreCase(a, b.substr(0, a.size()))) return false;
  const absl::string_view ending = b.substr(a.size());
  if (ending.empty() || ending == ".") return true;
  for (const absl::string_view plural : {"s", "es", "e", "en", "n", "i"}) {
    if (absl::EqualsIgnoreCase(ending, plural)) return a.size() >= 3;
  }
  return false;
}

}  // namespace roicast
