// Straight lines of ln of a number on ln of the spend: over all rows, and within more and more categories.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "model/training/preparation/moves/logarithms.h"

namespace roicast {

// By least squares. r2 0, slope_error ∞: the spend hardly varies.
struct SpendLine {
  double slope = 0.0, r2 = 0.0;
  double slope_error = std::numeric_limits<double>::infinity();  // standard error
  double variance = 0.0;                                         // of ln of the spend
};

// Below it, ln of the spend says nothing: it varies by less than 2 %.
inline constexpr double kLeastVariance = 0.02 * 0.02;
// Where categories leave less of the variance of ln of the spend, their budgets are steady.
inline constexpr double kSteadySpend = 0.1;

// [k] after the first k categorical features: from none to CountFor(y), each after those before it once, and the last
// one exactly (TakeOff). x, y: ln of the spend and of the number, NaN in the same rows; what CountFor(y) of the
// categories explain is taken off.
std::vector<SpendLine> SpendLinesOf(const CategoriesOfRows& categories, Logarithms& x, Logarithms& y);

// The largest R² of these from `least` on; nullopt: none, or one that categories deny. A line is denied by a later one
// whose slope is less than half of it, by two standard errors: audiences that are large where spends are, and not where
// a channel's spends are, are the channel's. Categories of steady budgets (kSteadySpend, and a standard deviation of
// less than 30 %) deny nothing: what their spends differ by is the chance of the day, and the budget is larger where
// the spend is. So numbers that go along with such budgets are found whether or not there are names of campaigns.
std::optional<double> MovingR2Of(absl::Span<const SpendLine> lines, double least);

// How many categorical features to take off for the slopes of numbers with values in the same rows, the same for all of
// them, so that products are kept: as many as leave each slope a standard error of at most 0.05, or of one that is not
// much larger than with any other count. Those of steady budgets count if the spend explains `least` of each number
// there. lines: of each number, as of SpendLinesOf; at least one.
size_t CategoricalsForSlopes(absl::Span<const std::vector<SpendLine>* const> lines, double least);

}  // namespace roicast
