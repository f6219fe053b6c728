#include "client/generator/campaign_csv.h"

#include <charconv>
#include <cmath>

#include "base/tables/time_form.h"

namespace roicast::client {
namespace {

// Formats cells itself: general number formatting would take most of the generator's time, and no cell needs quotes.
class RowWriter {
 public:
  RowWriter(uint32_t missing, std::string* out) : missing_(missing), out_(out) {}

  void Word(absl::string_view word) {
    if (Begin()) out_->append(word.data(), word.size());
  }

  // At most `decimals` decimals, without trailing zeros.
  void Fixed(double value, int decimals) {
    if (!Begin()) return;
    static constexpr int64_t kPower[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};
    int64_t scaled = std::llround(value * static_cast<double>(kPower[decimals]));
    if (scaled < 0) {
      out_->push_back('-');
      scaled = -scaled;
    }
    char digits[24];
    const std::to_chars_result whole = std::to_chars(digits, digits + sizeof(digits), scaled / kPower[decimals]);
    out_->append(digits, whole.ptr);
    int64_t rest = scaled % kPower[decimals];
    if (rest == 0) return;
    out_->push_back('.');
    for (int i = decimals - 1; i >= 0 && rest > 0; --i) {
      out_->push_back(static_cast<char>('0' + rest / kPower[i]));
      rest %= kPower[i];
    }
  }

  void Time(int64_t unix_seconds) {
    if (Begin()) AppendTime(unix_seconds, out_);
  }

 private:
  // Returns false if the cell stays empty.
  bool Begin() {
    if (cell_ > 0) out_->push_back(',');
    return (missing_ >> cell_++ & 1u) == 0;
  }

  uint32_t missing_;
  std::string* out_;
  int cell_ = 0;
};

}  // namespace

void AppendCampaignHeader(bool with_true_roi, std::string* out) {
  for (const absl::string_view name : kCampaignFeatures) {
    out->append(name.data(), name.size());
    out->push_back(',');
  }
  out->append(with_true_roi ? "revenue,true_roi\n" : "revenue\n");
}

void AppendCampaignRow(const GeneratedCampaign& c, bool with_true_roi, std::string* out) {
  RowWriter row(c.missing, out);
  row.Fixed(c.avg_session_seconds, 1);
  row.Fixed(c.page_views_per_user, 2);
  row.Fixed(c.add_to_cart_rate, 4);
  row.Fixed(c.purchases_per_user_90d, 2);
  row.Fixed(c.days_since_last_purchase, 1);
  row.Fixed(c.avg_user_rating, 2);
  row.Word(kProductCategories[c.product_category]);
  row.Fixed(c.price, 2);
  row.Fixed(c.units_sold_30d, 0);
  row.Fixed(c.product_rating, 2);
  row.Fixed(c.review_count, 0);
  row.Fixed(c.discount_rate, 2);
  row.Fixed(c.gross_margin_rate, 3);
  row.Word(kChannels[c.channel]);
  row.Fixed(c.spend, 2);
  row.Fixed(c.duration_days, 0);
  row.Word(kRegions[c.region]);
  row.Fixed(c.audience_size, 0);
  row.Word(kDevices[c.device]);
  row.Time(c.start_time);
  row.Fixed(c.revenue, 2);
  if (with_true_roi) row.Fixed(c.true_roi, 6);
  out->push_back('\n');
}

}  // namespace roicast::client
