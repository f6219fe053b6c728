#include "server/services/prediction/campaign_conversion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "model/features/preprocessor.h"
#include "server/services/allowed_time.h"
#include "server/services/prediction/model_binding.h"

namespace roicast {
namespace {

using v1::Campaign;

struct Field {
  const char* name;
  int number;
};

constexpr Field kNumericFields[] = {
    {"avg_session_seconds", Campaign::kAvgSessionSecondsFieldNumber},
    {"page_views_per_user", Campaign::kPageViewsPerUserFieldNumber},
    {"add_to_cart_rate", Campaign::kAddToCartRateFieldNumber},
    {"purchases_per_user_90d", Campaign::kPurchasesPerUser90DFieldNumber},
    {"days_since_last_purchase", Campaign::kDaysSinceLastPurchaseFieldNumber},
    {"avg_user_rating", Campaign::kAvgUserRatingFieldNumber},
    {"price", Campaign::kPriceFieldNumber},
    {"units_sold_30d", Campaign::kUnitsSold30DFieldNumber},
    {"product_rating", Campaign::kProductRatingFieldNumber},
    {"review_count", Campaign::kReviewCountFieldNumber},
    {"discount_rate", Campaign::kDiscountRateFieldNumber},
    {"gross_margin_rate", Campaign::kGrossMarginRateFieldNumber},
    {"spend", Campaign::kSpendFieldNumber},
    {"duration_days", Campaign::kDurationDaysFieldNumber},
    {"audience_size", Campaign::kAudienceSizeFieldNumber},
};
constexpr Field kCategoricalFields[] = {
    {"product_category", Campaign::kProductCategoryFieldNumber},
    {"channel", Campaign::kChannelFieldNumber},
    {"region", Campaign::kRegionFieldNumber},
    {"device", Campaign::kDeviceFieldNumber},
};

// Where each field is in CampaignSchema(), and what it allows.
struct Binding {
  struct Numeric {
    size_t index;
    const Feature* feature;
  };
  std::array<Numeric, std::size(kNumericFields)> numeric;
  std::array<size_t, std::size(kCategoricalFields)> categorical;
  size_t start_time;
};

size_t IndexInCampaignSchema(absl::string_view name) {
  const int index = CampaignSchema().IndexOf(name);
  ROICAST_CHECK(index >= 0);
  return static_cast<size_t>(index);
}

const Binding& CampaignBinding() {
  static const Binding* const binding = [] {
    auto* const made = new Binding();
    for (size_t i = 0; i < std::size(kNumericFields); ++i) {
      const size_t index = IndexInCampaignSchema(kNumericFields[i].name);
      made->numeric[i] = {index, &CampaignSchema().features[index]};
    }
    for (size_t i = 0; i < std::size(kCategoricalFields); ++i) {
      made->categorical[i] = IndexInCampaignSchema(kCategoricalFields[i].name);
    }
    made->start_time = IndexInCampaignSchema("start_time");
    return made;
  }();
  return *binding;
}

absl::Status Refused(const Feature& feature, double value) {
  std::string expected = AllowedRange(feature);
  if (std::isinf(static_cast<float>(value))) expected = "a number within float32's range";
  if (!std::isfinite(value)) expected = "a finite number (omit the field if it is unknown)";
  return absl::InvalidArgumentError(absl::StrCat(feature.name, ": expected ", expected, ", got ", value));
}

// As every form of a row has it: what counts is the value rounded to float32, which is too large from 3.4e38 on, and 0
// for what is as good as nothing.
bool IsRefused(const Feature& feature, float value) {
  const RawValue kind = ClassifyRawValue(feature, value);
  return kind != RawValue::kUsual && kind != RawValue::kOutOfRange;
}

}  // namespace

absl::Status CampaignToRow(const CampaignFields& campaign, const ServedModel& model, float* row) {
  const Binding& binding = CampaignBinding();
  const std::vector<int>& features = ModelBinding::Of(model).campaign_features();
  std::fill_n(row, model.schema().size(), std::numeric_limits<float>::quiet_NaN());
  for (size_t i = 0; i < std::size(kNumericFields); ++i) {
    const int field = kNumericFields[i].number;
    if (!campaign.has(field)) continue;
    const double value = campaign.numbers[static_cast<size_t>(field)];
    const Binding::Numeric& numeric = binding.numeric[i];
    const float rounded = static_cast<float>(value);
    if (IsRefused(*numeric.feature, rounded)) return Refused(*numeric.feature, value);
    if (const int feature = features[numeric.index]; feature >= 0) row[feature] = rounded;
  }
  for (size_t i = 0; i < std::size(kCategoricalFields); ++i) {
    const int field = kCategoricalFields[i].number;
    if (!campaign.has(field)) continue;
    const int feature = features[binding.categorical[i]];
    if (feature >= 0) row[feature] = model.CategoryCode(feature, campaign.words[static_cast<size_t>(field)]);
  }
  if (campaign.has(Campaign::kStartTimeFieldNumber)) {
    if (!IsAllowedTime(campaign.seconds) || campaign.nanos < 0 || campaign.nanos > 999999999) {
      return absl::InvalidArgumentError(absl::StrCat("start_time: expected ", kAllowedTimeRule, ", got ",
                                                     campaign.seconds, " s and ", campaign.nanos, " ns since 1970"));
    }
    if (const int feature = features[binding.start_time]; feature >= 0)
      row[feature] = HoursSinceEpoch(campaign.seconds);
  }
  return absl::OkStatus();
}

}  // namespace roicast
