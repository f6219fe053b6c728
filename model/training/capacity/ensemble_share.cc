#include "model/training/capacity/ensemble_share.h"

#include <algorithm>
#include <cstddef>

#include "base/check.h"

namespace roicast {

double EnsembleShare(const FoldCriterion& criterion, const UnseenPrediction& first, const UnseenPrediction& second,
                     int members, double single) {
  ROICAST_CHECK(members >= 1 && first.linear.size() == second.linear.size());
  UnseenPrediction mean = first;
  for (size_t i = 0; i < mean.linear.size(); ++i) {
    mean.linear[i] = 0.5 * (first.linear[i] + second.linear[i]);
    mean.network[i] = 0.5 * (first.network[i] + second.network[i]);
  }
  const double share1 = criterion.FitShare(first.linear, first.network).share;
  const double share2 = criterion.FitShare(second.linear, second.network).share;
  const double share_of_two = criterion.FitShare(mean.linear, mean.network).share;
  if (!(share1 > 0.0 && share2 > 0.0 && share_of_two > 0.0)) return single;
  const double of_one = 0.5 * (1.0 / share1 + 1.0 / share2), of_two = 1.0 / share_of_two;
  const double chance = std::max(0.0, 2.0 * (of_one - of_two));
  const double inverse = of_one - chance + chance / members;
  return std::clamp(inverse > 1.0 ? 1.0 / inverse : 1.0, single, 1.0);
}

}  // namespace roicast
