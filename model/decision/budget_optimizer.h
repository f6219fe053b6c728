// The best split of a budget by a model's predictions.
//
// Each campaign's outcome is predicted on a grid of amounts in one batched pass. Which amount each gets is a
// multiple-choice knapsack: concave envelopes give prices and an upper bound, a dynamic programme over the amounts that
// these prices leave in question the choice (split_search.h). Where any amount is allowed, finer grids around the
// choice follow. Every amount in the answer was predicted itself: nothing is interpolated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/decision/budget_problem.h"
#include "model/decision/conflict.h"
#include "model/decision/decision_model.h"
#include "model/decision/promise.h"

namespace roicast {

// One campaign in a split.
struct SpentCampaign {
  double spend = 0.0;
  double roi = 0.0, roi_low = 0.0, roi_high = 0.0;   // Predict's, to the bit; NaN if nothing is spent. See MoneyModel
  double revenue = 0.0, profit = 0.0;                // as predicted
  double lifted_revenue = 0.0, lifted_profit = 0.0;  // by the lift tests; the same if none is about the campaign
  int lift_tests = 0;                                // that are about it
  // Δlifted profit / Δspend over a step (1 % of the spend, if there is none) to both sides, as far as allowed. At a
  // spend of 0: of the first amount that it may get. NaN: it can only be 0.
  double marginal_roi = 0.0;
  bool outside = false;  // its spend is outside the range that training saw, at large or with its words
  std::optional<WordRange> outside_of = std::nullopt;  // if it is those of a word
  bool warning = false;                                // another of its values is imputed, unseen or outside
  // Standard deviation of its ROI because its words have no known level of what was filled in
  // (MovesWithSpend::UnknownLevel): all such campaigns err in the same direction. 0: none.
  double unknown_level_error = 0.0;
  // The values of what moves with the spend, with which it was predicted; empty if nothing is spent.
  std::vector<float> moved = {};
};

struct BudgetSplit {
  std::vector<SpentCampaign> campaigns;
  Promise promise;
  bool allowed = true;  // whether it meets all limits of the problem
};

// What was looked at, per campaign.
struct CampaignCurve {
  std::vector<double> spend;               // ascending
  std::vector<double> roi, profit, value;  // roi: as predicted; profit: by the lift tests; value: what the goal adds up
};

struct BudgetAnswer {
  // Not empty: no split can meet what is wanted; then there is neither an optimum nor an even split.
  std::vector<Conflict> conflicts;
  BudgetSplit optimum, present;
  // The present shares, scaled to the budget, whatever the limits; and the same amount of it for each campaign, as far
  // as limits and steps of campaigns allow. For the other goals: of what the optimum spends.
  BudgetSplit present_scaled, even;
  // Campaigns whose present spend is not known (none, or below 0); the present split counts 0 for them. As messages
  // name the first of them.
  int64_t present_unknown = 0;
  std::string first_present_unknown;
  double left = 0.0;         // of the budget; 0 without one
  std::string left_because;  // empty if nothing is left
  // The smallest amount above 0 that any campaign may get; 0: none may get any. A smaller budget buys nothing.
  double least_amount = 0.0;
  // What another unit of money would add to what is sought: profit, revenue, … 0 if there is money left for which there
  // is no use, or of which one more is not enough for any campaign's minimum. Where campaigns can only get whole steps
  // more: on average from what is spent (not from the budget) to the least spend that brings more, as the best split of
  // a budget of that spends it; 0 if none does of the amounts that were looked at and the next steps of each campaign
  // (SearchGrid::AddAhead). By the envelopes of the curves: for kLeastBudget, with spend_all in steps, and where
  // at_most_missed is not 0, unless one campaign gets all. For kLeastBudget: what another unit of revenue costs.
  double shadow_price = 0.0;
  double gain_over_present = 0.0;  // profit of the optimum less that of the present split, by the lift tests
  // No split of the amounts that were looked at is better than the optimum by more than this, in the goal's value; 0:
  // it is the best of them. NaN for kLeastBudget and kTargetRoi.
  double at_most_missed = 0.0;
  std::vector<CampaignCurve> curves;  // as asked for
  std::string no_intervals_because;
  std::vector<WordRange> limits_from_training;  // ResolvedBudget::from_training
};

// Errors: InvalidArgument and ResourceExhausted (those of BudgetProblem::Validate; a row that the model refuses; bounds
// outside what the model allows), FailedPrecondition (those of MoneyModel::Create; a lower bound of a model without
// calibration), stop's. A problem that nobody can solve is an answer with conflicts.
absl::StatusOr<BudgetAnswer> OptimizeBudget(const DecisionModel& model, const BudgetProblem& problem,
                                            const StopCheck& stop);

}  // namespace roicast
