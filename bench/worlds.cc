#include "bench/worlds.h"

#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"

namespace roicast::bench {

World MakeWorld(const WorldOptions& options) {
  constexpr const char* kChannels[] = {"Search", "Social", "Email", "Display"};
  constexpr double kChannelEffects[] = {0.6, 0.2, -0.2, -0.5};
  constexpr const char* kRegions[] = {"EMEA", "APAC", "LATAM"};
  constexpr double kRegionEffects[] = {0.3, 0.0, -0.3};
  Random random(options.seed);
  World world;
  world.csv = "channel,region,spend,start";
  for (int i = 5; i <= options.columns; ++i) absl::StrAppend(&world.csv, ",x", i);
  absl::StrAppend(&world.csv, ",roi\n");
  for (int row = 0; row < options.rows; ++row) {
    const auto channel = random.Below(4), region = random.Below(3), month = random.Below(12);
    const double spend = 1000.0 * std::exp(1.3 * random.Normal());
    const double season = 0.25 * std::sin(2.0 * std::numbers::pi * static_cast<double>(month) / 12.0);
    const double law =
        options.nothing ? 0.0
                        : kChannelEffects[channel] + kRegionEffects[region] - 0.3 * std::log(spend / 1000.0) + season;
    double roi = std::exp(law + 0.5 * options.noise * options.noise) - 1.0;
    double something = 1.0;
    if (options.zero_heavy) {
      const double log_odds =
          0.4 + 1.5 * (kChannelEffects[channel] + kRegionEffects[region]) - 0.4 * std::log(spend / 1000.0);
      something = 1.0 / (1.0 + std::exp(-log_odds));
      roi = something * (roi + 1.0) - 1.0;
    }
    world.truth_roi.push_back(roi);
    absl::StrAppendFormat(&world.csv, "%s,%s,%.2f,2024-%02d-15", kChannels[channel], kRegions[region], spend,
                          month + 1);
    for (int i = 5; i <= options.columns; ++i) absl::StrAppendFormat(&world.csv, ",%.4f", random.Normal());
    roi = std::exp(law + options.noise * random.Normal()) - 1.0;
    if (options.zero_heavy && random.Uniform() >= something) roi = -1.0;
    absl::StrAppendFormat(&world.csv, ",%.6f\n", roi);
  }
  return world;
}

}  // namespace roicast::bench
