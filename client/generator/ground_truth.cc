#include "client/generator/ground_truth.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace roicast::client {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr double kScale = 1.6;

// By channel: search, social, display, video, email, affiliate.
// Spend per person reached and 30 days at which revenue reaches half of its maximum.
constexpr std::array<double, 6> kHalfSaturation = {0.160, 0.120, 0.070, 0.095, 0.050, 0.105};

// Channel (row) × product category (column: electronics, fashion, home, beauty, sports, toys, grocery,
// books), in log(1 + ROI).
constexpr double kChannelCategory[6][8] = {
    {0.27, -0.06, 0.14, -0.13, 0.08, 0.02, -0.16, 0.19},     // search
    {-0.14, 0.29, 0.03, 0.32, 0.13, 0.06, -0.08, -0.19},     // social
    {-0.08, -0.03, 0.08, -0.11, -0.16, 0.00, -0.06, -0.22},  // display
    {0.11, 0.05, -0.10, 0.16, 0.21, 0.24, -0.19, -0.14},     // video
    {-0.10, 0.11, 0.02, 0.06, -0.05, -0.11, 0.26, 0.29},     // email
    {0.16, -0.10, -0.05, 0.02, 0.00, -0.18, -0.21, 0.05},    // affiliate
};

// By region, in log(1 + ROI).
constexpr std::array<double, 8> kRegion = {0.16, -0.10, 0.12, -0.04, 0.02, -0.22, -0.12, 0.18};

// By product category.
constexpr std::array<double, 8> kTypicalPrice = {240, 55, 90, 32, 70, 28, 14, 18};
constexpr std::array<double, 8> kSeasonAmplitude = {0.10, 0.12, 0.06, 0.05, 0.20, 0.26, 0.03, 0.08};
constexpr std::array<double, 8> kSeasonPeakMonth = {12, 10, 4, 5, 6, 12, 12, 9};
// How strongly demand responds to a discount.
constexpr std::array<double, 8> kDiscountResponse = {2.6, 3.2, 2.0, 2.2, 2.4, 2.8, 1.2, 1.6};

// Device (mobile, desktop, tablet) on working days and at weekends, in log(1 + ROI).
constexpr double kDeviceWeekend[3][2] = {{-0.04, 0.16}, {0.14, -0.20}, {-0.08, 0.06}};

// Hill curve with exponent 1, per unit of spend: the return of the average unit relative to the first; ½ at half
// saturation.
double Saturation(const GeneratedCampaign& c) {
  const double months = std::sqrt(c.duration_days / 30.0);
  const double capacity = kHalfSaturation[c.channel] * c.audience_size * months;
  return capacity / (capacity + c.spend);
}

double TimeEffects(const GeneratedCampaign& c) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds(c.start_time)});
  const bool weekend = std::chrono::weekday(day).iso_encoding() >= 6;  // Saturday, Sunday
  const int month = static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(day).month()));
  const double season =
      kSeasonAmplitude[c.product_category] * std::cos(kTwoPi * (month - kSeasonPeakMonth[c.product_category]) / 12.0);
  return season + kDeviceWeekend[c.device][weekend ? 1 : 0];
}

double BehaviourEffects(const GeneratedCampaign& c) {
  const double intent = 0.34 * std::log(c.add_to_cart_rate / 0.08);
  const double engagement =
      0.16 * std::tanh((std::log(c.avg_session_seconds / 160.0) + std::log(c.page_views_per_user / 4.0)) / 1.2);
  const double loyalty = 0.22 * std::log1p(c.purchases_per_user_90d) * std::exp(-c.days_since_last_purchase / 60.0);
  const double mood = 0.06 * (c.avg_user_rating - 3.8);
  return intent + engagement + loyalty + mood;
}

double ProductEffects(const GeneratedCampaign& c) {
  const double price = std::log(c.price / kTypicalPrice[c.product_category]);
  const double trust = 0.22 * std::tanh((c.product_rating - 4.0) / 0.5) * (1.0 - std::exp(-c.review_count / 250.0));
  const double proof = 0.05 * std::log1p(c.units_sold_30d / 800.0);
  // More units sold at a lower price each; the best discount depends on the category.
  const double discount =
      std::log1p(-c.discount_rate) + kDiscountResponse[c.product_category] * c.discount_rate * (1.0 - c.discount_rate);
  // High margins pay for better offers around the product.
  const double margin = 0.35 * (c.gross_margin_rate - 0.42);
  return -0.10 * price * price + trust + proof + discount + margin;
}

}  // namespace

double ExpectedRoi(const GeneratedCampaign& c) {
  const double effects = kChannelCategory[c.channel][c.product_category] + kRegion[c.region] + TimeEffects(c) +
                         BehaviourEffects(c) + ProductEffects(c);
  return kScale * Saturation(c) * std::exp(effects) - 1.0;
}

}  // namespace roicast::client
