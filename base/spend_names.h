// What people call the spend of a campaign.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Whole names in several languages that mean nothing else: in lower case, Latin letters without accents, without blanks
// and punctuation ("amountspent").
absl::Span<const absl::string_view> SpendNames();

}  // namespace roicast
