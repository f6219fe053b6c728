#include "model/decision/split_outcome.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/status_macros.h"
#include "model/decision/filled_errors.h"
#include "model/features/word_ranges.h"
#include "model/uncertainty/conformal.h"

namespace roicast {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kMarginalShare = 0.01;  // of the spend, to both sides

struct Sides {
  int64_t below, above;
};

// Between which amounts the marginal ROI is measured.
Sides SidesOf(const ResolvedCampaign& campaign, int64_t units) {
  if (units == 0) return {0, campaign.min > 0 ? campaign.min : campaign.Allowed(std::max<int64_t>(1, campaign.step))};
  const auto share = static_cast<int64_t>(std::llround(kMarginalShare * static_cast<double>(units)));
  const int64_t step = campaign.step > 0 ? campaign.step : std::max<int64_t>(1, share);
  // Neither beyond the limits, unless the amount is there already.
  const int64_t low = std::min(campaign.min, units), high = std::max(campaign.max, units);
  Sides sides = {std::max(low, units - step), std::min(high, units + step)};
  if (sides.below == sides.above) sides = {std::max<int64_t>(0, units - step), units + step};
  return sides;
}

absl::Status FillMarginals(const OutcomeTable& outcomes, const ResolvedBudget& budget,
                           const std::vector<int64_t>& units, BudgetSplit& split, const StopCheck& stop) {
  Amounts amounts;
  for (size_t c = 0; c < units.size(); ++c) {
    const Sides sides = SidesOf(budget.campaigns[c], units[c]);
    amounts.Add(static_cast<int32_t>(c), sides.below);
    amounts.Add(static_cast<int32_t>(c), sides.above);
  }
  std::vector<double> roi, value;
  ROICAST_RETURN_IF_ERROR(outcomes.Fill(amounts, roi, value, stop));
  for (size_t c = 0; c < units.size(); ++c) {
    const auto profit = [&](size_t i) {
      const double counted = outcomes.LiftedRoi(amounts.campaign[i], roi[i]);
      return amounts.units[i] == 0 ? 0.0 : counted * budget.unit.ToMoney(amounts.units[i]);
    };
    const size_t i = 2 * c;
    const double spends = budget.unit.ToMoney(amounts.units[i + 1]) - budget.unit.ToMoney(amounts.units[i]);
    split.campaigns[c].marginal_roi = spends > 0.0 ? (profit(i + 1) - profit(i)) / spends : kNone;
  }
  return absl::OkStatus();
}

// Widens the intervals of campaigns with values that were filled in. spent: those that get something.
absl::Status AddFilledErrors(const MoneyModel& money, const OutcomeTable& outcomes, const std::vector<size_t>& spent,
                             double level, BudgetSplit& split, const StopCheck& stop) {
  const double quantile = NormalQuantile(0.5 + 0.5 * level);
  std::vector<VariedRow> varied;
  for (const size_t c : spent) {
    varied.push_back({outcomes.Row(static_cast<int32_t>(c)), static_cast<float>(split.campaigns[c].spend)});
  }
  ROICAST_ASSIGN_OR_RETURN(const FilledErrors errors, FilledRoiErrorsOf(money, varied, quantile, stop));
  for (size_t i = 0; i < errors.below.size(); ++i) {
    SpentCampaign& campaign = split.campaigns[spent[i]];
    campaign.roi_low = LowWith(campaign.roi, campaign.roi_low, errors.below[i], LowestRoi(*money.model().facts));
    campaign.roi_high = HighWith(campaign.roi, campaign.roi_high, errors.above[i]);
    if (money.model().facts->moves.UnknownLevel(varied[i].row) == 0.0) continue;
    campaign.unknown_level_error = (errors.below[i] + errors.above[i]) / (2.0 * quantile);
  }
  return absl::OkStatus();
}

}  // namespace

Promise SumOfPromises(const std::vector<SpentCampaign>& campaigns, double spend) {
  Promise promise;
  promise.spend = spend;
  for (const SpentCampaign& campaign : campaigns) {
    promise.revenue += campaign.revenue;
    promise.profit += campaign.profit;
    promise.lifted_revenue += campaign.lifted_revenue;
    promise.lifted_profit += campaign.lifted_profit;
    promise.lifted = promise.lifted || campaign.lift_tests > 0;
  }
  promise.roi = spend > 0.0 ? promise.profit / spend : kNone;
  promise.corrected_revenue = promise.lifted_revenue;
  promise.corrected_profit = promise.lifted_profit;
  promise.corrected_roi = spend > 0.0 ? promise.lifted_profit / spend : kNone;
  promise.expected_low = promise.expected_high = promise.low = promise.high = kNone;
  return promise;
}

absl::StatusOr<BudgetSplit> DescribeSplit(const MoneyModel& money, const OutcomeTable& outcomes,
                                          const ResolvedBudget& budget, const std::vector<int64_t>& units,
                                          const Uncertainty::Question* intervals, bool marginals,
                                          const StopCheck& stop) {
  const auto features = static_cast<size_t>(money.schema().size());
  BudgetSplit split;
  split.campaigns.resize(units.size());
  split.allowed = budget.Allows(units);
  std::vector<size_t> spent;
  for (size_t c = 0; c < units.size(); ++c) {
    if (units[c] > 0) spent.push_back(c);
  }
  std::vector<float> rows(spent.size() * features);
  for (size_t i = 0; i < spent.size(); ++i) {
    outcomes.FillRow(static_cast<int32_t>(spent[i]), units[spent[i]], rows.data() + i * features);
  }
  const size_t bounds = intervals == nullptr ? 0 : spent.size();
  std::vector<double> roi(spent.size()), low(bounds), high(bounds);
  std::vector<uint8_t> flags(spent.size());
  ROICAST_RETURN_IF_ERROR(money.Evaluate(
      rows, intervals, {absl::MakeSpan(roi), absl::MakeSpan(low), absl::MakeSpan(high), absl::MakeSpan(flags)}, stop));
  for (size_t c = 0; c < units.size(); ++c) {
    SpentCampaign& campaign = split.campaigns[c];
    campaign.roi = campaign.roi_low = campaign.roi_high = kNone;
    campaign.lift_tests = outcomes.lift(static_cast<int32_t>(c)).tests;
  }
  for (size_t i = 0; i < spent.size(); ++i) {
    SpentCampaign& campaign = split.campaigns[spent[i]];
    campaign.spend = budget.unit.ToMoney(units[spent[i]]);
    campaign.roi = roi[i];
    if (bounds > 0) {
      campaign.roi_low = low[i];
      campaign.roi_high = high[i];
    }
    campaign.revenue = (1.0 + roi[i]) * campaign.spend;
    campaign.profit = roi[i] * campaign.spend;
    for (const int feature : money.MovingFeatures()) {
      campaign.moved.push_back(rows[i * features + static_cast<size_t>(feature)]);
    }
    const auto index = static_cast<int32_t>(spent[i]);
    const double lifted = outcomes.LiftedRoi(index, roi[i]);
    campaign.lifted_revenue = (1.0 + lifted) * campaign.spend;
    campaign.lifted_profit = lifted * campaign.spend;
    const float* const row = rows.data() + i * features;
    const auto amount = static_cast<float>(campaign.spend);
    campaign.outside = IsOutside(money.spend(), row, amount);
    if (const WordRange* broken = BrokenWordRange(money.spend(), row, amount)) campaign.outside_of = *broken;
    if (flags[i] == 0) continue;
    std::vector<RowWarning> warnings;
    ROICAST_RETURN_IF_ERROR(money.model().predictor->Explain(rows.data() + i * features, warnings));
    campaign.warning = std::any_of(warnings.begin(), warnings.end(),
                                   [&](const RowWarning& warning) { return warning.feature != money.spend_feature(); });
  }
  if (bounds > 0) {
    ROICAST_RETURN_IF_ERROR(AddFilledErrors(money, outcomes, spent, intervals->level, split, stop));
  }
  if (marginals) ROICAST_RETURN_IF_ERROR(FillMarginals(outcomes, budget, units, split, stop));
  split.promise = SumOfPromises(split.campaigns, budget.unit.ToMoney(SumOfUnits(units)));
  return split;
}

std::vector<int64_t> EvenSplit(const ResolvedBudget& budget, int64_t total) {
  std::vector<int64_t> units(budget.campaigns.size());
  const auto fill = [&](int64_t each) {
    int64_t sum = 0;
    for (size_t c = 0; c < units.size(); ++c) sum += units[c] = budget.campaigns[c].Allowed(each);
    return sum;
  };
  int64_t low = 0, high = 0;
  for (const ResolvedCampaign& campaign : budget.campaigns) high = std::max(high, campaign.max);
  // The highest amount that is affordable for each.
  while (low < high) {
    const int64_t middle = low + (high - low + 1) / 2;
    if (fill(middle) <= total) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  int64_t left = total - fill(low);
  // A unit (a step) more for the first ones, as long as there are any left.
  for (size_t c = 0; c < units.size() && left > 0; ++c) {
    const ResolvedCampaign& campaign = budget.campaigns[c];
    const int64_t more = campaign.Allowed(units[c] + std::max<int64_t>(1, campaign.step));
    if (units[c] < campaign.min || more <= units[c] || more - units[c] > left) continue;
    left -= more - units[c];
    units[c] = more;
  }
  return units;
}

}  // namespace roicast
