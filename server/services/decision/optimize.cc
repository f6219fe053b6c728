#include "server/services/decision/optimize.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/money_number.h"
#include "server/services/decision/budget_conversion.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/flat_revenue.h"
#include "server/services/decision/lift_input.h"
#include "server/services/decision/moves_answer.h"

namespace roicast {
namespace {

// Today's spends are compared in the unit of the split.
void SayRoundedSpends(const BudgetProblem& problem, int spend, int features, const BudgetSplit& present,
                      google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  constexpr double kVisible = 0.005;
  int64_t rounded = 0;
  double sum = 0.0;
  for (size_t i = 0; i < present.campaigns.size(); ++i) {
    const double of_row = problem.rows[i * static_cast<size_t>(features) + static_cast<size_t>(spend)];
    const double now = problem.campaigns[i].present.value_or(of_row);
    if (!(now >= 0.0)) continue;
    sum += now;
    if (std::fabs(now - present.campaigns[i].spend) > kVisible) ++rounded;
  }
  if (rounded == 0) return;
  AddCaveat(caveats, "present_rounded",
            absl::StrCat("today's spend of ", rounded, rounded == 1 ? " campaign is" : " campaigns is",
                         " rounded to whole units of ", MoneyNumber(problem.unit), ": the present split is of ",
                         MoneyNumber(present.promise.spend), " instead of ", MoneyNumber(sum)));
}

}  // namespace

absl::StatusOr<v1::OptimizeBudgetResponse> AnswerOptimize(const v1::OptimizeBudgetRequest& request,
                                                          const ServedModel& model, const StopCheck& stop,
                                                          MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(BudgetQuestion question, BudgetFromProto(request.problem(), model, memory));
  BudgetProblem& problem = question.problem;
  problem.curves = request.curves();
  ROICAST_ASSIGN_OR_RETURN(const BudgetAnswer answer, OptimizeBudget(model.decision_model(), problem, stop));
  const double level = answer.no_intervals_because.empty() ? question.interval_level : 0.0;
  v1::OptimizeBudgetResponse response;
  *response.mutable_served_by() = ServedByProto(model);
  const int spend = FreeFeature(model, problem.spend_feature);
  response.set_spend_feature(model.schema().features[static_cast<size_t>(spend)].name);
  AddMoving(model, spend, response.mutable_moving());
  for (const Conflict& conflict : answer.conflicts) *response.add_conflicts() = ConflictToProto(conflict);
  if (!answer.present.campaigns.empty()) *response.mutable_present() = SplitToProto(answer.present, problem, level);
  response.set_interval_level(level);
  if (!answer.conflicts.empty()) return response;
  *response.mutable_optimum() = SplitToProto(answer.optimum, problem, level);
  if (!answer.present_scaled.campaigns.empty()) {
    *response.mutable_present_scaled() = SplitToProto(answer.present_scaled, problem, level);
  }
  if (!answer.even.campaigns.empty()) *response.mutable_even() = SplitToProto(answer.even, problem, level);
  response.set_left(answer.left);
  response.set_left_because(answer.left_because);
  response.set_shadow_price(answer.shadow_price);
  if (response.has_present()) response.set_gain_over_present(answer.gain_over_present);
  response.set_at_most_missed(answer.at_most_missed);
  for (const CampaignCurve& curve : answer.curves) {
    v1::CampaignCurve& added = *response.add_curves();
    added.mutable_spend()->Add(curve.spend.begin(), curve.spend.end());
    added.mutable_roi()->Add(curve.roi.begin(), curve.roi.end());
    added.mutable_profit()->Add(curve.profit.begin(), curve.profit.end());
  }
  AddLimitCaveat(model, answer.limits_from_training, response.mutable_caveats());
  AddSplitCaveats(question, model, answer.optimum, answer.no_intervals_because, response.mutable_caveats());
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model.decision_model(), problem.spend_feature));
  AddFilledCaveat(model, spend, problem.rows, response.mutable_caveats());
  AddAlikeCaveat(money, problem, response.mutable_caveats());
  ROICAST_RETURN_IF_ERROR(AddFlatRevenueCaveat(model, money, problem.rows, stop, response.mutable_caveats()));
  ROICAST_RETURN_IF_ERROR(AddLiftDoubts(money, problem.rows, problem.lift_tests, stop, response.mutable_caveats()));
  if (answer.present_unknown > 0) {
    AddCaveat(response.mutable_caveats(), "present_unknown",
              absl::StrCat("today's spend is not known of ", answer.present_unknown,
                           answer.present_unknown == 1 ? " campaign, " : " campaigns, the first of them ",
                           answer.first_present_unknown, ": the present split counts 0 for ",
                           answer.present_unknown == 1 ? "it" : "them", ", and is no comparison"));
  }
  if (problem.budget.has_value() && *problem.budget < answer.least_amount) {
    AddCaveat(response.mutable_caveats(), "budget_below_step",
              absl::StrCat("the budget, ", MoneyNumber(*problem.budget),
                           ", is smaller than one step: the smallest amount that a campaign may get is ",
                           MoneyNumber(answer.least_amount),
                           ". Nothing can be spent, and neither the even split nor what another 1.00 would add says "
                           "anything"));
  }
  SayRoundedSpends(problem, spend, model.schema().size(), answer.present, response.mutable_caveats());
  return response;
}

}  // namespace roicast
