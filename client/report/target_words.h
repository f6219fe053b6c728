// How a report speaks of what is predicted.
#pragma once

#include <string>

#include "roicast/v1/model.pb.h"

namespace roicast::client {

struct TargetWords {
  bool roi = false;
  bool probability = false;
  // "ROI", "price", "the chance of Churn = Yes".
  std::string name;
  // Rows are campaigns if the target is an ROI.
  std::string row = "row", rows = "rows";
};

TargetWords WordsOfTarget(const v1::Model& model);

// "default, version 3".
std::string VersionWords(const v1::Model& model);

}  // namespace roicast::client
