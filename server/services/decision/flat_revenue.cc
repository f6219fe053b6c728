#include "server/services/decision/flat_revenue.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/decision/money_number.h"
#include "model/explanation/background.h"
#include "server/services/decision/decision_call.h"

namespace roicast {
namespace {

constexpr double kFlat = 0.05;
constexpr size_t kMostRowsAsked = 16;
// Of typical rows; fewer tell no range.
constexpr size_t kFewestTypical = 10;

struct SpendRange {
  float low = 0, high = 0;
};

SpendRange UsualSpends(const ServedModel& model, const MoneyModel& money) {
  const auto width = static_cast<size_t>(model.schema().size());
  std::vector<float> spends;
  const std::optional<Background>& typical = model.decisions().background;
  if (typical.has_value()) {
    for (size_t at = static_cast<size_t>(money.spend_feature()); at < typical->rows.size(); at += width) {
      if (typical->rows[at] > 0) spends.push_back(typical->rows[at]);
    }
  }
  if (spends.size() < kFewestTypical) {
    return {static_cast<float>(money.spend().seen_min), static_cast<float>(money.spend().seen_max)};
  }
  std::sort(spends.begin(), spends.end());
  return {spends[spends.size() / 10], spends[spends.size() - 1 - spends.size() / 10]};
}

// Per cent of revenue for a per cent of spend between the ends of the range, of the median row; nullopt: no row tells.
absl::StatusOr<std::optional<double>> Elasticity(const MoneyModel& money, const SpendRange& range,
                                                 absl::Span<const float> rows, const StopCheck& stop) {
  const auto width = static_cast<size_t>(money.schema().size());
  const size_t count = rows.size() / width, step = (count + kMostRowsAsked - 1) / kMostRowsAsked;
  std::vector<float> asked;
  for (size_t row = 0; row < count; row += step) {
    for (const float spend : {range.low, range.high}) {
      const absl::Span<const float> values = rows.subspan(row * width, width);
      asked.insert(asked.end(), values.begin(), values.end());
      money.SetSpend(spend, asked.data() + asked.size() - width);
    }
  }
  std::vector<double> roi(asked.size() / width);
  ROICAST_RETURN_IF_ERROR(money.Evaluate(asked, nullptr, {absl::MakeSpan(roi), {}, {}, {}}, stop));
  std::vector<double> elasticities;
  for (size_t i = 0; i + 1 < roi.size(); i += 2) {
    const double low = (1.0 + roi[i]) * range.low, high = (1.0 + roi[i + 1]) * range.high;
    if (low > 0.0 && high > 0.0) elasticities.push_back(std::log(high / low) / std::log(range.high / range.low));
  }
  if (elasticities.empty()) return std::optional<double>();
  const auto middle = elasticities.begin() + static_cast<std::ptrdiff_t>(elasticities.size() / 2);
  std::nth_element(elasticities.begin(), middle, elasticities.end());
  return std::optional(*middle);
}

}  // namespace

absl::Status AddFlatRevenueCaveat(const ServedModel& model, const MoneyModel& money, absl::Span<const float> rows,
                                  const StopCheck& stop, google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  const SpendRange range = UsualSpends(model, money);
  if (!(range.low > 0) || !(range.high > 1.2f * range.low)) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(const std::optional<double> elasticity, Elasticity(money, range, rows, stop));
  if (!elasticity.has_value() || *elasticity >= kFlat) return absl::OkStatus();
  // Adding 0 makes −0 of it 0.
  AddCaveat(caveats, "flat_revenue",
            absl::StrCat("by the model, revenue hardly depends on \"", money.spend().name, "\": from ",
                         MoneyNumber(range.low), " to ", MoneyNumber(range.high), ", 1 % more of it brings ",
                         absl::StrFormat("%.2f", std::round(100.0 * *elasticity) / 100.0 + 0.0),
                         " % more. Each ROI is then the same revenue divided by the spend, and that a plan cuts the "
                         "spend is no finding: revenue may come later, or without it"));
  return absl::OkStatus();
}

}  // namespace roicast
