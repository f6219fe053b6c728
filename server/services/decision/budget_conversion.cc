#include "server/services/decision/budget_conversion.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "model/decision/alike_rows.h"
#include "server/errors/errors.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/lift_input.h"
#include "server/services/decision/moves_answer.h"
#include "server/services/decision/row_input.h"

namespace roicast {
namespace {

// The campaign's own limit, or else that of the problem.
template <typename Value>
std::optional<Value> OwnOr(bool own, Value value, bool common, Value common_value) {
  if (own) return value;
  if (common) return common_value;
  return std::nullopt;
}

constexpr size_t kMostListed = 10;

// Each once, in order: `Channel "Email", 201 to 2000; Channel "Search", 1003 to 9980`.
std::string ListOf(const ServedModel& model, std::vector<WordRange> ranges) {
  const auto key = [](const WordRange& range) { return std::pair(range.feature, range.code); };
  std::sort(ranges.begin(), ranges.end(), [&](const WordRange& a, const WordRange& b) { return key(a) < key(b); });
  ranges.erase(std::unique(ranges.begin(), ranges.end(),
                           [&](const WordRange& a, const WordRange& b) { return key(a) == key(b); }),
               ranges.end());
  std::string text;
  for (size_t i = 0; i < std::min(ranges.size(), kMostListed); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "; ", WordRangeText(model.schema(), ranges[i]));
  }
  if (ranges.size() > kMostListed) absl::StrAppend(&text, " and ", ranges.size() - kMostListed, " more");
  return text;
}

BudgetCampaign CampaignFromProto(const v1::CampaignBounds& own, const v1::BudgetProblem& all) {
  BudgetCampaign campaign;
  campaign.name = own.name();
  campaign.min = OwnOr(own.has_min_spend(), own.min_spend(), all.has_min_spend(), all.min_spend());
  campaign.max = OwnOr(own.has_max_spend(), own.max_spend(), all.has_max_spend(), all.max_spend());
  campaign.step = OwnOr(own.has_step(), own.step(), all.has_step(), all.step()).value_or(0.0);
  campaign.may_skip = own.has_may_skip() ? own.may_skip() : all.may_skip();
  if (own.has_locked_spend()) {
    campaign.locked = own.locked_spend();
    // Limits of all campaigns are none of one that stays as it is.
    if (!own.has_min_spend()) campaign.min.reset();
    if (!own.has_max_spend()) campaign.max.reset();
  }
  if (own.has_present_spend()) campaign.present = own.present_spend();
  campaign.group = own.group();
  return campaign;
}

// Of a problem's campaigns and groups, with their names.
uint64_t BytesOfCampaigns(const v1::BudgetProblem& proto, int64_t rows) {
  uint64_t bytes = static_cast<uint64_t>(rows) * sizeof(BudgetCampaign);
  for (const v1::CampaignBounds& campaign : proto.campaigns())
    bytes += campaign.name().size() + campaign.group().size();
  for (const v1::BudgetGroup& group : proto.groups()) bytes += 2 * sizeof(BudgetGroup) + group.name().size();
  return bytes;
}

absl::StatusOr<BudgetGoal> GoalFromProto(const v1::BudgetProblem& proto) {
  BudgetGoal goal = BudgetGoal::kMostProfit;
  bool needs_value = true;
  switch (proto.goal()) {
    case v1::BUDGET_GOAL_UNSPECIFIED:
    case v1::BUDGET_GOAL_MOST_PROFIT:
      needs_value = false;
      break;
    case v1::BUDGET_GOAL_MOST_REVENUE:
      goal = BudgetGoal::kMostRevenue;
      needs_value = false;
      break;
    case v1::BUDGET_GOAL_LEAST_BUDGET:
      goal = BudgetGoal::kLeastBudget;
      break;
    case v1::BUDGET_GOAL_TARGET_ROI:
      goal = BudgetGoal::kTargetRoi;
      break;
    case v1::BUDGET_GOAL_TARGET_MARGINAL_ROI:
      goal = BudgetGoal::kTargetMarginalRoi;
      break;
    default:
      return Unexpected("problem.goal", "a value of BudgetGoal", absl::StrCat(static_cast<int>(proto.goal())));
  }
  if (needs_value && !proto.has_goal_value()) {
    return Unexpected("problem.goal_value", absl::StrCat("a value for ", v1::BudgetGoal_Name(proto.goal())), "none");
  }
  if (!needs_value && proto.has_goal_value()) {
    return Unexpected("problem.goal_value", "none unless the goal is least budget, target ROI or target marginal ROI",
                      proto.goal_value());
  }
  return goal;
}

v1::ConflictKind KindToProto(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kMinimaOverBudget:
      return v1::CONFLICT_KIND_MINIMA_OVER_BUDGET;
    case ConflictKind::kMaximaUnderBudget:
      return v1::CONFLICT_KIND_MAXIMA_UNDER_BUDGET;
    case ConflictKind::kMinimaOverGroup:
      return v1::CONFLICT_KIND_MINIMA_OVER_GROUP;
    case ConflictKind::kMaximaUnderGroup:
      return v1::CONFLICT_KIND_MAXIMA_UNDER_GROUP;
    case ConflictKind::kSteps:
      return v1::CONFLICT_KIND_STEPS;
    case ConflictKind::kGoal:
      return v1::CONFLICT_KIND_GOAL;
  }
  return v1::CONFLICT_KIND_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<BudgetQuestion> BudgetFromProto(const v1::BudgetProblem& proto, const ServedModel& model,
                                               MemoryBudget* memory) {
  ROICAST_RETURN_IF_ERROR(CheckPredictsMoney(model, "a budget"));
  BudgetQuestion question;
  BudgetProblem& problem = question.problem;
  problem.spend_feature = SpendNamed(model, proto.spend_feature());
  ROICAST_ASSIGN_OR_RETURN(InputRows rows, ReadStrictRows(proto.rows(), "problem.rows", model,
                                                          {.max_rows = kMaxBudgetCampaigns,
                                                           .free_feature = FreeFeature(model, problem.spend_feature),
                                                           .memory = memory}));
  if (proto.campaigns_size() != 0 && proto.campaigns_size() != rows.count) {
    return Unexpected("problem.campaigns", absl::StrCat("none, or one per row (", rows.count, ")"),
                      absl::StrCat(proto.campaigns_size()));
  }
  if (proto.groups_size() > kMaxBudgetGroups) {
    return RequestTooLarge("problem.groups", kMaxBudgetGroups, proto.groups_size());
  }
  problem.memory = memory;
  question.rows_memory = std::move(rows.memory);
  ROICAST_ASSIGN_OR_RETURN(question.memory, ClaimForWork(memory, BytesOfCampaigns(proto, rows.count)));
  problem.rows = std::move(rows.rows);
  problem.campaigns.reserve(static_cast<size_t>(rows.count));
  for (int i = 0; i < static_cast<int>(rows.count); ++i) {
    problem.campaigns.push_back(CampaignFromProto(
        i < proto.campaigns_size() ? proto.campaigns(i) : v1::CampaignBounds::default_instance(), proto));
  }
  for (const v1::BudgetGroup& group : proto.groups()) {
    BudgetGroup& added = problem.groups.emplace_back();
    added.name = group.name();
    added.min = group.min_spend();
    if (group.has_max_spend()) added.max = group.max_spend();
  }
  ROICAST_ASSIGN_OR_RETURN(problem.goal, GoalFromProto(proto));
  if (proto.has_budget()) problem.budget = proto.budget();
  problem.target = proto.goal_value();
  problem.spend_all = proto.spend_all();
  if (proto.has_lower_bound_level()) {
    ROICAST_RETURN_IF_ERROR(CheckLowerBound(model, proto.lower_bound_level()));
    problem.lower_bound_level = proto.lower_bound_level();
  }
  std::optional<double> asked;
  if (proto.has_interval_level()) asked = proto.interval_level();
  ROICAST_ASSIGN_OR_RETURN(const std::optional<double> level, LevelOf(model, asked));
  question.interval_level = level.value_or(0.0);
  if (level.has_value()) problem.interval_level = *level;
  if (proto.levels() != 0) problem.levels = proto.levels();
  if (proto.has_unit()) problem.unit = proto.unit();
  ROICAST_ASSIGN_OR_RETURN(problem.lift_tests, ReadLiftTests(proto.lift_tests(), "problem.lift_tests", model));
  return question;
}

v1::Outcome OutcomeToProto(const Promise& promise, double level) {
  v1::Outcome outcome;
  outcome.set_spend(promise.spend);
  outcome.set_revenue(promise.revenue);
  outcome.set_profit(promise.profit);
  outcome.set_roi(promise.roi);
  outcome.set_promised_revenue(promise.corrected_revenue);
  outcome.set_promised_profit(promise.corrected_profit);
  outcome.set_promised_roi(promise.corrected_roi);
  // A range without width is one that was not computed; of nothing spent there is nothing to be unsure of.
  if (!(promise.spend > 0)) level = 0;
  if (level > 0 && promise.expected_low < promise.expected_high) {
    *outcome.mutable_expected_profit() = RangeProto(promise.expected_low, promise.expected_high);
  }
  if (level > 0 && promise.low < promise.high) {
    *outcome.mutable_profit_interval() = RangeProto(promise.low, promise.high);
  }
  outcome.set_corrected(promise.corrected);
  outcome.set_not_corrected_because(promise.not_corrected_because);
  outcome.set_lifted(promise.lifted);
  return outcome;
}

v1::Split SplitToProto(const BudgetSplit& split, const BudgetProblem& problem, double level) {
  v1::Split proto;
  for (size_t i = 0; i < split.campaigns.size(); ++i) {
    const SpentCampaign& campaign = split.campaigns[i];
    v1::Allocation& allocation = *proto.add_campaigns();
    const std::string& name = problem.campaigns[i].name;
    allocation.set_name(name.empty() ? absl::StrCat("campaign ", i) : name);
    allocation.set_spend(campaign.spend);
    allocation.set_roi(campaign.roi);
    if (level > 0 && !std::isnan(campaign.roi_low)) {
      *allocation.mutable_roi_interval() = RangeProto(campaign.roi_low, campaign.roi_high);
    }
    allocation.set_revenue(campaign.revenue);
    allocation.set_profit(campaign.profit);
    if (campaign.lift_tests > 0) {
      allocation.set_lifted_revenue(campaign.lifted_revenue);
      allocation.set_lifted_profit(campaign.lifted_profit);
    }
    allocation.set_marginal_roi(campaign.marginal_roi);
    allocation.mutable_moved()->Assign(campaign.moved.begin(), campaign.moved.end());
    allocation.set_outside(campaign.outside);
    allocation.set_warning(campaign.warning);
  }
  *proto.mutable_outcome() = OutcomeToProto(split.promise, level);
  proto.set_allowed(split.allowed);
  return proto;
}

void AddAlikeCaveat(const MoneyModel& money, const BudgetProblem& problem,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  constexpr size_t kMostNames = 5;
  const std::vector<int32_t> first = FirstAlikeRows(money, problem.rows);
  std::vector<int64_t> sizes(first.size(), 0);
  for (const int32_t row : first) ++sizes[static_cast<size_t>(row)];
  const auto groups = std::count_if(sizes.begin(), sizes.end(), [](int64_t size) { return size > 1; });
  if (groups == 0) return;
  const auto largest = static_cast<size_t>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
  std::vector<std::string> names;
  for (size_t row = largest; row < first.size() && names.size() < kMostNames; ++row) {
    if (static_cast<size_t>(first[row]) == largest) names.push_back(problem.NameOf(static_cast<int64_t>(row)));
  }
  const int64_t unnamed = sizes[largest] - static_cast<int64_t>(names.size());
  std::string others;
  if (unnamed > 0) absl::StrAppend(&others, " and ", unnamed, " more");
  if (groups > 1) absl::StrAppend(&others, ", and ", groups - 1, groups == 2 ? " other group" : " other groups", ",");
  AddCaveat(caveats, "alike_campaigns",
            absl::StrCat(absl::StrJoin(names, ", "), others,
                         " are alike in all but spend and time: each is counted as a campaign of its own, whose first "
                         "money brings most. If they are one campaign, list it once; otherwise too much is promised"));
}

v1::Conflict ConflictToProto(const Conflict& conflict) {
  v1::Conflict proto;
  proto.set_kind(KindToProto(conflict.kind));
  proto.set_group(conflict.group);
  proto.set_needed(conflict.needed);
  proto.set_allowed(conflict.allowed);
  proto.set_by(conflict.by);
  for (const std::string& who : conflict.who) proto.add_who(who);
  proto.set_message(conflict.message);
  return proto;
}

void AddLimitCaveat(const ServedModel& model, const std::vector<WordRange>& limits,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  if (limits.empty()) return;
  AddCaveat(
      caveats, "limits_from_training",
      absl::StrCat("limits that were not given are within what such campaigns had in training (", ListOf(model, limits),
                   "), less a tenth of it at ends that other campaigns went beyond. A campaign may keep what it gets "
                   "today, and a maximum of its own lets it get more"));
}

void AddSplitCaveats(const BudgetQuestion& question, const ServedModel& model, const BudgetSplit& split,
                     const std::string& no_intervals_because, google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  AddLiftCaveats(split, caveats);
  AddMovesCaveat(model, {FreeFeature(model, question.problem.spend_feature)}, caveats);
  const auto outside = std::count_if(split.campaigns.begin(), split.campaigns.end(),
                                     [](const SpentCampaign& campaign) { return campaign.outside; });
  if (outside > 0) {
    const int spend = FreeFeature(model, question.problem.spend_feature);
    const Feature& seen = model.schema().features[static_cast<size_t>(spend)];
    std::vector<WordRange> of_words;
    for (const SpentCampaign& campaign : split.campaigns) {
      if (campaign.outside_of.has_value()) of_words.push_back(*campaign.outside_of);
    }
    AddCaveat(caveats, "outside_training_range",
              absl::StrCat(outside, outside == 1 ? " campaign gets" : " campaigns get",
                           " a spend outside the range of the training rows, ", seen.seen_min, " to ", seen.seen_max,
                           of_words.empty() ? "" : absl::StrCat(", or of those with ", ListOf(model, of_words)),
                           kOutsideTraining));
  }
  if (!split.campaigns.empty() && !split.promise.corrected && !split.promise.not_corrected_because.empty()) {
    AddCaveat(caveats, "not_corrected",
              absl::StrCat("the promise is not corrected: ", split.promise.not_corrected_because));
  }
  if (!no_intervals_because.empty()) AddCaveat(caveats, "no_intervals", no_intervals_because);
}

}  // namespace roicast
