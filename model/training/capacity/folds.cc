#include "model/training/capacity/folds.h"

#include <cstddef>
#include <numeric>

#include "base/random.h"

namespace roicast {

std::vector<int> AssignFolds(const TrainingRows& rows, absl::Span<const int64_t> groups, int folds, Loss loss,
                             uint64_t seed) {
  std::vector<int> order(groups.size());
  std::iota(order.begin(), order.end(), 0);
  Random random(seed);
  random.Shuffle(order);
  std::vector<int> fold_of = order;
  for (int& fold : fold_of) fold %= folds;
  if (loss == Loss::kLogistic) {
    std::vector<int> positive(groups.size(), -1);
    for (size_t row = 0; row < groups.size(); ++row) {
      if (positive[groups[row]] < 0) positive[groups[row]] = rows.y[row] > 0.5f ? 1 : 0;
    }
    int dealt[2] = {0, 0};
    for (const int group : order) {
      if (positive[group] >= 0) fold_of[group] = dealt[positive[group]]++ % folds;
    }
  }
  std::vector<int> assigned;
  assigned.reserve(groups.size());
  for (const int64_t group : groups) assigned.push_back(fold_of[group]);
  return assigned;
}

}  // namespace roicast
