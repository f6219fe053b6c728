#include "server/services/prediction/campaign_fields.h"

#include <utility>

#include "server/services/prediction/wire_reader.h"

namespace roicast {
namespace {

using v1::Campaign;

// Types of the wire format.
constexpr uint32_t kFixed64 = 1;
constexpr uint32_t kLengthDelimited = 2;

constexpr uint32_t Bit(int field) { return uint32_t{1} << field; }
constexpr uint32_t kWords = Bit(Campaign::kProductCategoryFieldNumber) | Bit(Campaign::kChannelFieldNumber) |
                            Bit(Campaign::kRegionFieldNumber) | Bit(Campaign::kDeviceFieldNumber);

}  // namespace

bool ParseTimestamp(absl::string_view bytes, int64_t* seconds, int32_t* nanos) {
  WireReader reader(bytes);
  bool has_seconds = false;
  bool has_nanos = false;
  *seconds = 0;
  *nanos = 0;
  while (!reader.done()) {
    uint32_t tag = 0;
    int64_t number = 0;
    if (!reader.Tag(&tag) || !reader.Int64(&number)) return false;
    if (tag == google::protobuf::Timestamp::kSecondsFieldNumber << 3 && !std::exchange(has_seconds, true)) {
      *seconds = number;
    } else if (tag == google::protobuf::Timestamp::kNanosFieldNumber << 3 && !std::exchange(has_nanos, true)) {
      *nanos = static_cast<int32_t>(number);
    } else {
      return false;
    }
  }
  return true;
}

bool ParseCampaign(absl::string_view bytes, CampaignFields* fields) {
  WireReader reader(bytes);
  fields->set = 0;
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag)) return false;
    const uint32_t field = tag >> 3;
    if (field >= CampaignFields::kSize) {
      // Of a later release.
      if (!reader.Skip(tag)) return false;
      continue;
    }
    if (field == 0 || (fields->set >> field & 1) != 0) return false;
    fields->set |= uint32_t{1} << field;
    if ((tag & 7) == kFixed64) {
      if ((kWords >> field & 1) != 0 || field == Campaign::kStartTimeFieldNumber ||
          !reader.Double(&fields->numbers[field])) {
        return false;
      }
    } else if ((tag & 7) == kLengthDelimited && (kWords >> field & 1) != 0) {
      if (!reader.String(&fields->words[field])) return false;
    } else if (tag == (Campaign::kStartTimeFieldNumber << 3 | kLengthDelimited)) {
      absl::string_view time;
      if (!reader.Bytes(&time) || !ParseTimestamp(time, &fields->seconds, &fields->nanos)) return false;
    } else {
      return false;
    }
  }
  return true;
}

CampaignFields FieldsOf(const v1::Campaign& campaign) {
  CampaignFields fields;
#define ROICAST_FIELD(array, name, Name)                            \
  if (campaign.has_##name()) {                                      \
    fields.set |= Bit(Campaign::k##Name##FieldNumber);              \
    fields.array[Campaign::k##Name##FieldNumber] = campaign.name(); \
  }
  ROICAST_FIELD(numbers, avg_session_seconds, AvgSessionSeconds)
  ROICAST_FIELD(numbers, page_views_per_user, PageViewsPerUser)
  ROICAST_FIELD(numbers, add_to_cart_rate, AddToCartRate)
  ROICAST_FIELD(numbers, purchases_per_user_90d, PurchasesPerUser90D)
  ROICAST_FIELD(numbers, days_since_last_purchase, DaysSinceLastPurchase)
  ROICAST_FIELD(numbers, avg_user_rating, AvgUserRating)
  ROICAST_FIELD(words, product_category, ProductCategory)
  ROICAST_FIELD(numbers, price, Price)
  ROICAST_FIELD(numbers, units_sold_30d, UnitsSold30D)
  ROICAST_FIELD(numbers, product_rating, ProductRating)
  ROICAST_FIELD(numbers, review_count, ReviewCount)
  ROICAST_FIELD(numbers, discount_rate, DiscountRate)
  ROICAST_FIELD(numbers, gross_margin_rate, GrossMarginRate)
  ROICAST_FIELD(words, channel, Channel)
  ROICAST_FIELD(numbers, spend, Spend)
  ROICAST_FIELD(numbers, duration_days, DurationDays)
  ROICAST_FIELD(words, region, Region)
  ROICAST_FIELD(numbers, audience_size, AudienceSize)
  ROICAST_FIELD(words, device, Device)
#undef ROICAST_FIELD
  if (campaign.has_start_time()) {
    fields.set |= Bit(Campaign::kStartTimeFieldNumber);
    fields.seconds = campaign.start_time().seconds();
    fields.nanos = campaign.start_time().nanos();
  }
  return fields;
}

}  // namespace roicast
