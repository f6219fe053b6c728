// What is lost for lack of past campaigns alone: decisions by a fit that knows the form of the law.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/worlds.h"
#include "client/generator/campaign.h"

namespace roicast::bench {

// A campaign as the law of its world sees it: ln(1 + ROI) = Σ coefficient · term + ln S, where S = h · capacity / (h ·
// capacity + spend) with one h for each group, or 1 without a group.
struct KnownTerms {
  std::vector<double> terms;
  int group = -1;
  double capacity = 0.0, spend = 0.0;
};
// The terms of docs/generator.md: 103 coefficients and 6 values of h.
KnownTerms TermsOf(const client::GeneratedCampaign& campaign);
// Those of bench/worlds.h: 10 coefficients.
KnownTerms TermsOf(const WorldCampaign& campaign);

// Least squares by the Gauss-Newton method. The noise is normal, so this is maximum likelihood: without knowing
// coefficients beforehand, nothing does much better with these campaigns.
class KnownForm {
 public:
  // As many numbers as campaigns, at least one; groups: how many values of h there are.
  KnownForm(const std::vector<KnownTerms>& campaigns, const std::vector<double>& log_one_plus_roi, int groups);

  double ExpectedRoi(const KnownTerms& campaign) const;

 private:
  double Log(const KnownTerms& campaign) const;

  std::vector<double> coefficients_, log_h_;
  double log_mean_noise_ = 0.0;  // ln of the mean of exp(noise)
};

}  // namespace roicast::bench
