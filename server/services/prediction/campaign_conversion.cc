#include "server/services/prediction/campaign_conversion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "server/services/allowed_time.h"
#include "server/services/prediction/model_binding.h"

namespace roicast {
namespace {

using v1::Campaign;

struct NumericField {
  const char* name;
  bool (Campaign::*has)() const;
  double (Campaign::*get)() const;
};
struct CategoricalField {
  const char* name;
  bool (Campaign::*has)() const;
  const std::string& (Campaign::*get)() const;
};

#define ROICAST_FIELD(name) \
  { #name, &Campaign::has_##name, &Campaign::name }
constexpr NumericField kNumericFields[] = {ROICAST_FIELD(avg_session_seconds),
                                           ROICAST_FIELD(page_views_per_user),
                                           ROICAST_FIELD(add_to_cart_rate),
                                           ROICAST_FIELD(purchases_per_user_90d),
                                           ROICAST_FIELD(days_since_last_purchase),
                                           ROICAST_FIELD(avg_user_rating),
                                           ROICAST_FIELD(price),
                                           ROICAST_FIELD(units_sold_30d),
                                           ROICAST_FIELD(product_rating),
                                           ROICAST_FIELD(review_count),
                                           ROICAST_FIELD(discount_rate),
                                           ROICAST_FIELD(gross_margin_rate),
                                           ROICAST_FIELD(spend),
                                           ROICAST_FIELD(duration_days),
                                           ROICAST_FIELD(audience_size)};
constexpr CategoricalField kCategoricalFields[] = {ROICAST_FIELD(product_category), ROICAST_FIELD(channel),
                                                   ROICAST_FIELD(region), ROICAST_FIELD(device)};
#undef ROICAST_FIELD

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
  const std::string expected =
      std::isfinite(value) ? AllowedRange(feature) : "a finite number (omit the field if it is unknown)";
  return absl::InvalidArgumentError(absl::StrCat(feature.name, ": expected ", expected, ", got ", value));
}

// Finite values beyond float32 stay finite: a predictor clips them anyway.
float ToFloat(double value) {
  constexpr double kMax = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kMax, kMax));
}

}  // namespace

absl::Status CampaignToRow(const Campaign& campaign, const ServedModel& model, float* row) {
  const Binding& binding = CampaignBinding();
  const std::vector<int>& features = ModelBinding::Of(model).campaign_features();
  std::fill_n(row, model.schema().size(), std::numeric_limits<float>::quiet_NaN());
  for (size_t i = 0; i < std::size(kNumericFields); ++i) {
    const NumericField& field = kNumericFields[i];
    if (!(campaign.*field.has)()) continue;
    const double value = (campaign.*field.get)();
    const Binding::Numeric& numeric = binding.numeric[i];
    if (!numeric.feature->Allows(value) || !std::isfinite(value)) return Refused(*numeric.feature, value);
    if (const int feature = features[numeric.index]; feature >= 0) row[feature] = ToFloat(value);
  }
  for (size_t i = 0; i < std::size(kCategoricalFields); ++i) {
    const CategoricalField& field = kCategoricalFields[i];
    if (!(campaign.*field.has)()) continue;
    const int feature = features[binding.categorical[i]];
    if (feature >= 0) row[feature] = model.CategoryCode(feature, (campaign.*field.get)());
  }
  if (campaign.has_start_time()) {
    const auto& start = campaign.start_time();
    if (!IsAllowedTime(start.seconds()) || start.nanos() < 0 || start.nanos() > 999999999) {
      return absl::InvalidArgumentError(absl::StrCat("start_time: expected ", kAllowedTimeRule, ", got ",
                                                     start.seconds(), " s and ", start.nanos(), " ns since 1970"));
    }
    if (const int feature = features[binding.start_time]; feature >= 0) row[feature] = HoursSinceEpoch(start.seconds());
  }
  return absl::OkStatus();
}

}  // namespace roicast
