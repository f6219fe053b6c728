// Budgets between the messages of DecisionService and model/decision.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "google/protobuf/repeated_field.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/budget_problem.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// What a request asks for. What the message leaves unset of a campaign is filled in from the problem.
// Errors: those of ReadStrictRows; InvalidArgument naming the field; NOT_AN_ROI; NO_CALIBRATION (a lower bound, or a
// level that was asked for); REQUEST_TOO_LARGE (kMaxBudgetGroups); MemoryShort. What BudgetProblem::Validate checks is
// left to it.
struct BudgetQuestion {
  BudgetProblem problem;
  // Of the intervals in the answer; 0: there are none.
  double interval_level = 0;
  // What the rows and the campaigns take.
  MemoryClaim rows_memory, memory;
};
// memory: what the question draws from, and later its answer.
absl::StatusOr<BudgetQuestion> BudgetFromProto(const v1::BudgetProblem& proto, const ServedModel& model,
                                               MemoryBudget* memory);

// level: of the intervals; 0: none.
v1::Outcome OutcomeToProto(const Promise& promise, double level);
v1::Split SplitToProto(const BudgetSplit& split, const BudgetProblem& problem, double level);
v1::Conflict ConflictToProto(const Conflict& conflict);
// That some campaigns are alike, and may be one; none if no two are.
void AddAlikeCaveat(const MoneyModel& money, const BudgetProblem& problem,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);
// What a reader should know of a split that was chosen: cause, campaigns outside the range of training, correction.
void AddSplitCaveats(const BudgetQuestion& question, const ServedModel& model, const BudgetSplit& split,
                     const std::string& no_intervals_because, google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);
// Which limits are taken from training, where campaigns have none of their own; nothing if those are of training at
// large.
void AddLimitCaveat(const ServedModel& model, const std::vector<WordRange>& limits,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

}  // namespace roicast
