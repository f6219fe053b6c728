// Simulated tables of campaigns whose true law is known: what a marketer's table is like, with noise from none to all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace roicast::bench {

struct WorldOptions {
  int rows = 3000;
  int columns = 5;       // ≥ 4; those beyond the fourth have no relation to the ROI
  double noise = 0.4;    // standard deviation of log(1 + ROI) around the law
  bool nothing = false;  // the law is a constant
  // Whether campaigns may bring nothing: an ROI of −1, with the log odds of something 0.4 + 1.5 · (channel + region) −
  // 0.4 · log(spend / 1000).
  bool zero_heavy = false;
  uint64_t seed = 42;
};

// A campaign of such a world.
struct WorldCampaign {
  int channel = 0, region = 0, month = 0;  // indices; month: 0 to 11
  double spend = 0.0;

  // channel,region,spend,start as in World::csv, without the other columns.
  std::string Csv() const;
};

struct World {
  std::vector<WorldCampaign> campaigns;  // per row
  std::string csv;                       // channel, region, spend, month, x5, x6 …, roi
  std::vector<double> truth_roi;         // per row: its expected ROI
  std::vector<double> roi;               // per row: what came
};

WorldCampaign DrawCampaign(Random& random);
// What is expected of it.
double ExpectedRoi(const WorldCampaign& campaign, const WorldOptions& options);

// log(1 + ROI) = channel + region − 0.3 · log(spend / 1000) + season + noise; the mean of exp(noise) is part of the
// expected ROI, which no model can beat.
World MakeWorld(const WorldOptions& options);

}  // namespace roicast::bench
