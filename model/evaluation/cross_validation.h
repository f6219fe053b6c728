// Metrics of rows that were each predicted by a model that had not seen them.
#pragma once

#include <vector>

#include "model/evaluation/metrics.h"

namespace roicast {

struct CrossValidation {
  // FirstMetric (first_metric.h) of each part; empty: there was no cross-validation.
  std::vector<double> first_metric;
  // Of all rows.
  MetricsWithBaseline all;
};

}  // namespace roicast
