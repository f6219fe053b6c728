#include "client/report/report_input.h"

#include <algorithm>
#include <cmath>

namespace roicast::client {
namespace {

// An artifact may come from elsewhere.
bool IsWhole(const v1::FeatureDependence& dependence) {
  const int points = dependence.mean_size();
  const auto finite = [](const auto& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  };
  for (const v1::IndividualCurve& curve : dependence.individual()) {
    if (curve.values_size() != points || !finite(curve.values())) return false;
  }
  return points > 0 && dependence.labels_size() == points && dependence.low_size() == points &&
         dependence.high_size() == points && (dependence.values().empty() || dependence.values_size() == points) &&
         finite(dependence.mean()) && finite(dependence.low()) && finite(dependence.high()) &&
         finite(dependence.values());
}

}  // namespace

OutcomeRows HeldOutRows(const v1::TrainingReport& report) {
  OutcomeRows rows;
  const v1::NewRowsReport& held_out = report.new_rows();
  if (held_out.predicted_size() != held_out.actual_size()) return rows;
  rows.profit_threshold = report.holdout().model().profitable().threshold();
  for (int i = 0; i < held_out.predicted_size(); ++i) {
    if (!std::isfinite(held_out.predicted(i)) || !std::isfinite(held_out.actual(i))) continue;
    rows.predicted.push_back(held_out.predicted(i));
    rows.actual.push_back(held_out.actual(i));
  }
  return rows;
}

std::optional<v1::AnalyzeModelResponse> HeldOutAnalysis(const v1::TrainingReport& report) {
  const v1::NewRowsReport& held_out = report.new_rows();
  v1::AnalyzeModelResponse analysis;
  for (const v1::FeatureDependence& dependence : held_out.dependence()) {
    if (IsWhole(dependence)) *analysis.add_dependence() = dependence;
  }
  if (analysis.dependence().empty()) return std::nullopt;
  analysis.set_rows(held_out.rows());
  *analysis.mutable_interactions() = held_out.interactions();
  if (held_out.has_tree()) *analysis.mutable_tree() = held_out.tree();
  return analysis;
}

}  // namespace roicast::client
