// The formula behind the generated campaigns; docs/generator.md has its terms and tables.
#pragma once

#include "client/generator/campaign.h"

namespace roicast::client {

// E[ROI | features] ≥ −1, where ROI = (revenue − spend) / spend. Reads the features only. Thread-safe.
//   1 + ROI = κ · saturation(spend, audience, duration, channel) · exp(Σ effects)
double ExpectedRoi(const GeneratedCampaign& campaign);

}  // namespace roicast::client
