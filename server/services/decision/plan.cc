#include "server/services/decision/plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "model/decision/pacing.h"
#include "server/errors/errors.h"
#include "server/services/allowed_time.h"
#include "server/services/decision/budget_conversion.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/flat_revenue.h"
#include "server/services/decision/lift_input.h"
#include "server/services/decision/moves_answer.h"
#include "server/services/decision/plan_times.h"

namespace roicast {
namespace {

constexpr int kMaxPeriods = 366;
constexpr int kMaxChanges = 10;
constexpr int64_t kDaySeconds = 24 * 3600;

int64_t StartOfMonth(int64_t start, int months) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilSecond first = absl::ToCivilSecond(absl::FromUnixSeconds(start), utc);
  const absl::CivilMonth month = absl::CivilMonth(first) + months;
  const int days = static_cast<int>(absl::CivilDay(month + 1) - absl::CivilDay(month));
  const absl::CivilSecond day(month.year(), month.month(), std::min(first.day(), days), first.hour(), first.minute(),
                              first.second());
  return absl::ToUnixSeconds(absl::FromCivil(day, utc));
}

absl::Status CheckPeriods(const v1::PlanBudgetRequest& request) {
  if (request.periods() < 1 || request.periods() > kMaxPeriods) {
    return Unexpected("periods", absl::StrCat("1 to ", kMaxPeriods), absl::StrCat(request.periods()));
  }
  if (!v1::PeriodUnit_IsValid(request.unit())) {
    return Unexpected("unit", "a value of PeriodUnit", absl::StrCat(static_cast<int>(request.unit())));
  }
  if (!request.has_start()) return Unexpected("start", "when the first period starts", "none");
  for (const int64_t time :
       {request.start().seconds(), TimeOfPeriod(request.start().seconds(), request.unit(), request.periods()).start}) {
    if (!IsAllowedTime(time)) {
      return Unexpected("start", kAllowedTimeRule, absl::StrCat("a period at ", time, " s since 1970"));
    }
  }
  if (request.changes_size() > kMaxChanges) return RequestTooLarge("changes", kMaxChanges, request.changes_size());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Period>> Periods(const v1::PlanBudgetRequest& request) {
  std::vector<Period> periods(static_cast<size_t>(request.periods()));
  for (int i = 0; i < request.periods(); ++i) {
    const PeriodTime time = TimeOfPeriod(request.start().seconds(), request.unit(), i);
    periods[static_cast<size_t>(i)].start = time.start;
    periods[static_cast<size_t>(i)].days = time.days;
    // With its date, as the API counts periods from 0 and people from 1.
    periods[static_cast<size_t>(i)].name =
        absl::StrCat("period ", i + 1, " (",
                     absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.start), absl::UTCTimeZone()), ")");
  }
  std::set<int> seen;
  for (int i = 0; i < request.period_bounds_size(); ++i) {
    const v1::PeriodBounds& bounds = request.period_bounds(i);
    const std::string where = absl::StrCat("period_bounds[", i, "].period");
    if (bounds.period() < 0 || bounds.period() >= request.periods()) {
      return Unexpected(where, absl::StrCat("0 to ", request.periods() - 1), absl::StrCat(bounds.period()));
    }
    if (!seen.insert(bounds.period()).second) {
      return Unexpected(where, "each period once", absl::StrCat(bounds.period(), " again"));
    }
    if (bounds.spent_size() > kMaxBudgetCampaigns) {
      return RequestTooLarge(absl::StrCat("period_bounds[", i, "].spent"), kMaxBudgetCampaigns, bounds.spent_size());
    }
    Period& period = periods[static_cast<size_t>(bounds.period())];
    period.min = bounds.min_spend();
    if (bounds.has_max_spend()) period.max = bounds.max_spend();
    period.spent.assign(bounds.spent().begin(), bounds.spent().end());
  }
  return periods;
}

v1::BudgetPlan PlanToProto(const Pacing& plan, const PacingProblem& problem, int64_t over, double level) {
  v1::BudgetPlan proto;
  for (const Conflict& conflict : plan.conflicts) *proto.add_conflicts() = ConflictToProto(conflict);
  if (!plan.conflicts.empty()) return proto;
  for (size_t i = 0; i < plan.periods.size(); ++i) {
    v1::PeriodPlan& period = *proto.add_periods();
    period.mutable_start()->set_seconds(problem.periods[i].start);
    *period.mutable_split() = SplitToProto(plan.periods[i].split, problem.whole, level);
    period.set_budget_so_far(plan.periods[i].spent_so_far);
    period.set_over(static_cast<int64_t>(i) < over);
  }
  *proto.mutable_outcome() = OutcomeToProto(plan.promise, level);
  *proto.mutable_even() = OutcomeToProto(plan.even, level);
  proto.set_even_breaks_limit(!plan.even_allowed);
  proto.set_left(plan.left);
  proto.set_left_because(plan.left_because);
  proto.set_shadow_price(plan.shadow_price);
  return proto;
}

// All campaigns of all periods, for what is said of the whole.
BudgetSplit WholeOf(const Pacing& plan) {
  BudgetSplit whole;
  whole.promise = plan.promise;
  for (const PacedPeriod& period : plan.periods) {
    whole.campaigns.insert(whole.campaigns.end(), period.split.campaigns.begin(), period.split.campaigns.end());
  }
  return whole;
}

}  // namespace

PeriodTime TimeOfPeriod(int64_t start, v1::PeriodUnit unit, int index) {
  if (unit == v1::PERIOD_UNIT_MONTH) {
    const int64_t begin = StartOfMonth(start, index);
    return {begin, static_cast<double>(StartOfMonth(start, index + 1) - begin) / static_cast<double>(kDaySeconds)};
  }
  const int64_t days = unit == v1::PERIOD_UNIT_DAY ? 1 : 7;
  return {start + index * days * kDaySeconds, static_cast<double>(days)};
}

absl::StatusOr<v1::PlanBudgetResponse> AnswerPlan(const v1::PlanBudgetRequest& request, const ServedModel& model,
                                                  const StopCheck& stop, MemoryBudget* memory) {
  ROICAST_RETURN_IF_ERROR(CheckPeriods(request));
  ROICAST_ASSIGN_OR_RETURN(BudgetQuestion question, BudgetFromProto(request.problem(), model, memory));
  PacingProblem problem;
  problem.whole = std::move(question.problem);
  question.problem.spend_feature = problem.whole.spend_feature;
  ROICAST_ASSIGN_OR_RETURN(problem.periods, Periods(request));
  problem.time_feature = request.time_feature();
  problem.duration_feature = request.duration_feature();
  google::protobuf::RepeatedPtrField<v1::Caveat> moved;
  MoveTimesAlong(model, problem, &moved);
  for (const v1::BudgetChange& change : request.changes()) {
    problem.changes.push_back({change.after_periods(), change.budget()});
  }
  ROICAST_ASSIGN_OR_RETURN(const PacingAnswer answer, PlanBudget(model.decision_model(), problem, stop));
  const double level = answer.plan.no_intervals_because.empty() ? question.interval_level : 0.0;
  const auto over = std::count_if(problem.periods.begin(), problem.periods.end(),
                                  [](const Period& period) { return !period.spent.empty(); });
  v1::PlanBudgetResponse response;
  *response.mutable_served_by() = ServedByProto(model);
  const int spend = FreeFeature(model, problem.whole.spend_feature);
  response.set_spend_feature(model.schema().features[static_cast<size_t>(spend)].name);
  AddMoving(model, spend, response.mutable_moving());
  *response.mutable_plan() = PlanToProto(answer.plan, problem, over, level);
  for (const ChangedPacing& changed : answer.changes) {
    *response.add_changes() = PlanToProto(changed.plan, problem, changed.change.periods, level);
  }
  response.set_interval_level(level);
  if (answer.plan.conflicts.empty()) {
    AddLimitCaveat(model, answer.plan.limits_from_training, response.mutable_caveats());
    AddSplitCaveats(question, model, WholeOf(answer.plan), answer.plan.no_intervals_because,
                    response.mutable_caveats());
    response.mutable_caveats()->MergeFrom(moved);
    AddPeriodCaveats(model, problem, request.unit(), response.mutable_caveats());
    ROICAST_ASSIGN_OR_RETURN(const MoneyModel money,
                             MoneyModel::Create(model.decision_model(), problem.whole.spend_feature));
    AddFilledCaveat(model, spend, problem.whole.rows, response.mutable_caveats());
    AddAlikeCaveat(money, problem.whole, response.mutable_caveats());
    ROICAST_RETURN_IF_ERROR(AddFlatRevenueCaveat(model, money, problem.whole.rows, stop, response.mutable_caveats()));
    ROICAST_RETURN_IF_ERROR(
        AddLiftDoubts(money, problem.whole.rows, problem.whole.lift_tests, stop, response.mutable_caveats()));
  }
  return response;
}

}  // namespace roicast
