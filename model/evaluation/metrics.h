// Compares predictions with the truth.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace roicast {

struct RegressionMetrics {
  double mse = 0.0, rmse = 0.0, mae = 0.0;
  double r2 = 0.0;  // 1 − SSE / SST; 0 if the truth is constant
};

// "Profitable": ROI > threshold.
struct ProfitabilityMetrics {
  double threshold = 0.0;
  double accuracy = 0.0, precision = 0.0, recall = 0.0, f1 = 0.0;
  double auc = 0.5;  // ties count half (Mann–Whitney); 0.5 if one class is absent
};

struct Metrics {
  int64_t rows = 0;
  RegressionMetrics roi;
  RegressionMetrics transformed;
  ProfitabilityMetrics profitable;
};

struct MetricsWithBaseline {
  Metrics model;
  Metrics baseline;           // of a constant: baseline_roi; on the transformed scale, FittedTarget::offset
  double baseline_roi = 0.0;  // mean ROI of the training rows
};

// Same length, ≥ 1.
RegressionMetrics EvaluateRegression(absl::Span<const double> truth, absl::Span<const double> predicted);
ProfitabilityMetrics EvaluateProfitability(absl::Span<const double> truth, absl::Span<const double> predicted,
                                           double threshold);

}  // namespace roicast
