// The usual names of columns with spend, revenue, ROI and ROAS.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

enum class UsualRole { kNone, kSpend, kRevenue, kRoi, kRoas };

// "spend", "revenue", "ROI", "ROAS"; empty for kNone.
absl::string_view UsualRoleName(UsualRole role);
// The flag that names such a column: "--spend", "--revenue", "--target", "--roas"; empty for kNone.
absl::string_view UsualRoleFlag(UsualRole role);

struct UsualName {
  UsualRole role = UsualRole::kNone;
  // 1: that is what the name means. 2: it often means that, such as "budget". With an attribution window, one more.
  // Lower ranks go before.
  int rank = 0;
};

// By whole names in several languages, ignoring case, accents, blanks, punctuation and currency, and "total", "micros"
// and attribution windows ("14 Day Total Sales"). A ROAS or ROI in brackets is enough: "Total
// Return on Advertising Spend (ROAS)". A name that only contains such a word, like "Cost per result", is none of them.
UsualName FindUsualName(absl::string_view name);

// Whether what is named so, a revenue, may be one without taxes and refunds, or what is left after the spend: "Net
// revenue", "income".
bool MayBeAfterCosts(absl::string_view name);

// A spend of one of several channels: "tv_spend", "Channel0_spend", "spend_tv", "tv_S". Not "Planned spend".
bool IsChannelSpend(absl::string_view name);

}  // namespace roicast
