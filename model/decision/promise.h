// What can be promised of a split.
//
// The sum of the predictions promises too much for a split that was chosen by them: an optimum picks where the model
// errs upwards ("the winner's curse"; Smith and Winkler, "The Optimizer's Curse: Skepticism and Postdecision Surprise
// in Decision Analysis", 2006).
#pragma once

#include <string>

namespace roicast {

// Of a whole split. Money in the unit of the spend.
struct Promise {
  double spend = 0.0;
  // The sums of what Predict answers for each campaign. roi: profit / spend; NaN if nothing is spent.
  double revenue = 0.0, profit = 0.0, roi = 0.0;
  // The same by the lift tests; equal if none is about its campaigns.
  double lifted_revenue = 0.0, lifted_profit = 0.0;
  bool lifted = false;  // any is
  // The latter, less what an optimum is expected to promise too much; equal if `corrected` is false.
  double corrected_revenue = 0.0, corrected_profit = 0.0, corrected_roi = 0.0;
  // Between which the expected profit is at the level: the errors of the model and of the lift tests alone, as if
  // luck evened out. NaN: not known.
  double expected_low = 0.0, expected_high = 0.0;
  // Between which the profit is that comes in: the model's error and the luck of each campaign. NaN: not known, as where
  // a campaign gets over kFarthestSpend times what training saw.
  double low = 0.0, high = 0.0;
  bool corrected = false;
  std::string not_corrected_because;  // empty if it is
};

}  // namespace roicast
