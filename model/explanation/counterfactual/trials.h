// Rows that are tried in the search for a counterfactual.
#pragma once

#include <cstdint>
#include <utility>
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
  // The outcome, or its negative if it is to be low: more is better. −∞: serving rejects the row.
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
  Trials(const Predictor& predictor, const CounterfactualOptions& options, MovesWithSpend moves, float own_spend,
         const StopCheck& stop)
      : schema_(predictor.schema()),
        goal_(options.goal),
        spend_of_roi_(options.spend_of_roi),
        moves_(std::move(moves)),
        own_spend_(own_spend),
        batch_(predictor, schema_.size(), stop) {}

  // What moves along with the spend of a row that has what it had beside its own spend; what it lacks becomes what
  // usually goes with the spend, also at its own.
  void MoveAlong(float* row) const;

  // `row` with another value of a feature, or of two.
  absl::Status Add(const std::vector<float>& row, int feature, float value) {
    return Add(row, feature, value, feature, value);
  }
  absl::Status Add(const std::vector<float>& row, int feature, float value, int other, float other_value);
  // Predicts what is left. The gains of all rows since the last call; valid until the next Add.
  absl::StatusOr<absl::Span<const double>> Finish();

  // Of a row with this prediction. NaN: serving rejects the row, or it has no spend and the outcome is an ROI.
  double OutcomeOf(const float* row, float prediction) const;
  double GainOf(double outcome) const;
  // As Predict gives it of the row with what moves along.
  absl::Status Predict(std::vector<float> row, float& prediction) {
    MoveAlong(row.data());
    return batch_.Predict(row.data(), 1, absl::MakeSpan(&prediction, 1));
  }
  int64_t evaluations() const { return batch_.evaluations(); }

 private:
  absl::Status Run();

  const Schema& schema_;
  const CounterfactualGoal goal_;
  const int spend_of_roi_;
  const MovesWithSpend moves_;
  const float own_spend_;
  PredictionBatch batch_;
  std::vector<double> gains_;
  bool finished_ = true;
};

}  // namespace roicast::explanation
