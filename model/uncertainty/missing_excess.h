// How much less sure a prediction is of a row whose feature is missing.
#pragma once

#include <vector>

#include "model/artifact/artifact.h"
#include "model/predictor/predictor.h"

namespace roicast {

// Per feature, in variances of the target, for SquaredExcess. 0 where training rows had it missing, so that the errors
// of such rows are among those that intervals are made of (FittedFeature::missing_indicator). Otherwise what a typical
// value in place of the row's own moves predictions by: the mean of (location(row) − location(row without it))² over
// the background, of a category at least that of an unseen one, kUnseenExcess². Without a background, or a predictor,
// that of an unseen category for all kinds.
std::vector<double> MissingExcess(const Artifact& artifact, const Predictor* predictor);

}  // namespace roicast
