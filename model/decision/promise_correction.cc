#include "model/decision/promise_correction.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "base/status_macros.h"
#include "model/decision/alike_rows.h"
#include "model/decision/envelope.h"
#include "model/uncertainty/conformal.h"

namespace roicast {
namespace {

constexpr double kUnknownProfit = std::numeric_limits<double>::quiet_NaN();
constexpr uint64_t kSeed = 20'240'501;
constexpr int64_t kWorkOfAll = 1'500'000;  // levels times draws
constexpr int64_t kFewestDraws = 8, kMostDraws = 200;
// The measured error is that of chance alone; what the model cannot follow comes on top of it. The deviations of
// promises from the truth were so many times as large in generated worlds (docs/adr/0094-honest-promise.md): of models
// that learn the logarithm of what money returns, and of others.
constexpr double kBeyondChanceOfLogarithm = 1.6, kBeyondChance = 2.5;
// Lines are not followed farther than this, in standard deviations of the transformed spend.
constexpr double kFarthest = 2.0;

// An error along the spend.
struct ErrorLine {
  double level = 0.0, slope = 0.0;
};

class ErrorModel {
 public:
  // alike: per campaign, the index of the first one whose errors it shares.
  ErrorModel(const OutcomeTable& outcomes, const std::vector<double>& around, const std::vector<int32_t>& alike)
      : facts_(*outcomes.money().model().facts), error_(*facts_.model_error), outcomes_(outcomes), alike_(alike) {
    const auto spend = static_cast<size_t>(outcomes.money().spend_feature());
    feature_ = facts_.features[spend];
    slope_ = error_.slopes[spend];
    is_roi_ = PredictedMoneyOf(facts_) == PredictedMoney::kRoi;
    for (const double money_around : around) {
      around_.push_back(money_around > 0.0 ? ApplyTransform(feature_.transform, money_around) : feature_.center);
    }
  }

  // One line per campaign.
  std::vector<ErrorLine> Draw(Random& random) const {
    const double common_level = error_.common * random.Normal(), common_slope = slope_.common * random.Normal();
    const double own_level = OwnPart(error_.level, error_.common), own_slope = OwnPart(slope_.all, slope_.common);
    std::vector<ErrorLine> lines(around_.size());
    for (size_t c = 0; c < lines.size(); ++c) {
      const auto first = static_cast<size_t>(alike_[c]);
      if (first < c) {
        lines[c] = lines[first];
        continue;
      }
      lines[c].level = common_level + own_level * random.Normal();
      lines[c].slope = common_slope + own_slope * random.Normal();
    }
    return lines;
  }

  // An outcome that can be bent again and again.
  struct Outcome {
    double spend = 0.0, roi = 0.0;
    double factor = 1.0;       // of the lift tests
    double distance = 0.0;     // from where the line has its level, in scales of the spend
    double transformed = 0.0;  // the prediction on the target's scale
  };
  Outcome At(size_t campaign, double spend, double roi) const {
    Outcome outcome;
    outcome.spend = spend;
    outcome.roi = roi;
    outcome.factor = outcomes_.lift(static_cast<int32_t>(campaign)).factor;
    const double distance = (ApplyTransform(feature_.transform, spend) - around_[campaign]) / feature_.scale;
    outcome.distance = std::clamp(distance, -kFarthest, kFarthest);
    outcome.transformed = Transformed(is_roi_ ? roi : (1.0 + roi) * spend);
    return outcome;
  }
  // How much more it would bring, by the lift tests, if the model erred by the line.
  double Gain(const ErrorLine& line, const Outcome& at) const {
    const double bent =
        std::max(facts_.scale.roi_floor, Inverse(at.transformed + line.level + line.slope * at.distance));
    return at.factor * (is_roi_ ? at.spend * (bent - at.roi) : bent - (1.0 + at.roi) * at.spend);
  }

 private:
  static double OwnPart(double all, double common) { return std::sqrt(std::max(0.0, all * all - common * common)); }

  double Transformed(double predicted) const {
    switch (facts_.scale.transform) {
      case TargetTransform::kAsinh:
        return std::asinh(predicted);
      case TargetTransform::kLog1p:
        return std::log1p(std::max(predicted, kMinLog1pRoi));
      default:
        return predicted;
    }
  }
  double Inverse(double transformed) const {
    switch (facts_.scale.transform) {
      case TargetTransform::kAsinh:
        return std::sinh(transformed);
      case TargetTransform::kLog1p:
        return std::expm1(transformed);
      default:
        return transformed;
    }
  }

  const DecisionFacts& facts_;
  const ModelError& error_;
  const OutcomeTable& outcomes_;
  const std::vector<int32_t>& alike_;
  FittedFeature feature_;
  ModelError::Slope slope_;
  bool is_roi_ = true;
  std::vector<double> around_;  // transformed
};

struct Moments {
  double sum = 0.0, squares = 0.0;
  int64_t count = 0;

  void Add(double x) {
    sum += x;
    squares += x * x;
    ++count;
  }
  double mean() const { return sum / static_cast<double>(count); }
  double deviation() const {
    const auto n = static_cast<double>(count);
    return std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1.0)));
  }
};

// What the optimum of bent curves promises beyond what it is worth by the unbent ones. outcomes, gains: of all levels.
double ExcessOfOptimum(const ErrorModel& errors, const std::vector<ErrorLine>& lines, const SearchProblem& straight,
                       const std::vector<ErrorModel::Outcome>& outcomes, SearchProblem& bent,
                       std::vector<double>& gains) {
  size_t next = 0;
  for (size_t c = 0; c < bent.campaigns.size(); ++c) {
    const SearchCampaign& campaign = straight.campaigns[c];
    for (size_t l = 0; l < campaign.spend.size(); ++l, ++next) {
      gains[next] = campaign.spend[l] == 0 ? 0.0 : errors.Gain(lines[c], outcomes[next]);
      bent.campaigns[c].value[l] = campaign.value[l] + gains[next];
    }
  }
  const Prices prices = PricesOf(bent);
  double excess = 0.0;
  next = 0;
  for (const SearchCampaign& campaign : bent.campaigns) {
    const double price = prices.Of(campaign);
    size_t best = 0;
    double most = -std::numeric_limits<double>::infinity();
    for (size_t l = 0; l < campaign.spend.size(); ++l) {
      const double worth = campaign.value[l] - price * static_cast<double>(campaign.spend[l]);
      if (worth > most) best = l, most = worth;
    }
    excess += gains[next + best];
    next += campaign.spend.size();
  }
  return excess;
}

// The same of a split that does not follow the errors.
double ExcessOfSplit(const ErrorModel& errors, const std::vector<ErrorLine>& lines, const BudgetSplit& split) {
  double excess = 0.0;
  for (size_t c = 0; c < split.campaigns.size(); ++c) {
    const SpentCampaign& campaign = split.campaigns[c];
    if (campaign.spend == 0.0) continue;
    excess += errors.Gain(lines[c], errors.At(c, campaign.spend, campaign.roi));
  }
  return excess;
}

// Standard deviation of the sum of all campaigns' luck, from their own intervals. Those that are alike have it in
// common.
double LuckOf(const BudgetSplit& split, const std::vector<int32_t>& alike, double quantile) {
  std::vector<double> deviations(split.campaigns.size(), 0.0);
  for (size_t c = 0; c < split.campaigns.size(); ++c) {
    const SpentCampaign& campaign = split.campaigns[c];
    if (campaign.spend == 0.0) continue;
    // Luck scales with the revenue.
    const double scale = campaign.revenue == 0.0 ? 1.0 : campaign.lifted_revenue / campaign.revenue;
    deviations[static_cast<size_t>(alike[c])] +=
        scale * campaign.spend * (campaign.roi_high - campaign.roi_low) / (2.0 * quantile);
  }
  double variance = 0.0;
  for (const double deviation : deviations) variance += deviation * deviation;
  return std::sqrt(variance);
}

// Of the lift tests: of the sum of all campaigns' revenue, as if all were wrong in the same direction.
double TestErrorOf(const OutcomeTable& outcomes, const BudgetSplit& split) {
  double error = 0.0;
  for (size_t c = 0; c < split.campaigns.size(); ++c) {
    error += outcomes.lift(static_cast<int32_t>(c)).standard_error * std::abs(split.campaigns[c].revenue);
  }
  return error;
}

// Of words without a known level: of the sum of all campaigns' profit, as if all were wrong in the same direction.
double UnknownLevelErrorOf(const OutcomeTable& outcomes, const BudgetSplit& split) {
  double error = 0.0;
  for (size_t c = 0; c < split.campaigns.size(); ++c) {
    const SpentCampaign& campaign = split.campaigns[c];
    error += outcomes.lift(static_cast<int32_t>(c)).factor * campaign.spend * campaign.unknown_level_error;
  }
  return error;
}

// deviation: of what the split promises too much. other_error: of what all campaigns share beside the model.
void Fill(double deviation, double mean, double other_error, const std::vector<int32_t>& alike, double level,
          BudgetSplit& split) {
  Promise& promise = split.promise;
  const double quantile = NormalQuantile(0.5 + 0.5 * level);
  promise.corrected = true;
  promise.not_corrected_because.clear();
  promise.corrected_profit = promise.lifted_profit - mean;
  promise.corrected_revenue = promise.lifted_revenue - mean;
  promise.corrected_roi = promise.spend > 0.0 ? promise.corrected_profit / promise.spend : kUnknownProfit;
  const double errors = std::hypot(deviation, other_error);
  promise.expected_low = promise.corrected_profit - quantile * errors;
  promise.expected_high = promise.corrected_profit + quantile * errors;
  const double all = std::hypot(errors, LuckOf(split, alike, quantile));
  promise.low = promise.corrected_profit - quantile * all;
  promise.high = promise.corrected_profit + quantile * all;
}

}  // namespace

absl::Status CorrectPromises(const OutcomeTable& outcomes, const BudgetProblem& problem, const ResolvedBudget& budget,
                             const SearchedLevels& levels, const std::vector<double>& around, BudgetAnswer& answer,
                             const StopCheck& stop) {
  BudgetSplit* const splits[] = {&answer.present, &answer.present_scaled, &answer.even};
  if (!outcomes.money().model().facts->model_error.has_value()) {
    const std::string why =
        "the model does not know how large its own error is, as training with fixed epochs, attention, a target that "
        "is "
        "often 0, fewer than 20 held-out rows or an older release does not measure it; an optimum promises too much by "
        "the sum of its predictions";
    answer.optimum.promise.not_corrected_because = why;
    for (BudgetSplit* split : splits) split->promise.not_corrected_because = why;
    return absl::OkStatus();
  }
  const std::vector<int32_t> alike =
      problem.alike.empty() ? FirstAlikeRows(outcomes.money(), problem.rows) : problem.alike;
  const ErrorModel errors(outcomes, around, alike);
  const auto cells = static_cast<int64_t>(levels.roi.size());
  const int64_t draws = std::clamp(kWorkOfAll / std::max<int64_t>(1, cells), kFewestDraws, kMostDraws);
  Random random(kSeed);
  SearchProblem bent = levels.search;
  std::vector<double> gains(levels.roi.size());
  std::vector<ErrorModel::Outcome> at(levels.roi.size());
  size_t next = 0;
  for (size_t c = 0; c < levels.search.campaigns.size(); ++c) {
    for (const int64_t units : levels.search.campaigns[c].spend) {
      if (units > 0) at[next] = errors.At(c, budget.unit.ToMoney(units), levels.roi[next]);
      ++next;
    }
  }
  Moments optimum, others[3];
  for (int64_t draw = 0; draw < draws; draw += 2) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    std::vector<ErrorLine> lines = errors.Draw(random);
    // Each with its mirror image, which takes chance out of the mean.
    for (int side = 0; side < 2; ++side) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop));
      optimum.Add(ExcessOfOptimum(errors, lines, levels.search, at, bent, gains));
      for (int i = 0; i < 3; ++i) others[i].Add(ExcessOfSplit(errors, lines, *splits[i]));
      for (ErrorLine& line : lines) line = {-line.level, -line.slope};
    }
  }
  const auto other_error = [&](const BudgetSplit& split) {
    return std::hypot(TestErrorOf(outcomes, split), UnknownLevelErrorOf(outcomes, split));
  };
  const bool logarithm = outcomes.money().model().facts->scale.transform == TargetTransform::kLog1p;
  const double beyond_chance = logarithm ? kBeyondChanceOfLogarithm : kBeyondChance;
  Fill(beyond_chance * optimum.deviation(), optimum.mean(), other_error(answer.optimum), alike, problem.interval_level,
       answer.optimum);
  // Nobody chose them by the model.
  for (int i = 0; i < 3; ++i) {
    Fill(beyond_chance * others[i].deviation(), 0.0, other_error(*splits[i]), alike, problem.interval_level,
         *splits[i]);
  }
  return absl::OkStatus();
}

}  // namespace roicast
