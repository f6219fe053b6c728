#include "model/training/capacity/linear_out_of_fold.h"

#include <cstddef>

#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {

std::vector<double> PredictOutOfFold(const RowPart& part, const std::vector<int>& fold_of, int folds, Loss loss) {
  std::vector<double> predicted(fold_of.size(), 0.0);
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<Eigen::Index> inside;
    std::vector<float> y, weights;
    for (size_t row = 0; row < fold_of.size(); ++row) {
      if (fold_of[row] == fold) continue;
      inside.push_back(static_cast<Eigen::Index>(row));
      y.push_back(part.standardised[row]);
      if (!part.weights.empty()) weights.push_back(part.weights[row]);
    }
    const LinearModel linear = FitLinearPath(loss, part.encoded(inside, Eigen::all), y, weights);
    for (size_t row = 0; row < fold_of.size(); ++row) {
      if (fold_of[row] != fold) continue;
      const double z = linear.Evaluate(part.encoded.row(static_cast<Eigen::Index>(row)).data());
      predicted[row] = loss == Loss::kLogistic ? Probability(z) : z;
    }
  }
  return predicted;
}

}  // namespace roicast
