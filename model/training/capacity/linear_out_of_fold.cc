#include "model/training/capacity/linear_out_of_fold.h"

#include <cstddef>

#include "base/status_macros.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {

absl::StatusOr<LinearModel> FitLinearTo(const RowPart& part, absl::Span<const int64_t> rows, Loss loss,
                                        const StopCheck& stop) {
  std::vector<float> y, weights;
  for (const int64_t row : rows) {
    y.push_back(part.standardised[row]);
    if (!part.weights.empty()) weights.push_back(part.weights[row]);
  }
  ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix x, CopyRows(part.encoded, rows, stop));
  return FitLinearPath(loss, x, y, weights, nullptr, stop);
}

absl::StatusOr<std::vector<double>> PredictOutOfFold(const RowPart& part, const std::vector<int>& fold_of, int folds,
                                                     Loss loss, const StopCheck& stop) {
  std::vector<double> predicted(fold_of.size(), 0.0);
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<int64_t> inside;
    for (size_t row = 0; row < fold_of.size(); ++row) {
      if (fold_of[row] != fold) inside.push_back(static_cast<int64_t>(row));
    }
    ROICAST_ASSIGN_OR_RETURN(const LinearModel linear, FitLinearTo(part, inside, loss, stop));
    RareStopCheck rare(&stop, kRowsPerStopCheck);
    for (size_t row = 0; row < fold_of.size(); ++row) {
      if (fold_of[row] != fold) continue;
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      const double z = linear.Evaluate(part.encoded.row(static_cast<Eigen::Index>(row)).data());
      predicted[row] = loss == Loss::kLogistic ? Probability(z) : z;
    }
  }
  return predicted;
}

}  // namespace roicast
