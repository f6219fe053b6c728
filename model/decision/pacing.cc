#include "model/decision/pacing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "model/decision/alike_rows.h"
#include "model/decision/decision_memory.h"
#include "model/decision/split_outcome.h"

namespace roicast {
namespace {

constexpr double kSecondsPerDay = 86'400.0;
constexpr const char* kUsualDuration = "duration_days";

std::string NameOfPeriod(const PacingProblem& problem, size_t period) {
  const std::string& name = problem.periods[period].name;
  return name.empty() ? absl::StrCat("period ", period) : name;
}

absl::StatusOr<int> TimeFeature(const Schema& schema, const std::string& name) {
  if (!name.empty()) {
    const int feature = schema.IndexOf(name);
    if (feature < 0) {
      return absl::InvalidArgumentError(absl::StrCat("time_feature: expected a feature of the model, got \"", name,
                                                     "\"", DidYouMeanOrList(name, schema.features, "it has")));
    }
    if (schema.features[static_cast<size_t>(feature)].kind == FeatureKind::kTime) return feature;
    return absl::InvalidArgumentError(absl::StrCat("time_feature: expected a time, but \"", name, "\" is not one"));
  }
  std::vector<int> times;
  for (int f = 0; f < schema.size(); ++f) {
    if (schema.features[static_cast<size_t>(f)].kind == FeatureKind::kTime) times.push_back(f);
  }
  if (times.size() == 1) return times.front();
  if (times.empty()) {
    return absl::InvalidArgumentError(
        "time_feature: expected a model with a time, as nothing else tells its periods apart; it has none");
  }
  return absl::InvalidArgumentError(absl::StrCat("time_feature: expected one of the model's ", times.size(),
                                                 " times by name, such as \"",
                                                 schema.features[static_cast<size_t>(times.front())].name, "\""));
}

absl::StatusOr<int> DurationFeature(const Schema& schema, const std::string& name) {
  if (!name.empty()) return NumericFeature(schema, name, "duration_feature");
  const int usual = schema.IndexOf(kUsualDuration);
  return usual >= 0 && schema.features[static_cast<size_t>(usual)].kind == FeatureKind::kNumeric ? usual : -1;
}

std::string NameOfGroup(const PacingProblem& problem, size_t period, const std::string& group) {
  return absl::StrCat(NameOfPeriod(problem, period), ", ", group);
}

// A period as a group, and each group of campaigns as one within it. A period that is over has no limits.
void AddGroups(const PacingProblem& problem, size_t p, BudgetProblem& unfolded) {
  const Period& period = problem.periods[p];
  const bool over = !period.spent.empty();
  BudgetGroup whole = {.name = NameOfPeriod(problem, p)};
  if (!over) {
    whole.min = period.min;
    whole.max = period.max;
  }
  unfolded.groups.push_back(whole);
  for (const BudgetGroup& group : problem.whole.groups) {
    BudgetGroup& inside = unfolded.groups.emplace_back(group);
    inside.name = NameOfGroup(problem, p, group.name);
    inside.within = group.within.empty() ? whole.name : NameOfGroup(problem, p, group.within);
    if (!over) continue;
    inside.min = 0.0;
    inside.max.reset();
  }
}

// A row without the time that moves keeps its others.
void MoveOthers(const std::vector<MovingFeature>& moving, float hours, double days, int duration, float* row) {
  if (!std::isfinite(hours)) return;
  for (const MovingFeature& other : moving) {
    row[other.feature] += hours;
    if (!other.by_duration || duration < 0 || std::isnan(row[duration])) continue;
    row[other.feature] += std::round(24.0f * (static_cast<float>(days) - row[duration]));
  }
}

// A campaign in each period, one period after the other. Refers to the problem. alike: of its campaigns, within each
// period.
BudgetProblem Unfold(const PacingProblem& problem, const std::vector<int32_t>& alike, int features, int time,
                     int duration) {
  BudgetProblem unfolded = problem.whole;
  unfolded.rows.clear();
  unfolded.campaigns.clear();
  unfolded.groups.clear();
  const size_t campaigns = problem.whole.campaigns.size(), periods = problem.periods.size();
  unfolded.rows.reserve(campaigns * periods * static_cast<size_t>(features));
  unfolded.campaigns.reserve(campaigns * periods);
  unfolded.groups.reserve((problem.whole.groups.size() + 1) * periods);
  // Names are made for messages, instead of one for each period.
  unfolded.max_name_bytes = 2 * kMaxBudgetNameBytes + 2;
  // The period is around all of them.
  unfolded.max_group_depth = kMaxGroupDepth + 1;
  unfolded.campaign_name = [&problem, campaigns](int64_t i) {
    const size_t c = static_cast<size_t>(i) % campaigns;
    const std::string& own = problem.whole.campaigns[c].name;
    return absl::StrCat(NameOfPeriod(problem, static_cast<size_t>(i) / campaigns), ", ",
                        own.empty() ? absl::StrCat("campaign ", c) : own);
  };
  for (size_t p = 0; p < problem.periods.size(); ++p) {
    const Period& period = problem.periods[p];
    const bool over = !period.spent.empty();
    AddGroups(problem, p, unfolded);
    for (size_t c = 0; c < problem.whole.campaigns.size(); ++c) {
      const auto begin = problem.whole.rows.begin() + static_cast<int64_t>(c) * features;
      unfolded.rows.insert(unfolded.rows.end(), begin, begin + features);
      float* row = unfolded.rows.data() + unfolded.rows.size() - static_cast<size_t>(features);
      MoveOthers(problem.moving, HoursSinceEpoch(period.start) - row[time], period.days, duration, row);
      row[time] = HoursSinceEpoch(period.start);
      if (duration >= 0) row[duration] = static_cast<float>(period.days);
      BudgetCampaign& campaign = unfolded.campaigns.emplace_back(problem.whole.campaigns[c]);
      std::string().swap(campaign.name);
      unfolded.alike.push_back(static_cast<int32_t>(p * campaigns) + alike[c]);
      campaign.group = campaign.group.empty() ? NameOfPeriod(problem, p) : NameOfGroup(problem, p, campaign.group);
      if (!over) continue;
      campaign.min.reset();
      campaign.max.reset();
      campaign.locked = period.spent[c];
    }
  }
  return unfolded;
}

// The part of the whole's promise. What is taken off it is shared by revenue.
Promise PromiseOfPart(const BudgetSplit& part, const Promise& whole, double spend) {
  Promise promise = SumOfPromises(part.campaigns, spend);
  const double share = whole.lifted_revenue > 0.0 ? promise.lifted_revenue / whole.lifted_revenue : 0.0;
  promise.corrected_profit = promise.lifted_profit - share * (whole.lifted_profit - whole.corrected_profit);
  promise.corrected_revenue = promise.lifted_revenue - share * (whole.lifted_revenue - whole.corrected_revenue);
  if (spend > 0.0) promise.corrected_roi = promise.corrected_profit / spend;
  promise.corrected = whole.corrected;
  promise.not_corrected_because = whole.not_corrected_because;
  return promise;
}

// A period is a group of the search, which nobody declared: `group "period 2"` is `period 2`.
std::string WithoutGroupsOfPeriods(absl::string_view text, const absl::flat_hash_set<std::string>& periods) {
  constexpr absl::string_view kGroup = "group \"";
  std::string without;
  for (;;) {
    const size_t group = text.find(kGroup);
    if (group == absl::string_view::npos) break;
    const size_t begin = group + kGroup.size(), end = text.find('"', begin);
    if (end == absl::string_view::npos) break;
    const absl::string_view name = text.substr(begin, end - begin);
    const bool is_period = periods.contains(name);
    absl::StrAppend(&without, text.substr(0, is_period ? group : begin), is_period ? name : "");
    text.remove_prefix(is_period ? end + 1 : begin);
  }
  absl::StrAppend(&without, text);
  return without;
}

Pacing Fold(BudgetAnswer answer, const PacingProblem& problem) {
  Pacing pacing;
  pacing.conflicts = std::move(answer.conflicts);
  pacing.no_intervals_because = std::move(answer.no_intervals_because);
  pacing.limits_from_training = std::move(answer.limits_from_training);
  absl::flat_hash_set<std::string> names;
  for (size_t p = 0; p < problem.periods.size(); ++p) names.insert(NameOfPeriod(problem, p));
  for (Conflict& conflict : pacing.conflicts) {
    conflict.message = WithoutGroupsOfPeriods(conflict.message, names);
    for (std::string& who : conflict.who) who = WithoutGroupsOfPeriods(who, names);
  }
  if (!pacing.conflicts.empty()) return pacing;
  const size_t campaigns = problem.whole.campaigns.size();
  double so_far = 0.0;
  for (size_t p = 0; p < problem.periods.size(); ++p) {
    PacedPeriod& period = pacing.periods.emplace_back();
    const auto begin = answer.optimum.campaigns.begin() + static_cast<int64_t>(p * campaigns);
    period.split.campaigns.assign(begin, begin + static_cast<int64_t>(campaigns));
    double spend = 0.0;
    for (const SpentCampaign& campaign : period.split.campaigns) spend += campaign.spend;
    so_far += spend;
    period.spent_so_far = so_far;
    period.split.promise = PromiseOfPart(period.split, answer.optimum.promise, spend);
  }
  pacing.promise = answer.optimum.promise;
  pacing.even = answer.even.promise;
  pacing.even_allowed = answer.even.allowed;
  pacing.left = answer.left;
  pacing.left_because = std::move(answer.left_because);
  pacing.shadow_price = answer.shadow_price;
  return pacing;
}

absl::Status CheckPeriod(const PacingProblem& problem, size_t p) {
  const Period& period = problem.periods[p];
  if (problem.periods[p].name.size() > kMaxBudgetNameBytes) {
    return absl::InvalidArgumentError(absl::StrCat("period ", p, ": name: expected at most ", kMaxBudgetNameBytes,
                                                   " bytes, got ", problem.periods[p].name.size()));
  }
  const std::string name = NameOfPeriod(problem, p);
  const double seconds = period.days * kSecondsPerDay;
  if (!(std::isfinite(seconds) && seconds > 0.0)) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": days: expected a number above 0, got ", period.days));
  }
  if (p > 0 && period.start <= problem.periods[p - 1].start) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected a start behind that of the period before, ",
                                                   problem.periods[p - 1].start, ", got ", period.start));
  }
  if (period.spent.empty()) return absl::OkStatus();
  if (period.spent.size() != problem.whole.campaigns.size()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": spent: expected an amount per campaign, ",
                                                   problem.whole.campaigns.size(), ", got ", period.spent.size()));
  }
  for (const double spent : period.spent) {
    if (std::isfinite(spent) && spent >= 0.0) continue;
    return absl::InvalidArgumentError(absl::StrCat(name, ": spent: expected amounts of at least 0, got ", spent));
  }
  if (p > 0 && problem.periods[p - 1].spent.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": spent: expected only in the first periods, but the one before is still to come"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PacingProblem::Validate() const {
  if (periods.empty()) return absl::InvalidArgumentError("periods: expected at least 1, got none");
  if (whole.goal != BudgetGoal::kMostProfit && whole.goal != BudgetGoal::kMostRevenue) {
    return absl::InvalidArgumentError("goal: expected the most profit or revenue for a budget over time");
  }
  if (whole.campaigns.size() * periods.size() > static_cast<size_t>(kMaxBudgetCampaigns)) {
    return absl::ResourceExhaustedError(absl::StrCat("periods: expected at most ", kMaxBudgetCampaigns,
                                                     " campaigns times periods, got ", whole.campaigns.size(),
                                                     " times ", periods.size()));
  }
  if ((whole.groups.size() + 1) * periods.size() > static_cast<size_t>(kMaxBudgetGroups)) {
    return absl::ResourceExhaustedError(absl::StrCat("periods: expected at most ", kMaxBudgetGroups,
                                                     " groups and one more, times periods, got ", whole.groups.size(),
                                                     " and one more, times ", periods.size()));
  }
  ROICAST_RETURN_IF_ERROR(whole.Validate());
  int64_t over = 0;
  absl::flat_hash_set<std::string> names;
  for (size_t p = 0; p < periods.size(); ++p) {
    ROICAST_RETURN_IF_ERROR(CheckPeriod(*this, p));
    over += periods[p].spent.empty() ? 0 : 1;
    if (!names.insert(NameOfPeriod(*this, p)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("periods: expected different names, got \"", periods[p].name, "\" twice"));
    }
  }
  for (const BudgetChange& change : changes) {
    if (change.periods < std::max<int64_t>(1, over) || change.periods >= static_cast<int64_t>(periods.size())) {
      return absl::InvalidArgumentError(absl::StrCat("changes: expected periods from ", std::max<int64_t>(1, over),
                                                     " to ", periods.size() - 1, ", got ", change.periods));
    }
    if (!(std::isfinite(change.budget) && change.budget >= 0.0)) {
      return absl::InvalidArgumentError(absl::StrCat("changes: expected a budget of at least 0, got ", change.budget));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PacingAnswer> PlanBudget(const DecisionModel& model, const PacingProblem& problem,
                                        const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(problem.Validate());
  const Schema& schema = model.predictor->schema();
  ROICAST_ASSIGN_OR_RETURN(const int time, TimeFeature(schema, problem.time_feature));
  ROICAST_ASSIGN_OR_RETURN(const int duration, DurationFeature(schema, problem.duration_feature));
  const size_t expected = problem.whole.campaigns.size() * static_cast<size_t>(schema.size());
  if (problem.whole.rows.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("rows: expected ", problem.whole.campaigns.size(), " times ",
                                                   schema.size(), " values, got ", problem.whole.rows.size()));
  }
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim memory, ClaimForPlan(model, problem));
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model, problem.whole.spend_feature));
  const std::vector<int32_t> alike = FirstAlikeRows(money, problem.whole.rows);
  const auto solve = [&](const PacingProblem& one) -> absl::StatusOr<Pacing> {
    ROICAST_ASSIGN_OR_RETURN(BudgetAnswer answer,
                             OptimizeBudget(model, Unfold(one, alike, schema.size(), time, duration), stop));
    return Fold(std::move(answer), one);
  };
  PacingAnswer answer;
  ROICAST_ASSIGN_OR_RETURN(answer.plan, solve(problem));
  if (!answer.plan.conflicts.empty()) return answer;
  for (const BudgetChange& change : problem.changes) {
    PacingProblem changed = problem;
    changed.whole.budget = change.budget;
    for (size_t p = 0; p < static_cast<size_t>(change.periods); ++p) {
      changed.periods[p].spent.clear();
      for (const SpentCampaign& campaign : answer.plan.periods[p].split.campaigns) {
        changed.periods[p].spent.push_back(campaign.spend);
      }
    }
    ROICAST_ASSIGN_OR_RETURN(Pacing plan, solve(changed));
    answer.changes.push_back({change, std::move(plan)});
  }
  return answer;
}

}  // namespace roicast
