// What a dataset's target and split show that a person should know, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/data/data_warning.h"
#include "model/data/leverage.h"
#include "model/data/split.h"

namespace roicast {

// Fewer held-out rows with distinct inputs prove nothing.
inline constexpr int64_t kMinTellingHoldout = 30;

// How few rows there may be in all, so that `training_rows` are left to train on. Splits by value hold out an unknown
// number of rows, which are not among them.
int64_t RowsNeeded(const SplitSpec& split, int64_t training_rows);

// "needs at least 14 with a target (10 to train on after 20 % holdout and 5 % validation)"
std::string RowsNeededText(const SplitSpec& split, int64_t training_rows);

// Says that the holdout is too small to tell, or not apart from training. distinct_inputs: of the held-out rows.
// copies_are_said: RepeatedExportsWarning tells which rows are on both sides.
std::vector<DataWarning> HoldoutWarnings(const SplitSpec& spec, const Split& split, int64_t distinct_inputs,
                                         bool copies_are_said);

// What is known about the rows at leverage.positions.
struct LeverageDetails {
  std::vector<int64_t> lines;  // of all of them
  double largest = 0.0;        // the value furthest from the median
  double largest_spend = 0.0;  // of theirs; 0: there is no spend
  double median_spend = 0.0;   // of all rows
  int64_t held_out = 0;        // how many are in the holdout
};

// target: its name. left_out: whether those of them that are not held out are left out of training.
DataWarning LeverageWarning(const Leverage& leverage, const LeverageDetails& details, const std::string& target,
                            bool left_out);

}  // namespace roicast
