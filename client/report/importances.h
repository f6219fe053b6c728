// How much each feature matters, from the analysis of rows or from the training report.
#pragma once

#include <string>
#include <vector>

#include "client/report/report_input.h"
#include "roicast/v1/decision.pb.h"

namespace roicast::client {

// Of rows whose outcome was known, if either has that: how much a feature helps says more than how far it moves
// predictions.
struct Importances {
  std::vector<v1::FeatureImportance> features;  // the most important first
  bool against_truth = false;
  std::string rows;  // of which; empty: those of the analysis
};

Importances ChooseImportances(const ReportInput& input);

}  // namespace roicast::client
