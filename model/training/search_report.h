// What a search for a model tried, and what making the model smaller cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace roicast {

struct TriedModel {
  std::string description;  // such as "accurate, 64 → 32, log1p"
  // 1 − squared error / squared error of the mean, transformed scale, rows that were not learnt from; of a two-valued
  // target 1 − deviance / deviance of the base rate.
  double score = 0.0;
  double seconds = 0.0;
  double share = 0.0;  // in the model that is served, [0, 1]
};

struct ReductionReport {
  std::string step;  // "distilled" or "features selected"
  // FirstMetric (model/evaluation/first_metric.h) on the holdout.
  double metric_before = 0.0, metric_after = 0.0;
  // Of a prediction.
  int64_t multiplications_before = 0, multiplications_after = 0;
  std::vector<std::string> left_out;  // features
};

}  // namespace roicast
