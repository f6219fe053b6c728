// Compares probabilities with the truth of a two-valued target.
#pragma once

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"

namespace roicast {

struct ClassificationMetrics {
  double auc = 0.5;       // ties count half (Mann–Whitney); 0.5 if one class is absent
  double log_loss = 0.0;  // −(1/n) Σ ln of the probability given to what happened
  double brier = 0.0;     // mean squared error of the probability
  double base_rate = 0.0;
  double threshold = 0.5;  // rows from this probability on count as predicted positive
  double accuracy = 0.0, precision = 0.0, recall = 0.0, f1 = 0.0;
};

// truth: 1 or 0; predicted: probabilities of 1. Same length, ≥ 1. For the log loss, probabilities are held 2⁻²⁵ off 0
// and 1, which float32 cannot tell apart from them. Errors: those of `stop`.
absl::StatusOr<ClassificationMetrics> EvaluateClassification(absl::Span<const double> truth,
                                                             absl::Span<const double> predicted, double threshold,
                                                             const StopCheck& stop = nullptr);

// The threshold with the largest F1, halfway between the probabilities on its sides; the highest of equally good ones.
// 0.5 if there are no positives. Same length; in (0, 1). Errors: those of `stop`.
absl::StatusOr<double> BestF1Threshold(absl::Span<const double> truth, absl::Span<const double> predicted,
                                       const StopCheck& stop = nullptr);

// The share of (positive, negative) pairs that the predictions rank correctly, ties counting half: the rank-sum form of
// Mann and Whitney (1947). Positive: truth > threshold. 0.5 if one class is absent. Errors: those of `stop`.
absl::StatusOr<double> AreaUnderCurve(absl::Span<const double> truth, absl::Span<const double> predicted,
                                      double threshold, const StopCheck& stop = nullptr);

}  // namespace roicast
