// Generated campaigns as CSV text.
#pragma once

#include <string>

#include "client/generator/campaign.h"

namespace roicast::client {

// The 20 features in schema order, then revenue, then true_roi if requested. Ends with a newline.
void AppendCampaignHeader(bool with_true_roi, std::string* out);
void AppendCampaignRow(const GeneratedCampaign& campaign, bool with_true_roi, std::string* out);

}  // namespace roicast::client
