// A column's name as people compare names: without case, accents, blanks, punctuation and currency.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

struct ColumnName {
  // Lower case, Latin letters without accents: "Amount spent (USD)" → amount, spent; "CampaignID" → campaign, id;
  // "Coût" → cout; "花费(元)" → 花费. Without currencies at either end, without brackets that only hold a currency or
  // say how an amount is meant, such as (net), and without the table of a field such as metrics.cost_micros.
  std::vector<std::string> words;
  // The words with nothing between them.
  std::string joined;
  // The name speaks of per cent: "ROI (%)", "roi_pct".
  bool per_cent = false;
  // The name speaks of millionths: "cost_micros".
  bool micros = false;

  bool Has(absl::string_view word) const;
};

ColumnName ReadColumnName(absl::string_view name);

// "EUR", in any case.
bool IsCurrencyCode(absl::string_view text);

}  // namespace roicast
