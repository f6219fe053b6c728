#include "bench/worlds.h"

#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"

namespace roicast::bench {
namespace {

constexpr const char* kChannels[] = {"Search", "Social", "Email", "Display"};
constexpr double kChannelEffects[] = {0.6, 0.2, -0.2, -0.5};
constexpr const char* kRegions[] = {"EMEA", "APAC", "LATAM"};
constexpr double kRegionEffects[] = {0.3, 0.0, -0.3};

double LawOf(const WorldCampaign& campaign, const WorldOptions& options) {
  if (options.nothing) return 0.0;
  const double season = 0.25 * std::sin(2.0 * std::numbers::pi * static_cast<double>(campaign.month) / 12.0);
  return kChannelEffects[campaign.channel] + kRegionEffects[campaign.region] - 0.3 * std::log(campaign.spend / 1000.0) +
         season;
}

// The probability of an ROI above −1.
double SomethingOf(const WorldCampaign& campaign, const WorldOptions& options) {
  if (!options.zero_heavy) return 1.0;
  const double log_odds = 0.4 + 1.5 * (kChannelEffects[campaign.channel] + kRegionEffects[campaign.region]) -
                          0.4 * std::log(campaign.spend / 1000.0);
  return 1.0 / (1.0 + std::exp(-log_odds));
}

}  // namespace

std::string WorldCampaign::Csv() const {
  return absl::StrFormat("%s,%s,%.2f,2024-%02d-15", kChannels[channel], kRegions[region], spend, month + 1);
}

WorldCampaign DrawCampaign(Random& random) {
  WorldCampaign campaign;
  campaign.channel = static_cast<int>(random.Below(4));
  campaign.region = static_cast<int>(random.Below(3));
  campaign.month = static_cast<int>(random.Below(12));
  campaign.spend = 1000.0 * std::exp(1.3 * random.Normal());
  return campaign;
}

double ExpectedRoi(const WorldCampaign& campaign, const WorldOptions& options) {
  const double mean = std::exp(LawOf(campaign, options) + 0.5 * options.noise * options.noise);
  return SomethingOf(campaign, options) * mean - 1.0;
}

World MakeWorld(const WorldOptions& options) {
  Random random(options.seed);
  World world;
  world.csv = "channel,region,spend,start";
  for (int i = 5; i <= options.columns; ++i) absl::StrAppend(&world.csv, ",x", i);
  absl::StrAppend(&world.csv, ",roi\n");
  for (int row = 0; row < options.rows; ++row) {
    const WorldCampaign campaign = DrawCampaign(random);
    world.campaigns.push_back(campaign);
    world.truth_roi.push_back(ExpectedRoi(campaign, options));
    absl::StrAppend(&world.csv, campaign.Csv());
    for (int i = 5; i <= options.columns; ++i) absl::StrAppendFormat(&world.csv, ",%.4f", random.Normal());
    double roi = std::exp(LawOf(campaign, options) + options.noise * random.Normal()) - 1.0;
    if (options.zero_heavy && random.Uniform() >= SomethingOf(campaign, options)) roi = -1.0;
    world.roi.push_back(roi);
    absl::StrAppendFormat(&world.csv, ",%.6f\n", roi);
  }
  return world;
}

}  // namespace roicast::bench
