// How much of the mean of several networks is added to a linear path.
#pragma once

#include <vector>

#include "model/training/capacity/fold_criterion.h"

namespace roicast {

// Of rows that neither had learnt from: what a linear path and a network beside it say; an entry per row.
struct UnseenPrediction {
  std::vector<double> linear, network;
};

// The share, in [single, 1], that fits the mean of `members` networks best, where `single` > 0 fits one. A network is
// signal and chance, of mean squares S and C. Its best share is P / (S + C), with P the product of the signal and what
// the linear path leaves; that of a mean of m networks, in which chance partly cancels, is P / (S + C / m). So the
// inverse is linear in 1 / m. It is known at m = 1, from both networks, and at m = 2, from their mean.
double EnsembleShare(const FoldCriterion& criterion, const UnseenPrediction& first, const UnseenPrediction& second,
                     int members, double single);

}  // namespace roicast
