#include "model/data/meaning/currency_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/data/meaning/amount_words.h"

namespace roicast {
namespace {

constexpr size_t kMostWords = 5;

struct CurrencyNoun {
  absl::string_view noun;
  absl::string_view country;  // how a word beside the noun begins; empty: whatever stands there, or nothing
  absl::string_view currency;
};
// A noun's line without a country is its last one.
constexpr CurrencyNoun kNouns[] = {{"dollar", "us", "usd"},
                                   {"dollar", "americ", "usd"},
                                   {"dollar", "united", "usd"},
                                   {"dollar", "austr", "aud"},
                                   {"dollar", "canad", "cad"},
                                   {"dollar", "hong", "hkd"},
                                   {"dollar", "singap", "sgd"},
                                   {"dollar", "zealand", "nzd"},
                                   {"dollar", "taiwan", "twd"},
                                   {"dollar", "", "$"},
                                   {"dolar", "estadouni", "usd"},
                                   {"dolar", "americano", "usd"},
                                   {"dolar", "", "$"},
                                   {"dólar", "estadouni", "usd"},
                                   {"dólar", "americano", "usd"},
                                   {"dólar", "", "$"},
                                   {"доллар", "", "$"},
                                   {"euro", "", "eur"},
                                   {"евро", "", "eur"},
                                   {"yen", "", "jpy"},
                                   {"pound", "egypt", "egp"},
                                   {"pound", "", "gbp"},
                                   {"sterling", "", "gbp"},
                                   {"yuan", "", "cny"},
                                   {"renminbi", "", "cny"},
                                   {"franc", "", "chf"},
                                   {"franken", "", "chf"},
                                   {"rupee", "pakistan", "pkr"},
                                   {"rupee", "", "inr"},
                                   {"peso", "philip", "php"},
                                   {"peso", "filip", "php"},
                                   {"peso", "argent", "ars"},
                                   {"peso", "chile", "clp"},
                                   {"peso", "colomb", "cop"},
                                   {"peso", "mexic", "mxn"},
                                   {"peso", "", "mxn"},
                                   {"krone", "dan", "dkk"},
                                   {"krone", "norw", "nok"},
                                   {"krone", "", "kr"},
                                   {"krona", "", "sek"},
                                   {"koruna", "", "czk"},
                                   {"zloty", "", "pln"},
                                   {"złoty", "", "pln"},
                                   {"real", "", "brl"},
                                   {"won", "", "krw"},
                                   {"ruble", "", "rub"},
                                   {"rouble", "", "rub"},
                                   {"рубль", "", "rub"},
                                   {"lira", "", "try"},
                                   {"dirham", "", "aed"},
                                   {"riyal", "", "sar"},
                                   {"baht", "", "thb"},
                                   {"dong", "", "vnd"},
                                   {"rand", "", "zar"},
                                   {"ringgit", "", "myr"},
                                   {"rupiah", "", "idr"},
                                   {"hryvnia", "", "uah"},
                                   {"forint", "", "huf"},
                                   {"shekel", "", "ils"},
                                   {"naira", "", "ngn"},
                                   {"shilling", "", "kes"}};

// Signs and abbreviations as they are written, and names in other scripts. "kr" and the like only in this case: in
// capitals they are countries.
std::string CurrencyOfSign(absl::string_view text) {
  static const auto& signs = *new absl::flat_hash_map<absl::string_view, absl::string_view>{
      {"$", "$"},        {"US$", "usd"},   {"U$", "usd"},     {"$US", "usd"},    {"A$", "aud"},    {"AU$", "aud"},
      {"C$", "cad"},     {"CA$", "cad"},   {"HK$", "hkd"},    {"NZ$", "nzd"},    {"S$", "sgd"},    {"NT$", "twd"},
      {"MX$", "mxn"},    {"R$", "brl"},    {"€", "eur"},      {"£", "gbp"},      {"¥", "\u00a5"},  {"￥", "\u00a5"},
      {"JP¥", "jpy"},    {"CN¥", "cny"},   {"₹", "inr"},      {"₩", "krw"},      {"₽", "rub"},   {"₺", "try"},
      {"₴", "uah"},      {"₫", "vnd"},     {"₪", "ils"},      {"₱", "php"},      {"฿", "thb"},     {"zł", "pln"},
      {"zl", "pln"},     {"Kč", "czk"},    {"kr", "kr"},      {"Rs", "inr"},     {"Rp", "idr"},    {"CNH", "cny"},
      {"руб", "rub"},    {"元", "cny"},    {"人民币", "cny"}, {"人民元", "cny"}, {"美元", "usd"},  {"美金", "usd"},
      {"日元", "jpy"},   {"円", "jpy"},    {"日本円", "jpy"}, {"米ドル", "usd"}, {"ドル", "$"},    {"欧元", "eur"},
      {"ユーロ", "eur"}, {"英镑", "gbp"},  {"港币", "hkd"},   {"港元", "hkd"},   {"韩元", "krw"},  {"원", "krw"},
      {"달러", "$"},     {"엔", "jpy"},    {"유로", "eur"},   {"Евро", "eur"},   {"Рубль", "rub"}, {"Доллар", "$"},
      {"рубли", "rub"},  {"Рубли", "rub"}, {"рублей", "rub"}};
  const auto found = signs.find(text);
  return found == signs.end() ? "" : std::string(found->second);
}

// Words in lower case: "japanese", "yen".
std::string CurrencyOfName(const std::vector<std::string>& words) {
  const auto is_noun = [](absl::string_view word, absl::string_view noun) {
    return absl::StartsWith(word, noun) && (word.size() == noun.size() || word.substr(noun.size()) == "s");
  };
  for (const CurrencyNoun& known : kNouns) {
    const bool last = is_noun(words.back(), known.noun);
    if (!last && !is_noun(words.front(), known.noun)) continue;
    const auto others =
        last ? std::make_pair(words.begin(), words.end() - 1) : std::make_pair(words.begin() + 1, words.end());
    const bool fits = known.country.empty() ? last || words.size() == 1
                                            : std::any_of(others.first, others.second, [&](const std::string& word) {
                                                return absl::StartsWith(word, known.country);
                                              });
    if (fits) return std::string(known.currency);
  }
  return "";
}

}  // namespace

std::string CurrencyOfCell(absl::string_view cell) {
  if (std::string sign = CurrencyOfSign(cell); !sign.empty()) return sign;
  std::string currency;
  std::vector<std::string> words;
  for (const absl::string_view word : absl::StrSplit(cell, absl::ByAnyChar(" -_/().,:"), absl::SkipEmpty())) {
    if (currency.empty() && IsCurrencyCode(word)) {
      currency = absl::AsciiStrToLower(word);
    } else if (const std::string sign = CurrencyOfSign(word); !sign.empty()) {
      if (currency.empty()) currency = sign;
    } else {
      words.push_back(absl::AsciiStrToLower(word));
    }
    if (words.size() > kMostWords) return "";
  }
  if (words.empty()) return currency;
  std::string named = CurrencyOfName(words);
  return named.empty() || currency.empty() ? named : currency;
}

}  // namespace roicast
