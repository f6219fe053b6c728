#include "client/generator/campaign_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/generator/ground_truth.h"

namespace roicast::client {
namespace {

constexpr size_t kRecent = 64;
// 2023-01-01 to 2024-12-31.
constexpr int64_t kFirstHour = 464'592;
constexpr uint64_t kHours = 731 * 24;

// Cumulative shares of the categories.
constexpr std::array<double, 8> kCategoryShare = {0.16, 0.34, 0.48, 0.60, 0.72, 0.82, 0.93, 1.0};
constexpr std::array<double, 6> kChannelShare = {0.26, 0.50, 0.66, 0.80, 0.91, 1.0};
constexpr std::array<double, 8> kRegionShare = {0.26, 0.36, 0.58, 0.66, 0.72, 0.77, 0.86, 1.0};
constexpr std::array<double, 3> kDeviceShare = {0.58, 0.90, 1.0};
constexpr std::array<double, 8> kMedianPrice = {240, 55, 90, 32, 70, 28, 14, 18};
constexpr std::array<double, 8> kMeanMargin = {0.28, 0.52, 0.44, 0.60, 0.42, 0.45, 0.26, 0.38};

template <size_t kSize>
size_t Pick(Random& random, const std::array<double, kSize>& cumulative) {
  const double u = random.Uniform();
  size_t i = 0;
  while (i + 1 < kSize && u >= cumulative[i]) ++i;
  return i;
}

// Rounded so that the value equals what its CSV cell spells. decimals_power: 10 to the number of decimals.
double Round(double value, double decimals_power) { return std::round(value * decimals_power) / decimals_power; }

double Clamped(double value, double low, double high) { return std::clamp(value, low, high); }

// The numeric features that can be damaged, with the index of each in kCampaignFeatures.
struct NumericField {
  size_t feature;
  double GeneratedCampaign::*value;
};
constexpr NumericField kDamageable[] = {{0, &GeneratedCampaign::avg_session_seconds},
                                        {1, &GeneratedCampaign::page_views_per_user},
                                        {3, &GeneratedCampaign::purchases_per_user_90d},
                                        {4, &GeneratedCampaign::days_since_last_purchase},
                                        {7, &GeneratedCampaign::price},
                                        {8, &GeneratedCampaign::units_sold_30d},
                                        {10, &GeneratedCampaign::review_count},
                                        {15, &GeneratedCampaign::duration_days},
                                        {17, &GeneratedCampaign::audience_size}};
constexpr size_t kSpendFeature = 14;

void DrawBehaviour(Random& random, GeneratedCampaign& c) {
  // Longer sessions go with more page views, more cart additions and more purchases.
  const double engagement = random.Normal();
  c.avg_session_seconds = Round(Clamped(160 * std::exp(0.35 * engagement + 0.30 * random.Normal()), 10, 2400), 10);
  c.page_views_per_user = Round(Clamped(4 * std::exp(0.30 * engagement + 0.25 * random.Normal()), 1, 60), 100);
  c.add_to_cart_rate = Round(Clamped(0.08 * std::exp(0.25 * engagement + 0.35 * random.Normal()), 0.005, 0.6), 1e4);
  c.purchases_per_user_90d = Round(Clamped(0.9 * std::exp(0.35 * engagement + 0.55 * random.Normal()), 0, 30), 100);
  c.days_since_last_purchase = Round(Clamped(-38 * std::log(1 - random.Uniform()) + 1, 0, 365), 10);
  c.avg_user_rating = Round(Clamped(3.8 + 0.5 * random.Normal(), 1, 5), 100);
}

void DrawProduct(Random& random, GeneratedCampaign& c) {
  const double quality = random.Normal();
  c.product_category = Pick(random, kCategoryShare);
  c.price = Round(kMedianPrice[c.product_category] * std::exp(0.55 * random.Normal()), 100);
  c.units_sold_30d = Round(700 * std::exp(0.45 * quality + 0.9 * random.Normal()), 1);
  c.product_rating = Round(Clamped(4.05 + 0.30 * quality + 0.30 * random.Normal(), 1, 5), 100);
  c.review_count = Round(220 * std::exp(0.4 * quality + 1.0 * random.Normal()), 1);
  // Half of the products are sold at full price.
  c.discount_rate = random.Uniform() < 0.5 ? 0.0 : Round(random.Uniform(0.05, 0.5), 100);
  c.gross_margin_rate = Round(Clamped(kMeanMargin[c.product_category] + 0.09 * random.Normal(), 0.05, 0.9), 1e3);
}

void DrawAd(Random& random, GeneratedCampaign& c) {
  c.channel = Pick(random, kChannelShare);
  c.duration_days = Round(Clamped(21 * std::exp(0.6 * random.Normal()), 1, 180), 1);
  c.region = Pick(random, kRegionShare);
  c.audience_size = Round(Clamped(250'000 * std::exp(1.1 * random.Normal()), 2'000, 5e7), 1);
  c.spend = Round(Clamped(c.audience_size * 0.055 * std::exp(0.9 * random.Normal()), 50, 5e6), 100);
  c.device = Pick(random, kDeviceShare);
  c.start_time = (kFirstHour + static_cast<int64_t>(random.Below(kHours))) * 3600;
}

}  // namespace

absl::Status GeneratorOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kNoise.Check("noise", noise));
  ROICAST_RETURN_IF_ERROR(kShare.Check("missing_share", missing_share));
  ROICAST_RETURN_IF_ERROR(kShare.Check("duplicate_share", duplicate_share));
  return kShare.Check("outlier_share", outlier_share);
}

absl::StatusOr<CampaignGenerator> CampaignGenerator::Create(const GeneratorOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  return CampaignGenerator(options);
}

CampaignGenerator::CampaignGenerator(const GeneratorOptions& options)
    : options_(options),
      features_(options.seed),
      noise_(options.seed ^ 0x6e6f697365ULL),
      damage_(options.seed ^ 0x64616d616765ULL),
      repeats_(options.seed ^ 0x726570656174ULL) {
  if (options_.duplicate_share > 0) recent_.reserve(kRecent);
}

GeneratedCampaign CampaignGenerator::Next() {
  if (options_.duplicate_share == 0) return Draw();
  if (!recent_.empty() && repeats_.Uniform() < options_.duplicate_share) return recent_[repeats_.Below(recent_.size())];
  const GeneratedCampaign campaign = Draw();
  if (recent_.size() < kRecent) {
    recent_.push_back(campaign);
  } else {
    recent_[drawn_ % kRecent] = campaign;
  }
  ++drawn_;
  return campaign;
}

GeneratedCampaign CampaignGenerator::Draw() {
  GeneratedCampaign campaign;
  DrawBehaviour(features_, campaign);
  DrawProduct(features_, campaign);
  DrawAd(features_, campaign);
  campaign.true_roi = ExpectedRoi(campaign);
  const double sigma = options_.noise;
  const double factor = sigma == 0 ? 1.0 : std::exp(sigma * noise_.Normal() - 0.5 * sigma * sigma);
  campaign.revenue = Round((1.0 + campaign.true_roi) * campaign.spend * factor, 100);
  Damage(campaign);
  return campaign;
}

void CampaignGenerator::Damage(GeneratedCampaign& campaign) {
  if (options_.outlier_share > 0 && damage_.Uniform() < options_.outlier_share) {
    const NumericField& field = kDamageable[damage_.Below(std::size(kDamageable))];
    campaign.*field.value = Round(campaign.*field.value * damage_.Uniform(20, 200), 1);
  }
  if (options_.missing_share == 0) return;
  for (size_t i = 0; i < kCampaignFeatureCount; ++i) {
    if (i != kSpendFeature && damage_.Uniform() < options_.missing_share) campaign.missing |= 1u << i;
  }
}

}  // namespace roicast::client
