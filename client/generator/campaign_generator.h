// Synthetic campaigns with known expected ROI, generated one at a time in constant memory: for first steps, tests and
// load.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/number_range.h"
#include "base/random.h"
#include "client/generator/campaign.h"

namespace roicast::client {

struct GeneratorOptions {
  static constexpr NumberRange kNoise{0, 2};
  static constexpr NumberRange kShare{0, 0.9};

  // The same seed gives the same campaigns; noise and damage do not change which features are drawn.
  uint64_t seed = 42;
  // Revenue is multiplied by exp(σ z − σ²/2), z standard normal: a factor with mean 1. This is σ.
  double noise = 0.1;
  // Share of blank cells. Spend is never blank.
  double missing_share = 0;
  // Share of rows that repeat one of the previous 64.
  double duplicate_share = 0;
  // Share of rows in which one numeric input, not the spend, is 20 to 200 times too large, as after a
  // mistake in the unit. Revenue and true_roi belong to the correct value.
  double outlier_share = 0;

  absl::Status Validate() const;
};

// Not thread-safe. The n-th campaign does not depend on how many are drawn.
class CampaignGenerator {
 public:
  // Errors: INVALID_ARGUMENT (options).
  static absl::StatusOr<CampaignGenerator> Create(const GeneratorOptions& options);

  GeneratedCampaign Next();

 private:
  explicit CampaignGenerator(const GeneratorOptions& options);
  GeneratedCampaign Draw();
  void Damage(GeneratedCampaign& campaign);

  GeneratorOptions options_;
  // One random source per purpose, so that an option changes only what it controls.
  Random features_;
  Random noise_;
  Random damage_;
  Random repeats_;
  std::vector<GeneratedCampaign> recent_;
  uint64_t drawn_ = 0;
};

}  // namespace roicast::client
