#include "model/data/meaning/amount_words.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"

namespace roicast {
namespace {

struct CurrencySign {
  char32_t sign;
  absl::string_view currency;
};
constexpr CurrencySign kCurrencySigns[] = {{0x24, "$"},     {0xA3, "gbp"},   {0xA5, "\u00a5"}, {0x20AC, "eur"},
                                           {0x20B9, "inr"}, {0x20A9, "krw"}, {0x20BD, "rub"},  {0x20BA, "try"},
                                           {0x20B4, "uah"}, {0x20AB, "vnd"}, {0x20AA, "ils"},  {0x20B1, "php"},
                                           {0x0E3F, "thb"}};

// "k", "tsd", "万": how many of a currency one of the amounts is; 1: the word says nothing.
double ScaleOfWord(absl::string_view word) {
  static const auto& scales = *new absl::flat_hash_map<absl::string_view, double>{
      {"cent", 1e-2},    {"cents", 1e-2},   {"centimes", 1e-2}, {"centimos", 1e-2}, {"centavos", 1e-2},
      {"pence", 1e-2},   {"kopecks", 1e-2}, {"分", 1e-2},       {"k", 1e3},         {"000", 1e3},
      {"000s", 1e3},     {"thousand", 1e3}, {"thousands", 1e3}, {"tsd", 1e3},       {"tausend", 1e3},
      {"t", 1e3},        {"teur", 1e3},     {"keur", 1e3},      {"kusd", 1e3},      {"kgbp", 1e3},
      {"tys", 1e3},      {"тыс", 1e3},      {"milliers", 1e3},  {"miles", 1e3},     {"migliaia", 1e3},
      {"milhares", 1e3}, {"千元", 1e3},     {"千円", 1e3},      {"천원", 1e3},      {"万", 1e4},
      {"万元", 1e4},     {"萬", 1e4},       {"万円", 1e4},      {"만", 1e4},        {"만원", 1e4},
      {"lakh", 1e5},     {"lakhs", 1e5},    {"m", 1e6},         {"mn", 1e6},        {"mio", 1e6},
      {"mln", 1e6},      {"млн", 1e6},      {"million", 1e6},   {"millions", 1e6},  {"millionen", 1e6},
      {"millones", 1e6}, {"milhoes", 1e6},  {"milioni", 1e6},   {"meur", 1e6},      {"musd", 1e6},
      {"百万", 1e6},     {"百万元", 1e6},   {"百万円", 1e6},    {"백만원", 1e6},    {"crore", 1e7},
      {"crores", 1e7},   {"cr", 1e7},       {"亿", 1e8},        {"亿元", 1e8},      {"億円", 1e8},
      {"억원", 1e8},     {"억", 1e8},       {"bn", 1e9},        {"billion", 1e9},   {"billions", 1e9},
      {"mrd", 1e9},      {"млрд", 1e9}};
  const auto found = scales.find(word);
  return found == scales.end() ? 1.0 : found->second;
}

// "千元" names a currency as well, "keur" too.
absl::string_view WithoutScale(absl::string_view word) {
  for (const absl::string_view prefix : {"百万", "백만", "千", "万", "萬", "亿", "億", "천", "만", "억"}) {
    if (word.size() > prefix.size() && absl::ConsumePrefix(&word, prefix)) return word;
  }
  if (word.size() == 4 && ScaleOfWord(word) != 1.0) word.remove_prefix(1);
  return word;
}

}  // namespace

bool IsCurrencyCode(absl::string_view text) {
  static const auto& codes = *new absl::flat_hash_set<absl::string_view>{
      "aed", "ars", "aud", "bdt", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "egp", "eur", "gbp",
      "hkd", "huf", "idr", "ils", "inr", "jpy", "kes", "krw", "kwd", "mxn", "myr", "ngn", "nok", "nzd", "pen", "php",
      "pkr", "pln", "qar", "rmb", "ron", "rub", "sar", "sek", "sgd", "thb", "try", "twd", "uah", "usd", "vnd", "zar"};
  return text.size() == 3 && codes.contains(absl::AsciiStrToLower(text));
}

absl::string_view CurrencyOfWord(absl::string_view word) {
  static const auto& words = *new absl::flat_hash_map<absl::string_view, absl::string_view>{
      {"euro", "eur"}, {"euros", "eur"}, {"dollar", "$"},   {"dollars", "$"}, {"rupees", "inr"}, {"zl", "pln"},
      {"kc", "czk"},   {"руб", "rub"},   {"рублей", "rub"}, {"рубли", "rub"}, {"元", "cny"},     {"人民币", "cny"},
      {"円", "jpy"},   {"원", "krw"},    {"грн", "uah"},    {"tl", "try"}};
  if (const auto found = words.find(word); found != words.end()) return found->second;
  return IsCurrencyCode(word) ? word : "";
}

bool MayBeOneCurrency(absl::string_view a, absl::string_view b) {
  struct Sign {
    absl::string_view sign;
    absl::Span<const absl::string_view> codes;
  };
  static constexpr absl::string_view kDollars[] = {"usd", "aud", "cad", "nzd", "hkd", "sgd",
                                                   "twd", "mxn", "ars", "clp", "cop"};
  static constexpr absl::string_view kYen[] = {"jpy", "cny", "rmb"};
  static constexpr absl::string_view kCrowns[] = {"sek", "nok", "dkk", "isk"};
  static constexpr absl::string_view kYuan[] = {"cny"};
  static constexpr Sign kSigns[] = {{"$", kDollars}, {"\u00a5", kYen}, {"kr", kCrowns}, {"rmb", kYuan}};
  const std::string one = absl::AsciiStrToLower(a), other = absl::AsciiStrToLower(b);
  if (one == other) return true;
  const auto is_known = [](absl::string_view currency) {
    return IsCurrencyCode(currency) ||
           std::any_of(std::begin(kSigns), std::end(kSigns), [&](const Sign& sign) { return sign.sign == currency; });
  };
  if (!is_known(one) || !is_known(other)) return true;
  return std::any_of(std::begin(kSigns), std::end(kSigns), [&](const Sign& sign) {
    const auto is_code = [&](absl::string_view currency) {
      return std::find(sign.codes.begin(), sign.codes.end(), currency) != sign.codes.end();
    };
    return (sign.sign == one && is_code(other)) || (sign.sign == other && is_code(one));
  });
}

void AmountWords::AddCurrency(absl::string_view currency) {
  several_ |= !currency_.empty() && currency_ != currency;
  currency_ = several_ ? "" : std::string(currency);
}

void AmountWords::AddSign(char32_t sign, absl::string_view before) {
  for (const CurrencySign& known : kCurrencySigns) {
    if (known.sign != sign) continue;
    // "US$" is no dollar of Australia; "T€" and "k$" are thousands.
    const absl::string_view word = before.substr(before.rfind(' ') + 1);
    AddCurrency(sign == '$' && word == "us" ? "usd" : known.currency);
    return;
  }
}

void AmountWords::AddWord(absl::string_view word) {
  if (const double scale = ScaleOfWord(word); scale != 1.0) scale_ = scale;
  if (const absl::string_view currency = CurrencyOfWord(WithoutScale(word)); !currency.empty()) AddCurrency(currency);
}

}  // namespace roicast
