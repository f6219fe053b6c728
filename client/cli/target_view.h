// What a model predicts, in words.
#pragma once

#include <string>

#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Its target has two values: `roi` in answers is a probability.
bool PredictsProbability(const v1::Model& model);
// Such as "P(Churn = Yes)".
std::string ProbabilityName(const v1::Model& model);

// Its answers are revenues, not ROIs.
bool PredictsRevenue(const v1::Model& model);

// What a table's column of its predictions is called: "roi", "predicted_revenue", "P(Churn = Yes)", or "predicted_" and
// the target's name.
std::string PredictionColumn(const v1::Model& model);

}  // namespace roicast::client
