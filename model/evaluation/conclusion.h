// What the numbers of a report mean, in a sentence for people.
#pragma once

#include <string>

#include "model/evaluation/cross_validation.h"
#include "model/evaluation/metrics.h"

namespace roicast {

// Fewer new rows with distinct inputs than this are called few.
inline constexpr int64_t kFewNewRows = 30;
// The first metric on rows that were learnt from is "much better" by more than this: R² and AUC.
inline constexpr double kMuchBetterR2 = 0.2;
inline constexpr double kMuchBetterAuc = 0.1;
// A first metric that is above a constant's by less than this says little: R² and AUC.
inline constexpr double kLittleR2 = 0.1;
inline constexpr double kLittleAuc = 0.05;

// In this order:
// - nothing held out: the cross-validation takes the place of the holdout; without one, that it is not known;
// - fewer than kFewestDistinctInputs or kFewNewRows new rows;
// - the whole interval below the constant; the metric at or below the constant, or the interval around it. R² that is
//   not above 0 in the target's own unit beside one that is on the transformed scale (JudgeAgainstConstant) is laid at
//   the door of few large rows;
// - much better on the training rows than on new ones;
// - better than a constant, but it says little; or it holds on new rows.
// Starts with a small letter, has no full stop, and is on one line. train: of the same model as holdout.
std::string DrawConclusion(const MetricsWithBaseline& train, const MetricsWithBaseline& holdout,
                           const CrossValidation& cross_validation);

// Whether the rows of an evaluation were learnt from.
struct LearntRowsCheck {
  int64_t rows_checked = 0;  // those that could be compared with the sample of learnt rows
  int64_t rows_learnt = 0;   // of these
  bool sampled = false;      // the others could not be compared
  // Of the checked rows that were learnt from, and of those that were not; without rows if there are none.
  MetricsWithBaseline learnt, fresh;
  std::string unknown_because;  // empty: it is known
};

// Fewer checked rows than this tell nothing about the others.
inline constexpr int64_t kFewestCheckedRows = 20;

// all: of all rows that were evaluated. Form as of DrawConclusion.
std::string DrawEvaluationConclusion(const MetricsWithBaseline& all, const LearntRowsCheck& check);

}  // namespace roicast
