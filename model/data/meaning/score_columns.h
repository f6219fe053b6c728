// The columns that `roicast score` adds behind a table.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace roicast {

struct ScoreColumns {
  // Name of the column with the predicted ROI: "roi", or another where others are added behind it.
  std::string prediction;
  // The others: "predicted_revenue", "predicted_profit", and the prediction's name with "_warnings".
  std::vector<std::string> others;
};

// By the exact names of the last columns. Without others, a last column "roi" may as well be a person's own. Empty
// names: none.
ScoreColumns FindScoreColumns(absl::Span<const std::string> names);

}  // namespace roicast
