#include "model/explanation/counterfactual/trials.h"

#include <cmath>
#include <limits>

#include "base/status_macros.h"

namespace roicast::explanation {

double TotalDistance(absl::Span<const ChangeAxis> axes, const std::vector<float>& row) {
  double distance = 0.0;
  for (const ChangeAxis& axis : axes) distance += axis.Distance(row[axis.feature]);
  return distance;
}

std::vector<int> ChangedAxes(absl::Span<const ChangeAxis> axes, const std::vector<float>& row) {
  std::vector<int> changed;
  for (size_t a = 0; a < axes.size(); ++a) {
    if (!axes[a].IsOriginal(row[axes[a].feature])) changed.push_back(static_cast<int>(a));
  }
  return changed;
}

absl::Status Trials::Add(const std::vector<float>& row, int feature, float value, int other, float other_value) {
  if (finished_) gains_.clear();
  finished_ = false;
  if (batch_.room() == 0) ROICAST_RETURN_IF_ERROR(Run());
  float* const tried = batch_.Add(row.data());
  tried[feature] = value;
  tried[other] = other_value;
  MoveAlong(tried);
  return absl::OkStatus();
}

void Trials::MoveAlong(float* row) const {
  if (moves_.empty()) return;
  const float spend = row[moves_.spend];
  row[moves_.spend] = own_spend_;
  moves_.SetSpend(schema_, spend, row);
}

absl::StatusOr<absl::Span<const double>> Trials::Finish() {
  if (finished_) gains_.clear();
  finished_ = true;
  if (batch_.size() > 0) ROICAST_RETURN_IF_ERROR(Run());
  return absl::MakeConstSpan(gains_);
}

double Trials::OutcomeOf(const float* row, float prediction) const {
  if (spend_of_roi_ < 0) return prediction;
  const double spend = row[spend_of_roi_];
  return spend > 0.0 ? prediction / spend - 1.0 : std::numeric_limits<double>::quiet_NaN();
}

double Trials::GainOf(double outcome) const {
  if (std::isnan(outcome)) return -std::numeric_limits<double>::infinity();
  return goal_ == CounterfactualGoal::kAtLeast ? outcome : -outcome;
}

absl::Status Trials::Run() {
  ROICAST_RETURN_IF_ERROR(batch_.Run());
  for (int i = 0; i < batch_.size(); ++i) gains_.push_back(GainOf(OutcomeOf(batch_.row(i), batch_.prediction(i))));
  batch_.Clear();
  return absl::OkStatus();
}

}  // namespace roicast::explanation
