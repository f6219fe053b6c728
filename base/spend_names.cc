#include "base/spend_names.h"

namespace roicast {
namespace {

constexpr absl::string_view kSpend[] = {
    "spend", "spends", "spent", "spending", "cost", "costs", "amountspent", "amountspend", "spendamount", "costamount",
    "totalspend", "totalspent", "totalcost", "totalcosts", "totalamountspent", "totaladspend", "adspend", "adspends",
    "adspent", "adsspend", "adcost", "adcosts", "adscost", "mediaspend", "mediacost", "mediacosts", "marketingspend",
    "marketingcost", "marketingcosts", "marketingspending", "campaignspend", "campaigncost", "advertisingcost",
    "advertisingcosts", "advertisingspend", "advertisingexpense", "advertisingexpenses", "adexpenditure", "expenditure",
    "expenditures", "expense", "expenses", "investment", "mediainvestment", "costmicros", "spendmicros", "costinmicros",
    "spendinmicros", "costinlocalcurrency", "advertisercost", "mediacostadvertiser", "actualspend", "actualspending",
    "actualcost", "actualcosts", "actualamountspent", "actualcostincampaign", "spendinaccountcurrency",
    "costinaccountcurrency", "amountspentinaccountcurrency", "totalcostincampaign", "actualadspend", "costtotal",
    // German, Dutch
    "kosten", "gesamtkosten", "werbekosten", "mediakosten", "kampagnenkosten", "marketingkosten", "ausgaben",
    "werbeausgaben", "marketingausgaben", "ausgegebenerbetrag", "aufwand", "werbeaufwand", "uitgaven", "besteedbedrag",
    "advertentiekosten", "advertentieuitgaven",
    // French
    "depense", "depenses", "montantdepense", "cout", "couts", "couttotal", "depensespublicitaires",
    "depensepublicitaire", "coutpublicitaire",
    // Spanish, Portuguese, Italian
    "gasto", "gastos", "gastototal", "gastopublicitario", "importegastado", "inversion", "inversionpublicitaria",
    "coste", "costes", "costetotal", "costo", "costos", "costototal", "custo", "custos", "custototal", "valorgasto",
    "valorusado", "investimento", "spesa", "spese", "spesapubblicitaria", "importospeso", "costi",
    // Polish, Swedish, Danish, Norwegian, Turkish, Russian
    "koszt", "koszty", "wydatki", "wydanakwota", "kwotawydana", "kostnad", "kostnader", "utgifter", "udgifter",
    "omkostninger", "harcama", "harcamalar", "harcanantutar", "maliyet", "расход", "расходы", "затраты", "стоимость",
    // Chinese, Japanese, Korean
    "花费", "花費", "消耗", "成本", "费用", "費用", "支出", "总花费", "总消耗", "总成本", "广告花费", "广告费",
    "广告费用", "廣告費", "推广费", "推广费用", "投放金额", "消费", "消費", "广告消耗", "広告費", "広告費用", "コスト",
    "消化金額", "ご利用額", "비용", "광고비", "지출", "지출금액", "총비용", "총비용vat포함", "총비용vat포함원"};

}  // namespace

absl::Span<const absl::string_view> SpendNames() { return kSpend; }

}  // namespace roicast
