#include "model/data/meaning/outcome_quotients.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "model/data/meaning/target_names.h"

namespace roicast {
namespace {

using QuotientWords = absl::flat_hash_set<absl::string_view>;

// Amounts of a campaign that are neither its outcome nor a usual spend.
bool IsAmountWord(const std::string& word) {
  static const QuotientWords& words = *new QuotientWords{
      "cost",        "costs",        "kosten",  "cout",       "couts",   "coste",       "costes", "costo",
      "costos",      "custo",        "custos",  "spend",      "expense", "expenses",    "value",  "wert",
      "valeur",      "valor",        "valore",  "waarde",     "wartosc", "amount",      "click",  "clicks",
      "klick",       "klicks",       "clic",    "clics",      "clique",  "cliques",     "visit",  "visits",
      "session",     "sessions",     "sitzung", "impression", "impr",    "impressions", "view",   "views",
      "interaction", "interactions", "mille",   "thousand",   "day",     "コスト",      "費用",   "クリック"};
  return words.contains(word);
}

// Purchases per user are a trait of an audience, unlike revenue per user.
bool IsPerson(const std::string& word) {
  static const QuotientWords& words = *new QuotientWords{"user",     "users",  "customer", "visitor", "besucher",
                                                         "visiteur", "nutzer", "kunde",    "client",  "cliente"};
  return words.contains(word);
}

bool IsMoneyWord(const std::string& word) {
  return word == "revenue" || word == "umsatz" || word == "value" || word == "sales";
}

// Of what is won, wherever they stand in a side: "all conv. value", "conversions from interactions".
bool IsWonWord(const std::string& word) {
  static const QuotientWords& words = *new QuotientWords{
      "conv",   "convs",   "conversion", "conversions", "purchase",   "purchases",    "order",  "orders",
      "lead",   "leads",   "revenue",    "umsatz",      "konversion", "konversionen", "achat",  "achats",
      "compra", "compras", "acquisto",   "acquisti",    "installs",   "install",      "signup", "signups"};
  return words.contains(word);
}

bool IsPer(const std::string& word) {
  return word == "per" || word == "pro" || word == "par" || word == "por" || word == "je";
}

// A name's two sides; nullopt: it is no quotient.
std::optional<std::pair<std::string, std::string>> SidesOf(absl::string_view name) {
  // Full-width, too.
  for (const absl::string_view slash : {absl::string_view("/"), absl::string_view("／")}) {
    const size_t at = name.find(slash);
    if (at == absl::string_view::npos) continue;
    return std::pair(std::string(name.substr(0, at)), std::string(name.substr(at + slash.size())));
  }
  const std::vector<std::string> words = ReadColumnName(name).words;
  const auto per = std::find_if(words.begin(), words.end(), IsPer);
  if (per == words.end()) return std::nullopt;
  return std::pair(absl::StrJoin(words.begin(), per, " "), absl::StrJoin(per + 1, words.end(), " "));
}

bool IsUsual(const ColumnName& name, UsualRole role) { return FindUsualName(name.joined).role == role; }

}  // namespace

bool IsOutcomeQuotient(absl::string_view name, absl::FunctionRef<bool(const ColumnName&)> is_outcome) {
  const auto sides = SidesOf(name);
  if (!sides.has_value()) return false;
  const ColumnName first = ReadColumnName(sides->first), second = ReadColumnName(sides->second);
  if (first.words.empty() || second.words.empty()) return false;
  const auto won = [&](const ColumnName& side) {
    return is_outcome(side) || IsUsual(side, UsualRole::kRevenue) ||
           std::any_of(side.words.begin(), side.words.end(), IsWonWord);
  };
  const auto amount = [&](const ColumnName& side) {
    return won(side) || IsUsual(side, UsualRole::kSpend) || IsAmountWord(side.words.back()) ||
           IsAmountWord(side.words.front());
  };
  const bool money =
      IsUsual(first, UsualRole::kRevenue) || std::any_of(first.words.begin(), first.words.end(), IsMoneyWord);
  return (won(first) && amount(second)) || (amount(first) && won(second)) ||
         (money && won(first) && IsPerson(second.words.front()));
}

bool IsOutcomeRate(const ColumnName& name) {
  static const QuotientWords& rates =
      *new QuotientWords{"rate", "ratio", "taux", "tasa", "taxa", "tasso", "porcentaje", "perc", "percentage", "quote"};
  static const QuotientWords& won =
      *new QuotientWords{"conv",  "conversion", "conversions", "purchase", "purchases", "lead",   "leads",
                         "order", "orders",     "install",     "installs", "signup",    "signups"};
  const auto& words = name.words;
  return words.size() > 1 && (rates.contains(words.front()) || rates.contains(words.back())) &&
         (std::any_of(words.begin(), words.end(), [](const std::string& word) { return won.contains(word); }) ||
          absl::StrContains(name.joined, "keyevent"));
}

}  // namespace roicast
