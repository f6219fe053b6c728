#include "base/tables/spelling/number_spelling.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/tables/cell_text.h"
#include "base/tables/spelling/currency.h"
#include "base/tables/spelling/digit_class.h"

namespace roicast {
namespace {

constexpr size_t kLongestUnitWord = 24;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

struct Multiplier {
  absl::string_view word;
  int exponent;
};

// Exactly so: a lower-case t or g is more often a weight, a single L rather litres.
constexpr Multiplier kMultipliers[] = {
    {"K", 3},
    {"k", 3},
    {"M", 6},
    {"m", 6},
    {"B", 9},
    {"b", 9},
    {"mn", 6},
    {"Mn", 6},
    {"MM", 6},
    {"bn", 9},
    {"Bn", 9},
    {"BN", 9},
    {"tn", 12},
    {"Md", 9},
    {"Mds", 9},
    {"Cr", 7},
    {"cr", 7},
    {"CR", 7},
    {"\u5343", 3},
    {"\u4e07", 4},
    {"\u842c", 4},
    {"\u767e\u4e07", 6},
    {"\u5343\u4e07", 7},
    {"\u4ebf", 8},
    {"\u5104", 8},
    {"\u5146", 12},
    {"\ucc9c", 3},
    {"\ub9cc", 4},
    {"\ubc31\ub9cc", 6},
    {"\ucc9c\ub9cc", 7},
    {"\uc5b5", 8},
    {"\uc870", 12},
};

// Whatever their case, as far as ASCII goes; a dot may follow.
constexpr Multiplier kMultiplierWords[] = {
    {"mio", 6},
    {"mrd", 9},
    {"mln", 6},
    {"mld", 9},
    {"tsd", 3},
    {"thousand", 3},
    {"million", 6},
    {"millions", 6},
    {"billion", 9},
    {"billions", 9},
    {"tausend", 3},
    {"millionen", 6},
    {"milliarde", 9},
    {"milliarden", 9},
    {"mille", 3},
    {"milliard", 9},
    {"milliards", 9},
    {"mill\u00f3n", 6},
    {"millones", 6},
    {"milh\u00e3o", 6},
    {"milh\u00f5es", 6},
    {"milione", 6},
    {"milioni", 6},
    {"miliardo", 9},
    {"miliardi", 9},
    {"miljoen", 6},
    {"miljard", 9},
    {"tys", 3},
    {"milyon", 6},
    {"milyar", 9},
    {"lakh", 5},
    {"lakhs", 5},
    {"lac", 5},
    {"lacs", 5},
    {"crore", 7},
    {"crores", 7},
    {"ribu", 3},
    {"juta", 6},
    {"tri\u1ec7u", 6},
    {"\u0442\u044b\u0441", 3},         // тыс
    {"\u0442\u0438\u0441", 3},         // тис
    {"\u043c\u043b\u043d", 6},         // млн
    {"\u043c\u043b\u0440\u0434", 9},   // млрд
    {"\u0442\u0440\u043b\u043d", 12},  // трлн
};

// The power of ten of a word behind a number; 0 if it is none.
int MultiplierExponent(absl::string_view word, absl::string_view currency) {
  for (const Multiplier& multiplier : kMultipliers) {
    if (multiplier.word == word) return multiplier.exponent;
  }
  // Of rupees, it means lakh.
  if (word == "L" && currency == "INR") return 5;
  absl::ConsumeSuffix(&word, ".");
  for (const Multiplier& multiplier : kMultiplierWords) {
    if (absl::EqualsIgnoreCase(multiplier.word, word)) return multiplier.exponent;
  }
  return 0;
}

// One character of the cell as ASCII where it means the same; 0 keeps its bytes. Sets its length.
char Normalised(absl::string_view text, size_t* length) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  *length = 1;
  if (byte(0) < 0x80) return text[0] == '\t' ? ' ' : text[0];
  if (byte(0) == 0xC2 && byte(1) == 0xA0) return *length = 2, ' ';
  // Arabic-Indic digits and their extended forms.
  if (byte(0) == 0xD9 && byte(1) >= 0xA0 && byte(1) <= 0xA9)
    return *length = 2, static_cast<char>('0' + byte(1) - 0xA0);
  if (byte(0) == 0xDB && byte(1) >= 0xB0 && byte(1) <= 0xB9)
    return *length = 2, static_cast<char>('0' + byte(1) - 0xB0);
  // Their decimal and thousands separators, and their per cent.
  if (byte(0) == 0xD9 && byte(1) >= 0xAA && byte(1) <= 0xAC) return *length = 2, "%.,"[byte(1) - 0xAA];
  if (byte(0) < 0xE0 || byte(0) >= 0xF0) return 0;
  const unsigned code = (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
  *length = 3;
  // Full-width, Devanagari, Bengali and Thai digits.
  for (const unsigned zero : {0xFF10U, 0x0966U, 0x09E6U, 0x0E50U}) {
    if (code >= zero && code <= zero + 9) return static_cast<char>('0' + code - zero);
  }
  switch (code) {
    case 0x2007:  // figure space
    case 0x2008:  // punctuation space
    case 0x2009:  // thin space
    case 0x202F:  // narrow no-break space
    case 0x3000:  // ideographic space
      return ' ';
    case 0x2018:
    case 0x2019:
      return '\'';
    case 0x2012:
    case 0x2013:
    case 0x2212:
    case 0xFE63:
    case 0xFF0D:
      return '-';
    case 0xFF0B:
      return '+';
    case 0xFF05:
    case 0xFE6A:
      return '%';
    case 0xFF08:
      return '(';
    case 0xFF09:
      return ')';
    case 0xFF0C:
      return ',';
    case 0xFF0E:
      return '.';
    default:
      *length = 1;
      return 0;
  }
}

absl::string_view Normalise(absl::string_view cell, NumberSpelling* spelling) {
  size_t size = 0;
  while (!cell.empty()) {
    size_t length = 1;
    const char normal = Normalised(cell, &length);
    spelling->text[size++] = normal != 0 ? normal : cell[0];
    cell.remove_prefix(std::min(length, cell.size()));
  }
  return TrimCell(absl::string_view(spelling->text.data(), size));
}

// Takes the affixes off both ends of a text until its digits are left.
class AffixStripper {
 public:
  AffixStripper(absl::string_view text, NumberSpelling* spelling) : text_(text), spelling_(*spelling) {}

  bool Strip() {
    while (!text_.empty() && !IsDigit(text_[0]) && text_[0] != '.' && text_[0] != ',') {
      if (!TakePrefix()) return false;
      text_ = absl::StripLeadingAsciiWhitespace(text_);
    }
    while (!text_.empty() && !IsDigit(text_.back())) {
      // The 5. that std::from_chars takes.
      if (text_.back() == '.' && text_.size() > 1 && IsDigit(text_[text_.size() - 2])) break;
      if (!TakeSuffix()) return false;
      text_ = absl::StripTrailingAsciiWhitespace(text_);
    }
    if (text_.empty() || open_) return false;
    if (spelling_.bracketed && sign_) return false;
    spelling_.negative = negative_ || spelling_.bracketed;
    spelling_.body = text_;
    return true;
  }

 private:
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
    const CurrencyMatch currency = CurrencyPrefix(text_);
    if (!TakeCurrency(currency)) return false;
    text_.remove_prefix(currency.length);
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
    if (TakeNoCents()) return true;
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

  // What stands for no cents: 12.- and 12,-- and 12/-.
  bool TakeNoCents() {
    for (const absl::string_view ending : {".--", ",--", ".-", ",-", "/-"}) {
      if (text_.size() <= ending.size() || !absl::EndsWith(text_, ending)) continue;
      if (!IsDigit(text_[text_.size() - ending.size() - 1])) continue;
      text_.remove_suffix(ending.size());
      return true;
    }
    return false;
  }

  // Letters, perhaps with a dot behind them.
  bool TakeWord() {
    size_t start = text_.size();
    if (text_.back() == '.') --start;
    const auto letter = [](char c) {
      return absl::ascii_isalpha(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
    };
    while (start > 0 && letter(text_[start - 1])) --start;
    const absl::string_view word = text_.substr(start);
    if (word.empty() || word == "." || start == 0 || word.size() > kLongestUnitWord) return false;
    if (const int exponent = MultiplierExponent(word, spelling_.currency); exponent != 0) {
      if (spelling_.multiplied) return false;
      spelling_.multiplied = true;
      spelling_.small_m = word == "m";
      spelling_.exponent += exponent;
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

// A currency and a lone dash: what spreadsheets write for zero in their accounting format.
bool SpellAccountingZero(absl::string_view text, NumberSpelling* spelling) {
  CurrencyMatch currency;
  if (absl::ConsumePrefix(&text, "-")) {
    text = absl::StripLeadingAsciiWhitespace(text);
    currency = CurrencySuffix(text);
  } else if (absl::ConsumeSuffix(&text, "-")) {
    text = absl::StripTrailingAsciiWhitespace(text);
    currency = CurrencyPrefix(text);
  }
  if (currency.length == 0 || currency.length != text.size()) return false;
  spelling->currency = currency.name;
  spelling->body = "0";
  return true;
}

}  // namespace

bool SpellNumber(absl::string_view cell, NumberSpelling* spelling) {
  const absl::string_view trimmed = TrimCell(cell);
  cell = CellText(trimmed);
  spelling->formula = cell.size() != trimmed.size();
  if (cell.empty() || cell.size() > NumberSpelling::kLongestCell) return false;
  const absl::string_view text = Normalise(cell, spelling);
  if (!SpellAccountingZero(text, spelling) && !AffixStripper(text, spelling).Strip()) return false;
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
