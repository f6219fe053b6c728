// Rows that are tried in the search for a counterfactual.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/explanation/counterfactual.h"
#include "model/explanation/counterfactual/change_axis.h"
#include "model/explanation/prediction_batch.h"

namespace roicast::explanation {

// A row on the way to the goal.
struct Candidate {
  std::vector<float> row;
  // The prediction, or its negative if it is to be low: more is better. −∞: serving rejects the row.
  double gain = 0.0;
  double distance = 0.0;
};

// The distance of a row from the original.
double TotalDistance(absl::Span<const ChangeAxis> axes, const std::vector<float>& row);
// The axes along which it differs from the original.
std::vector<int> ChangedAxes(absl::Span<const ChangeAxis> axes, const std::vector<float>& row);

// Predicts rows in batches, and keeps their gains in the order of the rows.
class Trials {
 public:
  // Keeps the references.
  Trials(const Predictor& predictor, CounterfactualGoal goal, const StopCheck& stop)
      : goal_(goal), batch_(predictor, predictor.schema().size(), stop) {}

  // `row` with another value of a feature, or of two.
  absl::Status Add(const std::vector<float>& row, int feature, float value) {
    return Add(row, feature, value, feature, value);
  }
  absl::Status Add(const std::vector<float>& row, int feature, float value, int other, float other_value);
  // Predicts what is left. The gains of all rows since the last call; valid until the next Add.
  absl::StatusOr<absl::Span<const double>> Finish();

  double GainOf(float prediction) const;
  // As Predict gives it.
  absl::Status Predict(const std::vector<float>& row, float& prediction) {
    return batch_.Predict(row.data(), 1, absl::MakeSpan(&prediction, 1));
  }
  int64_t evaluations() const { return batch_.evaluations(); }

 private:
  absl::Status Run();

  const CounterfactualGoal goal_;
  PredictionBatch batch_;
  std::vector<double> gains_;
  bool finished_ = true;
};

}  // namespace roicast::explanation
