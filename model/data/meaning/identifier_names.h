// Columns whose name says that their values name something, and count nothing.
#pragma once

#include "absl/strings/string_view.h"

namespace roicast {

// Names that end in id, uuid, guid, zip, code, plz, sku, gclid, phone and the like, or have "postal code" or "zip code"
// in them: "Campaign ID", "campaign_id", "CampaignID", "Postal code". Whole words only: neither "paid" nor "humidity".
// Numbers of such a column are words.
bool IsNamedLikeIdentifier(absl::string_view name);

}  // namespace roicast
