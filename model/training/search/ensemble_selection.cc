#include "model/training/search/ensemble_selection.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace roicast {
namespace {

constexpr int kAdditions = 20;
constexpr double kLeastShare = 0.1;

}  // namespace

std::vector<double> SelectEnsemble(const FoldCriterion& criterion,
                                   const std::vector<absl::Span<const double>>& out_of_fold, int most) {
  ROICAST_CHECK(!out_of_fold.empty() && most >= 1);
  const size_t models = out_of_fold.size(), rows = out_of_fold.front().size();
  std::vector<double> sum(rows, 0.0), mean(rows), shares(models, 0.0);
  for (int round = 1; round <= kAdditions; ++round) {
    size_t best = 0;
    double best_score = -std::numeric_limits<double>::infinity();
    for (size_t model = 0; model < models; ++model) {
      for (size_t i = 0; i < rows; ++i) mean[i] = (sum[i] + out_of_fold[model][i]) / round;
      const double score = criterion.Score(mean);
      if (score > best_score) {
        best = model;
        best_score = score;
      }
    }
    for (size_t i = 0; i < rows; ++i) sum[i] += out_of_fold[best][i];
    shares[best] += 1.0 / kAdditions;
  }
  std::vector<size_t> order(models);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return shares[a] > shares[b]; });
  for (size_t i = 1; i < models; ++i) {
    if (i >= static_cast<size_t>(most) || shares[order[i]] < kLeastShare) shares[order[i]] = 0.0;
  }
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= total;
  return shares;
}

}  // namespace roicast
