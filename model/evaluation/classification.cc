#include "model/evaluation/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"

namespace roicast {
namespace {

constexpr double kLeastProbability = 1.0 / (1 << 25);

double ShareOf(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

// Equal predictions in any order.
absl::StatusOr<std::vector<size_t>> OrderBy(absl::Span<const double> predicted, const StopCheck& stop) {
  std::vector<size_t> order(predicted.size());
  std::iota(order.begin(), order.end(), size_t{0});
  ROICAST_RETURN_IF_ERROR(SortOrStop(order, stop, [&](size_t a, size_t b) { return predicted[a] < predicted[b]; }));
  return order;
}

}  // namespace

absl::StatusOr<double> AreaUnderCurve(absl::Span<const double> truth, absl::Span<const double> predicted,
                                      double threshold, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<size_t> order, OrderBy(predicted, stop));
  double positives = 0.0, rank_sum = 0.0;
  for (size_t from = 0, to = 0; from < order.size(); from = to) {
    double tied_positives = 0.0;
    for (to = from; to < order.size() && predicted[order[to]] == predicted[order[from]]; ++to) {
      tied_positives += truth[order[to]] > threshold ? 1.0 : 0.0;
    }
    const double mean_rank = 0.5 * (static_cast<double>(from + 1) + static_cast<double>(to));
    rank_sum += tied_positives * mean_rank;
    positives += tied_positives;
  }
  const double negatives = static_cast<double>(order.size()) - positives;
  if (positives == 0.0 || negatives == 0.0) return 0.5;
  return (rank_sum - 0.5 * positives * (positives + 1.0)) / (positives * negatives);
}

absl::StatusOr<ClassificationMetrics> EvaluateClassification(absl::Span<const double> truth,
                                                             absl::Span<const double> predicted, double threshold,
                                                             const StopCheck& stop) {
  ROICAST_CHECK(!truth.empty() && truth.size() == predicted.size());
  ClassificationMetrics metrics;
  metrics.threshold = threshold;
  double both = 0.0, neither = 0.0, positives = 0.0, called = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const bool is = truth[i] > 0.5, is_called = predicted[i] >= threshold;
    const double p = std::clamp(predicted[i], kLeastProbability, 1.0 - kLeastProbability);
    metrics.log_loss -= is ? std::log(p) : std::log1p(-p);
    metrics.brier += (predicted[i] - truth[i]) * (predicted[i] - truth[i]);
    both += is && is_called;
    neither += !is && !is_called;
    positives += is;
    called += is_called;
  }
  const auto n = static_cast<double>(truth.size());
  metrics.log_loss /= n;
  metrics.brier /= n;
  metrics.base_rate = positives / n;
  metrics.accuracy = (both + neither) / n;
  metrics.precision = ShareOf(both, called);
  metrics.recall = ShareOf(both, positives);
  metrics.f1 = ShareOf(2.0 * both, called + positives);
  ROICAST_ASSIGN_OR_RETURN(metrics.auc, AreaUnderCurve(truth, predicted, 0.5, stop));
  return metrics;
}

absl::StatusOr<double> BestF1Threshold(absl::Span<const double> truth, absl::Span<const double> predicted,
                                       const StopCheck& stop) {
  ROICAST_CHECK(truth.size() == predicted.size());
  ROICAST_ASSIGN_OR_RETURN(const std::vector<size_t> order, OrderBy(predicted, stop));
  double positives = 0.0;
  for (const double value : truth) positives += value > 0.5 ? 1.0 : 0.0;
  double both = 0.0, best_f1 = 0.0, best = 0.5;
  for (size_t called = 1; called <= order.size(); ++called) {
    const size_t at = order.size() - called;
    const double p = predicted[order[at]];
    both += truth[order[at]] > 0.5 ? 1.0 : 0.0;
    const double below = at > 0 ? predicted[order[at - 1]] : 0.0;
    if (at > 0 && below == p) continue;
    const double f1 = ShareOf(2.0 * both, static_cast<double>(called) + positives);
    if (f1 <= best_f1) continue;
    best_f1 = f1;
    best = 0.5 * (p + below);
  }
  return std::clamp(best, kLeastProbability, 1.0 - kLeastProbability);
}

}  // namespace roicast
