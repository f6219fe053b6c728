#include "model/data/meaning/target_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "base/spend_names.h"
#include "model/data/meaning/amount_words.h"
#include "model/data/meaning/column_name.h"

namespace roicast {
namespace {

using Names = absl::Span<const absl::string_view>;

// As ColumnName::joined writes them.
constexpr absl::string_view kMaybeSpend[] = {
    "spendinmicrodollar", "costinmicrodollar", "spendinmicrodollars", "budget", "budgets",
    "totalbudget",        "campaignbudget",    "mediabudget",         "预算",   "予算",
    "presupuesto",        "orcamento"};
constexpr absl::string_view kRevenue[] = {
    "revenue", "revenues", "totalrevenue", "grossrevenue", "netrevenue", "adrevenue", "adsrevenue", "campaignrevenue",
    "salesrevenue", "revenueamount", "attributedrevenue", "attributedsales", "purchaserevenue", "totalpurchaserevenue",
    "transactionrevenue", "ecommercerevenue", "itemrevenue", "onlinerevenue", "conversionvalue", "conversionsvalue",
    "convvalue", "totalconversionvalue", "totalconvvalue", "valueofconversions", "purchasesconversionvalue",
    "purchaseconversionvalue", "websitepurchasesconversionvalue", "websitepurchaseconversionvalue", "purchasevalue",
    "purchasesvalue", "totalpurchasevalue", "salesamount", "saleamount", "totalsales", "totalsalesamount", "salesvalue",
    "grosssales", "netsales", "actualrevenue", "actualsales", "influencedrevenue", "completepaymentvalue",
    "valuewonopportunities", "valuewonopportunitiesincampaign", "totalvaluewonopportunitiesincampaign",
    "totalvalueofwonopportunities", "revenueinaccountcurrency", "conversionvalueinaccountcurrency",
    "purchasesvaluetotal", "websitepurchasesvalue", "checkoutvalue", "totalcheckoutvalue", "totalwebcheckoutvalue",
    // German, Dutch
    "umsatz", "umsatze", "gesamtumsatz", "nettoumsatz", "erlos", "erlose", "einnahmen", "conversionwert",
    "conversionswert", "conversionwerte", "conversionwertfurkaufe", "convwert", "wertderconversions",
    "conversionwertvonkaufen", "kaufconversionwert", "conversionwertderkaufe", "gesamtconversionwert", "kaufwert",
    "bestellwert", "convwaarde", "conversiewaardevanaankopen", "aankoopconversiewaarde", "omzet", "opbrengst",
    "opbrengsten", "inkomsten", "conversiewaarde", "waardeconversies",
    // French
    "revenu", "revenus", "revenutotal", "chiffredaffaires", "chiffredaffaire", "recettes", "recette",
    "valeurdeconversion", "valeurdesconversions", "valeurdeconversiondesachats", "valeurconv", "valeurdeconv",
    "valeurdeconversiondelachat", "valeurdesachats",
    // Spanish, Portuguese, Italian
    "ingreso", "ingresos", "ingresostotales", "facturacion", "valordeconversion", "valordelasconversiones",
    "valordeconversiondecompras", "valordeconversiondelacompra", "valordeconversiondelascompras", "valorconv",
    "valordeconv", "valordeconversaodacompra", "valordeconversaodascompras", "valordasconversoes", "valoreconv",
    "valorediconversionedellacquisto", "valorediconversionedeltuoacquisto", "valoreconversioni", "receita", "receitas",
    "receitatotal", "faturamento", "valordeconversao", "valordaconversao", "valordeconversaodecompras", "fatturato",
    "ricavi", "ricavo", "incasso", "incassi", "valorediconversione", "valoredellaconversione",
    "valorediconversionedegliacquisti", "entrate",
    // Polish, Swedish, Danish, Norwegian, Turkish, Russian
    "wartosckonwersji", "wartosckonw", "wartosckonwersjizakupow", "konverteringsvarde", "konverteringsverdi",
    "konverteringsvrdi", "donusumdegeri", "satinalmadonusumdegeri", "ценностьконверсии", "ценностьконверсии",
    "ценностьконверсийпокупок", "przychod", "przychody", "intakter", "intakt", "omsattning", "omstning", "omsetning",
    "indtgter", "inntekter", "gelir", "ciro", "доход", "доходы", "выручка", "оборот",
    // Chinese, Japanese, Korean
    "收入", "总收入", "营收", "销售额", "銷售額", "总销售额", "成交金额", "成交额", "转化价值", "转化金额", "订单金额",
    "支付金额", "交易额", "总成交金额", "总成交额", "总支付金额", "购买转化价值", "购物转化价值", "網站購買轉換價值",
    "购买价值", "转换价值", "轉換價值", "購買轉換值", "コンバージョンの価値", "コンバージョン値の合計",
    "購入のコンバージョン値", "購入コンバージョン値", "売上", "売上高", "売上金額", "収益", "コンバージョン値",
    "コンバージョン価値", "購入金額", "매출", "매출액", "수익", "전환매출", "전환가치", "전환매출액", "전환값",
    "구매전환값", "구매금액", "구매매출", "총매출", "총매출액"};
constexpr absl::string_view kMaybeRevenue[] = {"sales",
                                               "income",
                                               "totalincome",
                                               "turnover",
                                               "gmv",
                                               "grossmerchandisevalue",
                                               "ordervalue",
                                               "totalordervalue",
                                               "ordervaluecheckout",
                                               "totalordervaluecheckout",
                                               "allrevenue",
                                               "purchasesvalueall",
                                               "wertallerconversions",
                                               "alleconvwert",
                                               "直接成交金额",
                                               "间接成交金额",
                                               "allconvvalue",
                                               "allconversionvalue",
                                               "allconversionsvalue",
                                               "ventas",
                                               "vendas",
                                               "vendite",
                                               "verkaufe",
                                               "ventes",
                                               "verkopen",
                                               "postclicksalesamount",
                                               "销售",
                                               "sprzedaz",
                                               "продажи"};
constexpr absl::string_view kRoi[] = {"roi",
                                      "roipct",
                                      "roipercent",
                                      "roipercentage",
                                      "roiinpercent",
                                      "roiprozent",
                                      "returnoninvestment",
                                      "returnoninvestmentroi",
                                      "roireturnoninvestment",
                                      "retoursurinvestissement",
                                      "retornodelainversion",
                                      "retornosobreinversion",
                                      "retornosobreinvestimento",
                                      "ritornosullinvestimento",
                                      "投资回报率",
                                      "投資報酬率",
                                      "投資対効果",
                                      "投资收益率"};
constexpr absl::string_view kMaybeRoi[] = {"romi",        "rsi",          "retoursurinvestissementrsi",
                                           "campaignroi", "marketingroi", "returnonmarketinginvestment"};
constexpr absl::string_view kRoas[] = {"roas",
                                       "returnonadspend",
                                       "returnonadvertisingspend",
                                       "roasreturnonadspend",
                                       "returnonadspendroas",
                                       "purchaseroas",
                                       "purchaseroasreturnonadspend",
                                       "websitepurchaseroas",
                                       "websitepurchaseroasreturnonadspend",
                                       "totalroas",
                                       "adroas",
                                       "adsroas",
                                       "completepaymentroas",
                                       "convwertkosten",
                                       "支付roi",
                                       "直接支付roi",
                                       "整体支付roi",
                                       "convvaluecost",
                                       "conversionvaluecost",
                                       "广告支出回报率",
                                       "投产比",
                                       "投入产出比",
                                       "広告費用対効果",
                                       "roaspct",
                                       "roaspercent",
                                       "광고수익률"};
constexpr absl::string_view kMaybeRoas[] = {"allconvvaluecost", "mer"};

absl::flat_hash_map<absl::string_view, UsualName> AllNames() {
  absl::flat_hash_map<absl::string_view, UsualName> all;
  const auto add = [&](UsualRole role, int rank, Names names) {
    for (const absl::string_view name : names) all.emplace(name, UsualName{role, rank});
  };
  add(UsualRole::kSpend, 1, SpendNames());
  add(UsualRole::kRevenue, 1, kRevenue);
  add(UsualRole::kRoi, 1, kRoi);
  add(UsualRole::kRoas, 1, kRoas);
  add(UsualRole::kSpend, 2, kMaybeSpend);
  add(UsualRole::kRevenue, 2, kMaybeRevenue);
  add(UsualRole::kRoi, 2, kMaybeRoi);
  add(UsualRole::kRoas, 2, kMaybeRoas);
  return all;
}

UsualName Lookup(absl::string_view joined) {
  static const auto& names = *new absl::flat_hash_map<absl::string_view, UsualName>(AllNames());
  const auto found = names.find(joined);
  return found == names.end() ? UsualName() : found->second;
}

// "total revenue", "revenue (in) micros", "revenue total": revenue.
std::vector<std::string> WithoutTotalAndMicros(std::vector<std::string> words) {
  if (words.size() > 1 && words.back() == "micros") words.pop_back();
  if (words.size() > 1 && words.back() == "in") words.pop_back();
  const auto is_total = [](const std::string& word) { return word == "total" || word == "totals"; };
  if (words.size() > 1 && is_total(words.back())) words.pop_back();
  if (words.size() > 1 && is_total(words.front())) words.erase(words.begin());
  return words;
}

// Beside a word for a spend: no name of a channel.
bool SaysHowASpendIsMeant(const std::string& word) {
  static const auto& words = *new absl::flat_hash_set<absl::string_view>{
      "planned", "plan",     "actual",  "actuals",  "budget",   "budgeted", "forecast", "estimated",  "expected",
      "daily",   "weekly",   "monthly", "yearly",   "annual",   "lifetime", "average",  "avg",        "mean",
      "net",     "gross",    "in",      "account",  "local",    "currency", "micro",    "micros",     "dollar",
      "dollars", "euro",     "euros",   "campaign", "ad",       "ads",      "media",    "marketing",  "target",
      "max",     "min",      "maximum", "minimum",  "previous", "prev",     "last",     "prior",      "past",
      "year",    "month",    "week",    "day",      "days",     "ytd",      "mtd",      "cumulative", "all",
      "fixed",   "variable", "unit",    "this",     "of",       "the",      "new",      "old",        "agency",
      "billed",  "invoiced", "final",   "real",     "true",     "k",        "thousand", "thousands",  "amount",
      "geplant", "geplante", "ist",     "soll",     "netto",    "brutto",   "log",      "adjusted",   "raw"};
  return words.contains(word) || !CurrencyOfWord(word).empty() ||
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::string_view UsualRoleName(UsualRole role) {
  switch (role) {
    case UsualRole::kSpend:
      return "spend";
    case UsualRole::kRevenue:
      return "revenue";
    case UsualRole::kRoi:
      return "ROI";
    case UsualRole::kRoas:
      return "ROAS";
    case UsualRole::kNone:
      break;
  }
  return "";
}

absl::string_view UsualRoleFlag(UsualRole role) {
  switch (role) {
    case UsualRole::kSpend:
      return "--spend";
    case UsualRole::kRevenue:
      return "--revenue";
    case UsualRole::kRoi:
      return "--target";
    case UsualRole::kRoas:
      return "--roas";
    case UsualRole::kNone:
      break;
  }
  return "";
}

UsualName FindUsualName(absl::string_view text) {
  const ColumnName name = ReadColumnName(text);
  if (const UsualName usual = Lookup(name.joined); usual.role != UsualRole::kNone) return usual;
  const std::vector<std::string> words = name.WithoutWindow();
  // The same amount in another window is another column: the one without a window goes before.
  const int lowered = words.size() < name.words.size() ? 1 : 0;
  for (const std::vector<std::string>& variant : {words, WithoutTotalAndMicros(words)}) {
    UsualName usual = Lookup(absl::StrJoin(variant, ""));
    if (usual.role == UsualRole::kNone) continue;
    usual.rank += lowered;
    return usual;
  }
  if ((name.in_brackets == "roas" || name.in_brackets == "roi") && !name.IsPlan()) return Lookup(name.in_brackets);
  return {};
}

bool MayBeAfterCosts(absl::string_view text) {
  const ColumnName name = ReadColumnName(text);
  for (const absl::string_view word :
       {"net", "netto", "nette", "neto", "income", "netrevenue", "netsales", "nettoumsatz"}) {
    if (name.Has(word) || name.joined == word) return true;
  }
  return false;
}

bool IsChannelSpend(absl::string_view text) {
  const ColumnName name = ReadColumnName(text);
  if (name.words.size() < 2 || FindUsualName(text).role != UsualRole::kNone) return false;
  for (const absl::string_view word : {"per", "pro", "par", "por", "total", "rate", "share", "cap", "limit", "change",
                                       "center", "centre", "type", "id"}) {
    if (name.Has(word)) return false;
  }
  // The last one is how Robyn names them: tv_S.
  if (name.words.back() == "s" && absl::EndsWith(text, "_S")) return true;
  const auto spends = [](const std::string& word) {
    return FindUsualName(word).role == UsualRole::kSpend && FindUsualName(word).rank == 1;
  };
  if (!spends(name.words.back()) && !spends(name.words.front())) return false;
  // "Planned spend" and "Actual spend" are of one campaign.
  return !std::all_of(name.words.begin(), name.words.end(),
                      [&](const std::string& word) { return spends(word) || SaysHowASpendIsMeant(word); });
}

}  // namespace roicast
