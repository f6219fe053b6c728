// How far a row is outside the range of the training rows.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "model/data/schema.h"
#include "model/features/preprocessor.h"

namespace roicast {

// What an unseen category whose own excess was not measured (FittedFeature::unseen_excess), and a time outside of
// training, count as, in standard deviations of the target.
inline constexpr double kUnseenExcess = 0.5;

// What all missing values of a row count as together, at most: a prediction that knows nothing errs by the target's
// own variance.
inline constexpr double kMostMissingExcess = 1.0;

// Farther outside nothing more is known, and nothing less: the truth is some value of the target's, which is as a rule
// within three of its standard deviations of a prediction that is one itself, and of another prediction about as far as
// that is from the target's mean. Without an end, e^x and sinh make an interval of a distance that says nothing, such
// as of percentages where fractions were learnt.
inline constexpr double kMostSquaredExcess = 9.0;

// The variance that a row's error has in addition to that of rows inside the range, in units of the target's variance:
// Σ e² over its features. Numeric: e = |t(x) − t(nearest value seen in training)| / scale with the feature's own
// transform t and scale, or |ln x − ln(that value)| / (standard deviation of ln x) if that is more and the feature is
// above 0 and spans a decade (FittedFeature::log_scale): below the smallest spend there is next to nothing by the spend
// itself, and all decades by its logarithm. The most of the distances from the range of training and from those of the
// row's words (Feature::word_ranges). The network does not see the difference, because values are clipped or
// extrapolated there, and a target that went on with the feature would change by one of its standard deviations for one
// of the feature's, at most, if they were in a line; at most kMostSquaredExcess in all, or z². Unseen
// category: FittedFeature::unseen_excess in place of e²; unless it is set, and for a time out of range: kUnseenExcess.
// Missing: missing[f], together at most kMostMissingExcess; empty: 0. Rejected values: 0. features: as fitted to the
// schema; row [schema.size()], raw; z: what is predicted for it, in standard deviations of the target from its mean.
double SquaredExcess(const Schema& schema, const std::vector<FittedFeature>& features, const float* row, double z,
                     absl::Span<const double> missing = {});

}  // namespace roicast
