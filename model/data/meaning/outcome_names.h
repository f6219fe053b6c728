// Columns that are known only once a campaign has run, by their names.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

enum class OutcomeName {
  kNone,
  // What the campaign brought: ROAS, conversions, orders, revenue, profit, cost per order, conversion rate …
  kOutcome,
  // How it was delivered: impressions, clicks, reach, CTR, CPC, CPM … Known afterwards as well, but many plan with
  // them.
  kDelivery,
  // What a campaign brought, or what is known before it, such as "orders" of a shop behind a word that is not known.
  kPerhapsOutcome,
};

// By the usual names in several languages, ignoring case, accents, blanks, punctuation and currency. Names of a goal, a
// limit, a forecast or of the past ("target_cpa", "previous purchases") are neither.
OutcomeName FindOutcomeName(absl::string_view name);

}  // namespace roicast
