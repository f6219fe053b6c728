#include "model/data/meaning/outcome_names.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/data/meaning/column_name.h"
#include "model/data/meaning/outcome_quotients.h"
#include "model/data/meaning/target_names.h"

namespace roicast {
namespace {

using OutcomeWords = absl::flat_hash_set<absl::string_view>;

// Words that tell where or when an outcome was counted: "website purchases", "conversions (7d click)".
bool IsQualifier(const std::string& word) {
  static const OutcomeWords& words = *new OutcomeWords{
      "total",   "totals",   "all",    "net",    "gross",  "overall",   "attributed", "website", "web",     "online",
      "offline", "app",      "mobile", "in",     "unique", "view",      "through",    "click",   "post",    "shop",
      "meta",    "facebook", "google", "amazon", "actual", "final",     "observed",   "true",    "tracked", "number",
      "of",      "count",    "no",     "num",    "n",      "the",       "new",        "paid",    "ad",      "ads",
      "avg",     "average",  "mean",   "day",    "days",   "ecommerce", "checkout",   "sku",     "event",   "events",
      "gesamt",  "anzahl",   "nombre", "numero", "de",     "des",       "sum",        "summe",   "somme",   "ratio"};
  const bool window = word.size() <= 3 && absl::ascii_isdigit(static_cast<unsigned char>(word.front()));
  return window || words.contains(word);
}

bool IsOutcomeWord(const std::string& joined) {
  static const OutcomeWords& words = *new OutcomeWords{
      // returns
      "roas", "roi", "romi", "mer", "acos", "tacos", "returnonadspend", "returnoninvestment", "returnonmarketingspend",
      "投产比", "投资回报率", "広告費用対効果", "投入产出比",
      // what was won
      "conversion", "conversions", "conv", "convs", "keyevents", "keyevent", "itemspurchased", "goalcompletions",
      "formsubmissions", "formsubmits", "formfills", "trialsstarted", "trialstarts", "closeddealswon", "opportunities",
      "salesqualifiedopportunities", "newcustomerorders", "newcustomersales", "newcustomerpurchases",
      "newcustomerrevenue", "advertisedskuunits", "otherskuunits", "advertisedskusales", "otherskusales",
      "advertisedunits", "advertisedsales", "allconv", "allconversions", "result", "results", "purchase", "purchases",
      "order", "orders", "sale", "sales", "profit", "profits", "profitloss", "netprofit", "grossprofit", "leads",
      "lead", "qualifiedleads", "installs", "appinstalls", "signups", "registrations", "completeregistrations",
      "transactions", "acquisitions", "customersacquired", "newcustomers", "checkouts", "checkoutsinitiated",
      "addstocart", "addtocarts", "conversionvalue", "conversionsvalue", "salesamount", "revenue",
      "revenueperconversion", "conversionvaluepercost", "valueperconversion", "valueconv", "convvaluecost",
      "averageordervalue", "ordervalue", "aov", "valueallconv", "convvalue", "closedwon", "allconvvalue", "convvalue",
      "assistedconversions", "grossmerchandisevalue", "gmv", "dealamount", "wondeals", "closedwonamount", "closedwon",
      "bookings", "ngr", "ggr", "ebitda", "netincome", "contributionmargin", "poas", "rpc", "epc", "revenueperclick",
      "revenuepervisitor", "refunds", "subscriptions", "salesqualifiedleads", "ftd", "ltv", "clv",
      // cost of what was won
      "cpa", "cpl", "cpi", "cpo", "cac", "cpr", "ecpa", "costconv", "costpurchase", "costlead", "costorder", "costsale",
      "costresult", "转化成本",
      // rates of what was won
      "conversionrate", "conversionsrate", "convrate", "cvr", "resultrate", "purchaserate", "winrate", "closerate",
      "leadrate", "installrate",
      // results of a business
      "margin", "margins", "grossmargin", "netmargin", "profitmargin", "contributionmargin", "netincome", "ebitda",
      "ebit", "grossprofit", "operatingprofit", "ngr", "ggr", "poas", "ltv", "clv", "cltv", "customerlifetimevalue",
      "lifetimevalue", "deal", "deals", "wondeals", "closeddeals", "dealswon", "dealamount", "dealvalue",
      "closedwonamount", "wonamount", "wonopportunities", "bookings", "gmv", "grossmerchandisevalue", "allconvvalue",
      "allconversionvalue", "allconversionsvalue", "allrevenue", "totalordervalue", "units", "quantity", "itemssold",
      "soldunits", "quantitysold", "unitsordered", "returns", "refunds", "refund", "refundrate", "refundedamount",
      "subscriptions", "downloads", "deposits", "firstdeposits", "firsttimedeposits", "ftd", "ftds", "mqls", "sqls",
      "mql", "sql", "salesqualifiedleads", "marketingqualifiedleads", "assistedconversions", "repeatpurchases",
      "completepayment", "completepayments", "ntbsales", "ntborders", "newtobrandsales", "newtoborders",
      "newtobrandorders", "incrementalrevenue", "incrementalsales", "incrementalconversions", "iroas", "rpc", "epc",
      "rpv", "cos", "costofsales", "kur", "revenueperclick", "revenuepervisitor", "revenuepersession", "revenueperuser",
      "earningsperclick", "closedcontacts", "influencedcontacts", "paybackperiod",
      // German, French
      "deckungsbeitrag", "deckungsbeitrage", "rohertrag", "rohgewinn", "reingewinn", "marge", "warenkorb",
      "warenkorbwert", "durchschnittlicherwarenkorb", "stuckzahl", "verkaufteeinheiten", "retouren", "neukunden",
      "anmeldungen", "kostenumsatzrelation", "kundenwert", "panier", "paniermoyen", "nouveauxclients", "inscriptions",
      "retours", "margebrute", "beneficenet", "valeurvieclient", "ergebnis", "ergebnisse", "konversionen", "konversion",
      "bestellungen", "kaufe", "verkaufe", "abschlusse", "gewinn", "konversionsrate", "conversionsrate",
      "kaufabschlusse", "resultat", "resultats", "achats", "commandes", "ventes", "benefice", "benefices",
      "tauxdeconversion", "tauxconversion",
      // Spanish, Portuguese, Italian
      "conversiones", "resultados", "resultado", "compras", "pedidos", "ventas", "beneficio", "beneficios", "ganancia",
      "ganancias", "tasadeconversion", "tasaconversion", "conversoes", "conversao", "vendas", "lucro",
      "taxadeconversao", "conversioni", "risultati", "risultato", "acquisti", "ordini", "vendite", "profitto", "utile",
      "tassodiconversione",
      // Dutch, Polish
      "ticketmedio", "valormediodopedido", "valormediodelpedido", "scontrinomedio", "nuovosclientes", "nuevosclientes",
      "novosclientes", "nuoviclienti", "margen", "margem", "margine", "devoluciones", "nieuweklanten", "nowiklienci",
      "marza", "sredniawartosczamowienia", "siparis", "siparisler", "donusum", "donusumler", "kar", "brutkar", "netkar",
      "satislar", "vinst", "tackningsbidrag", "bestallningar", "conversies", "resultaten", "aankopen", "bestellingen",
      "verkopen", "winst", "conversiepercentage", "konwersje", "zamowienia", "zysk",
      // Russian, Chinese, Japanese, Korean
      "маржа", "валоваяприбыль", "чистаяприбыль", "лиды", "среднийчек", "дрр", "возвраты", "новыеклиенты", "毛利",
      "毛利润", "净利润", "粗利", "粗利益", "営業利益", "이익", "순이익", "매출총이익", "客单价", "平均客单价",
      "客単価", "転換率", "객단가", "成交笔数", "成交订单数", "下单量", "下单数", "支付订单数", "退款", "退款金额",
      "新客数", "購入数", "購入件数", "販売数", "新規顧客数", "주문수", "구매수", "구매건수", "전환율", "신규고객수",
      "直接成交金额", "间接成交金额", "конверсии", "конверсия", "заказы", "прибыль", "покупки", "转化", "转化数",
      "转化率", "转化量", "订单", "订单数", "订单量", "成交", "成交数", "利润", "结果", "コンバージョン",
      "コンバージョン数", "コンバージョン率", "コンバージョン単価", "注文数", "利益", "cv", "成約数", "전환", "전환수",
      "전환율", "구매"};
  return words.contains(joined);
}

// That mean it only as a whole name: "units_sold_30d" is known before a campaign, and "income" may be a reader's.
bool IsOutcomeAsAWhole(const std::string& joined) {
  static const OutcomeWords& words = *new OutcomeWords{"cr",
                                                       "kostenkauf",
                                                       "unitssold",
                                                       "customers",
                                                       "subscribers",
                                                       "commission",
                                                       "commissions",
                                                       "valueclick",
                                                       "erpm",
                                                       "paybackdays",
                                                       "breakeven",
                                                       "success",
                                                       "outcome",
                                                       "profitable",
                                                       "winner",
                                                       "performance",
                                                       "efficiency",
                                                       "adcostratio",
                                                       "totalcompletepaymentrate",
                                                       "completepaymentrate",
                                                       "contribution",
                                                       "income",
                                                       "turnover",
                                                       "cogs",
                                                       "lift"};
  return words.contains(joined);
}

bool IsDeliveryWord(const std::string& joined) {
  static const OutcomeWords& words = *new OutcomeWords{"impressions",
                                                       "impression",
                                                       "impr",
                                                       "impressionen",
                                                       "impresiones",
                                                       "impressoes",
                                                       "impressioni",
                                                       "vertoningen",
                                                       "clicks",
                                                       "click",
                                                       "linkclicks",
                                                       "outboundclicks",
                                                       "klicks",
                                                       "clics",
                                                       "clic",
                                                       "cliques",
                                                       "kliks",
                                                       "clickslink",
                                                       "clicksall",
                                                       "reach",
                                                       "reichweite",
                                                       "portee",
                                                       "alcance",
                                                       "copertura",
                                                       "bereik",
                                                       "frequency",
                                                       "frequenz",
                                                       "frequence",
                                                       "frecuencia",
                                                       "ctr",
                                                       "ctrall",
                                                       "ctrlink",
                                                       "clickthroughrate",
                                                       "tauxdeclic",
                                                       "cpc",
                                                       "cpm",
                                                       "cpv",
                                                       "cpcv",
                                                       "ecpm",
                                                       "ecpc",
                                                       "costperclick",
                                                       "costperthousand",
                                                       "costpermille",
                                                       "costperview",
                                                       "videoviews",
                                                       "engagements",
                                                       "interactions",
                                                       "landingpageviews",
                                                       "viewability",
                                                       "impressionshare",
                                                       "展示",
                                                       "展示量",
                                                       "展示次数",
                                                       "曝光",
                                                       "曝光量",
                                                       "点击",
                                                       "点击量",
                                                       "点击次数",
                                                       "点击率",
                                                       "表示回数",
                                                       "クリック数",
                                                       "インプレッション",
                                                       "クリック率",
                                                       "노출",
                                                       "노출수",
                                                       "클릭",
                                                       "클릭수",
                                                       "показы",
                                                       "клики",
                                                       "охват"};
  return words.contains(joined);
}

// "cost per lead", "Kosten pro Conversion", "coût par résultat", "costo por compra", "kosten per resultaat": the words
// after the second; empty: another name. Costs of a product or of a time are known before.
std::string CostPer(const ColumnName& name) {
  static const OutcomeWords& costs = *new OutcomeWords{"cost",  "costs",  "kosten", "cout",  "couts",  "costo",
                                                       "coste", "costes", "costos", "custo", "custos", "spend"};
  static const OutcomeWords& per = *new OutcomeWords{"per", "pro", "par", "por", "je"};
  static const OutcomeWords& planned = *new OutcomeWords{"unit", "item",  "piece", "product",  "sku",    "day", "hour",
                                                         "week", "month", "year",  "employee", "person", "user"};
  std::string rest;
  for (size_t i = 0; i + 2 < name.words.size(); ++i) {
    if (!costs.contains(name.words[i]) || !per.contains(name.words[i + 1])) continue;
    if (planned.contains(name.words[i + 2])) return "";
    for (size_t k = i + 2; k < name.words.size(); ++k) absl::StrAppend(&rest, name.words[k]);
    return rest;
  }
  return "";
}

bool IsDeliveredUnit(const std::string& what) {
  static const OutcomeWords& units = *new OutcomeWords{"click",
                                                       "clicks",
                                                       "linkclick",
                                                       "klick",
                                                       "clic",
                                                       "clique",
                                                       "view",
                                                       "thousand",
                                                       "mille",
                                                       "impression",
                                                       "impressions",
                                                       "1000impressions",
                                                       "thousandimpressions",
                                                       "1000",
                                                       "1000people",
                                                       "thruplay",
                                                       "engagement",
                                                       "landingpageview",
                                                       "tausend"};
  return units.contains(what) || absl::StartsWith(what, "1000") || absl::EndsWith(what, "click");
}

// Whatever else the name says, such as "CPA Conversions"; some mean that only in brackets: "Average value (AOV)".
bool IsOutcomeAbbreviation(const ColumnName& name) {
  for (const absl::string_view word : {"roas", "roi", "romi", "acos", "tacos", "cpa"}) {
    if (name.Has(word)) return true;
  }
  static const OutcomeWords& in_brackets =
      *new OutcomeWords{"roas", "acos", "tacos", "roi", "cpa", "cpl", "cpi", "cpo", "cac", "cpr", "cvr", "aov", "mer"};
  return in_brackets.contains(name.in_brackets);
}

// Whether the name ends with a word for what is won, whatever stands before it: "Phone orders", "Branch purchases".
// "purchases per user" and "Sales region" end otherwise.
bool EndsWithOutcomes(const ColumnName& name) {
  static const OutcomeWords& words = *new OutcomeWords{
      "conversions",  "purchases",     "purchased",   "orders",        "sales",         "leads",
      "revenue",      "signups",       "installs",    "registrations", "checkouts",     "transactions",
      "acquisitions", "bookings",      "submissions", "completions",   "subscriptions", "deposits",
      "downloads",    "opportunities", "profit",      "taxes"};
  const auto last =
      std::find_if(name.words.rbegin(), name.words.rend(), [](const std::string& word) { return !IsQualifier(word); });
  return last != name.words.rend() && words.contains(*last);
}

std::string WithoutQualifiers(const ColumnName& name) {
  std::string core;
  for (const std::string& word : name.words) {
    if (!IsQualifier(word)) core += word;
  }
  return core;
}

// "Conv. value (by conv. time)": when it was counted, not what.
absl::string_view WithoutBracketOfBy(absl::string_view text) {
  const size_t at = text.rfind("(by ");
  return at == absl::string_view::npos || at == 0 ? text : text.substr(0, at);
}

}  // namespace

OutcomeName FindOutcomeName(absl::string_view text) {
  const ColumnName name = ReadColumnName(text);
  // What roicast score --with-revenue writes is no plan.
  if (name.joined == "predictedrevenue" || name.joined == "predictedprofit") return OutcomeName::kOutcome;
  // The goals of web analytics are no plan.
  if (absl::StartsWith(name.joined, "goalcompletion")) return OutcomeName::kOutcome;
  if (name.words.empty() || name.IsPlan()) return OutcomeName::kNone;
  if (IsDeliveryWord(name.joined) || name.Has("cpm") || name.Has("cpc") || name.Has("ctr"))
    return OutcomeName::kDelivery;
  if (IsOutcomeWord(name.joined) || IsOutcomeAsAWhole(name.joined) || IsOutcomeAbbreviation(name)) {
    return OutcomeName::kOutcome;
  }
  const UsualName usual = FindUsualName(text);
  const bool is_return = usual.role == UsualRole::kRoas || usual.role == UsualRole::kRoi;
  if ((is_return || usual.role == UsualRole::kRevenue) && usual.rank == 1) return OutcomeName::kOutcome;
  if (const std::string what = CostPer(name); !what.empty()) {
    // "1,000" is two words.
    return IsDeliveredUnit(what) ? OutcomeName::kDelivery : OutcomeName::kOutcome;
  }
  if (const absl::string_view rest = WithoutBracketOfBy(text); rest.size() < text.size()) return FindOutcomeName(rest);
  const std::string core = WithoutQualifiers(name);
  if (core != name.joined) {
    if (IsOutcomeWord(core)) return OutcomeName::kOutcome;
    if (IsDeliveryWord(core)) return OutcomeName::kDelivery;
  }
  const auto is_outcome = [](const ColumnName& side) { return IsOutcomeWord(WithoutQualifiers(side)); };
  if (IsOutcomeQuotient(text, is_outcome) || IsOutcomeRate(name)) return OutcomeName::kOutcome;
  return EndsWithOutcomes(name) ? OutcomeName::kPerhapsOutcome : OutcomeName::kNone;
}

}  // namespace roicast
