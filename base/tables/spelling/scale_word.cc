#include "base/tables/spelling/scale_word.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/tables/spelling/letter_case.h"

namespace roicast {
namespace {

struct Scale {
  absl::string_view word;
  int exponent;
};

// With these cases only: a lower-case t or g is more often a weight, mm a length.
constexpr Scale kShort[] = {{"K", 3},    {"k", 3},    {"M", 6},  {"m", 6},   {"B", 9},    {"b", 9},    {"mn", 6},
                            {"Mn", 6},   {"MN", 6},   {"MM", 6}, {"bn", 9},  {"Bn", 9},   {"BN", 9},   {"tn", 12},
                            {"Cr", 7},   {"cr", 7},   {"CR", 7}, {"Cr.", 7}, {"TEUR", 3}, {"KEUR", 3}, {"kEUR", 3},
                            {"MEUR", 6}, {"TCHF", 3}, {"Md", 9}, {"Mds", 9}};

// In any case, without a dot behind them.
struct Words {
  int exponent;
  absl::string_view words;
};
constexpr Words kWords[] = {
    {3,
     "tsd tausend mille thousand thousands tys tisíc tisíce duizend tusen tkr ribu nghìn ngàn тыс тысяч тысячи тысяча "
     "тис "
     "тисяч 千 천 พัน हज़ार हजार ألف الف آلاف هزار"},
    {4, "万 萬 만 หมื่น"},
    {5, "lakh lakhs lac lacs 十万 십만 แสน लाख"},
    {6,
     "mio mln mill million millions millionen millón millones milhão milhões milione milioni milion miliony milionów "
     "milionů miljoen miljon miljoner millioner milyon mkr juta triệu млн миллион миллиона миллионов мільйон мільйонів "
     "百万 百萬 백만 ล้าน مليون میلیون"},
    {7, "crore crores crs 千万 千萬 천만 करोड़"},
    {8, "亿 億 억"},
    {9,
     "mrd mlrd mld mia billion billions milliard milliards milliarde milliarden miliardo miliardi miliard miliardy "
     "miliardów miljard miljarder milyar miliar tỷ tỉ млрд миллиард миллиарда миллиардов мільярд мільярдів "
     "十亿 十億 십억 مليار میلیارد"},
    {10, "百亿 百億 백억"},
    {12, "trillion trillions triliun трлн 兆 万亿 조"},
};

struct Local {
  absl::string_view currency;
  absl::string_view word;
  int exponent;
};
constexpr Local kLocal[] = {
    {"INR", "L", 5},  {"EUR", "T", 3},  {"CHF", "T", 3},  {"BRL", "mil", 3}, {"CZK", "mil", 6}, {"TRY", "bin", 3},
    {"IDR", "rb", 3}, {"IDR", "jt", 6}, {"VND", "tr", 6}, {"BRL", "mi", 6},  {"BRL", "bi", 9},
};

absl::string_view WithoutDot(absl::string_view word) { return absl::StripSuffix(word, "."); }

}  // namespace

std::optional<int> ScaleOfWord(absl::string_view word, absl::string_view currency) {
  static const auto* const words = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, int>;
    for (const Words& group : kWords) {
      for (const absl::string_view each : absl::StrSplit(group.words, ' ')) map->emplace(each, group.exponent);
    }
    return map;
  }();
  const auto* found =
      std::find_if(std::begin(kShort), std::end(kShort), [word](const Scale& scale) { return scale.word == word; });
  if (found != std::end(kShort)) return found->exponent;
  if (!currency.empty()) {
    for (const Local& local : kLocal) {
      if (local.currency == currency && local.word == WithoutDot(word)) return local.exponent;
    }
  }
  const auto longer = words->find(LowerCase(WithoutDot(word)));
  if (longer == words->end()) return std::nullopt;
  return longer->second;
}

std::optional<int> PossibleScale(absl::string_view word) {
  word = WithoutDot(word);
  for (const Local& local : kLocal) {
    if (local.word == word) return local.exponent;
  }
  return std::nullopt;
}

}  // namespace roicast
