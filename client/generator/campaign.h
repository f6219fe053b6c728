// One campaign of the default schema with its outcome.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace roicast::client {

// The vocabularies of the generated campaigns. A campaign holds indices into them.
inline constexpr std::array<absl::string_view, 8> kProductCategories = {"electronics", "fashion", "home",    "beauty",
                                                                        "sports",      "toys",    "grocery", "books"};
inline constexpr std::array<absl::string_view, 6> kChannels = {"search", "social", "display",
                                                               "video",  "email",  "affiliate"};
inline constexpr std::array<absl::string_view, 8> kRegions = {"north_america",  "latin_america", "western_europe",
                                                              "eastern_europe", "middle_east",   "africa",
                                                              "south_asia",     "asia_pacific"};
inline constexpr std::array<absl::string_view, 3> kDevices = {"mobile", "desktop", "tablet"};

inline constexpr size_t kCampaignFeatureCount = 20;

// The columns of the default schema, in its order.
inline constexpr std::array<absl::string_view, kCampaignFeatureCount> kCampaignFeatures = {"avg_session_seconds",
                                                                                           "page_views_per_user",
                                                                                           "add_to_cart_rate",
                                                                                           "purchases_per_user_90d",
                                                                                           "days_since_last_purchase",
                                                                                           "avg_user_rating",
                                                                                           "product_category",
                                                                                           "price",
                                                                                           "units_sold_30d",
                                                                                           "product_rating",
                                                                                           "review_count",
                                                                                           "discount_rate",
                                                                                           "gross_margin_rate",
                                                                                           "channel",
                                                                                           "spend",
                                                                                           "duration_days",
                                                                                           "region",
                                                                                           "audience_size",
                                                                                           "device",
                                                                                           "start_time"};

// Units and ranges are those of roicast.v1.Campaign.
struct GeneratedCampaign {
  double avg_session_seconds = 0;
  double page_views_per_user = 0;
  double add_to_cart_rate = 0;
  double purchases_per_user_90d = 0;
  double days_since_last_purchase = 0;
  double avg_user_rating = 0;
  size_t product_category = 0;
  double price = 0;
  double units_sold_30d = 0;
  double product_rating = 0;
  double review_count = 0;
  double discount_rate = 0;
  double gross_margin_rate = 0;
  size_t channel = 0;
  double spend = 0;
  double duration_days = 0;
  size_t region = 0;
  double audience_size = 0;
  size_t device = 0;
  // Seconds since 1970-01-01T00:00:00Z; whole hours.
  int64_t start_time = 0;

  // Includes noise.
  double revenue = 0;
  // E[ROI | features], what a perfect model would predict; from the features before any damage.
  double true_roi = 0;
  // Bit i is set if feature i (order of kCampaignFeatures) is missing.
  uint32_t missing = 0;
};

}  // namespace roicast::client
