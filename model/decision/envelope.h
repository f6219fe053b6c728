// Prices of a budget and of its groups, from the concave envelopes of campaigns' values.
#pragma once

#include <vector>

#include "model/decision/split_search.h"

namespace roicast {

// Corners of the upper concave envelope of (spend, value): indices of levels, the first and the last among them.
std::vector<int> EnvelopeOf(const SearchCampaign& campaign);

struct Prices {
  double budget = 0.0;  // value per unit of spend at the margin
  // The same within each group: above the price around it (its parent's, or `budget`) at its maximum, below at its
  // minimum.
  std::vector<double> groups;
  // Σ over campaigns of max(value − price · spend) + Σ over groups of (price − the one around it) · limit: value −
  // budget price · spend of any choice within the limits is at most this.
  double bound = 0.0;

  double Of(const SearchCampaign& campaign) const {
    return campaign.group < 0 ? budget : groups[static_cast<size_t>(campaign.group)];
  }
};

// Where the relaxed problem, in which campaigns may be at any point of their envelopes, has its optimum.
Prices PricesOf(const SearchProblem& problem);

}  // namespace roicast
