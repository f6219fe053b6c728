// A column's name as people compare names: without case, accents, blanks, punctuation and currency.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

struct ColumnName {
  // Lower case, Latin letters without accents: "Amount spent (USD)" → amount, spent; "CampaignID" → campaign, id;
  // "Coût" → cout; "花费(元)" → 花费. Without currencies at either end, without brackets that only hold a currency or
  // say how an amount is meant, such as (net), and without the table of a field such as metrics.cost_micros or
  // insights.spend.
  std::vector<std::string> words;
  // The words with nothing between them.
  std::string joined;
  // The name speaks of per cent: "ROI (%)", "roi_pct".
  bool per_cent = false;
  // The name speaks of millionths: "cost_micros".
  bool micros = false;
  // The one word in the last bracket, such as the abbreviation in "Cost of sales (ACOS)" and "(ACoS)": acos. Empty:
  // there is none.
  std::string in_brackets;
  // The currency that the name speaks of, in lower case: "Cost (USD)" → usd, "Umsatz in €" → eur; a sign of several
  // currencies stands for itself: "$", "¥". Empty: none, or several.
  std::string currency;
  // What the name says that its numbers count, in units of the currency: "消耗(万元)", "Kosten (T€)" and "spend (k)" →
  // 10,000, 1,000 and 1,000; "cost_cents" → 0.01. 1: nothing. Millionths are `micros`.
  double scale = 1.0;

  bool Has(absl::string_view word) const;
  // The name speaks of a goal, a limit, a forecast or the past, which are known before a campaign: "target_cpa".
  bool IsPlan() const;
  // `words` without attribution windows: "14 Day Total Sales" → total, sales; "Purchases [7-day click]" → purchases.
  std::vector<std::string> WithoutWindow() const;
};

ColumnName ReadColumnName(absl::string_view name);

}  // namespace roicast
