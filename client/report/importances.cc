#include "client/report/importances.h"

#include <algorithm>
#include <cmath>

namespace roicast::client {

Importances ChooseImportances(const ReportInput& input) {
  Importances chosen;
  const v1::NewRowsReport& held_out = input.model.report().new_rows();
  const bool analysed = input.analysis.has_value() && input.analysis->importance_size() > 0;
  if (analysed && (input.analysis->against_truth() || held_out.importance().empty())) {
    chosen.features.assign(input.analysis->importance().begin(), input.analysis->importance().end());
    chosen.against_truth = input.analysis->against_truth();
    return chosen;
  }
  for (const v1::NewRowsImportance& importance : held_out.importance()) {
    v1::FeatureImportance& feature = chosen.features.emplace_back();
    feature.set_feature(importance.feature());
    feature.set_importance(importance.importance());
    feature.mutable_interval()->set_low(importance.low());
    feature.mutable_interval()->set_high(importance.high());
    feature.set_ratio(importance.has_ratio() ? importance.ratio() : std::nan(""));
  }
  std::stable_sort(chosen.features.begin(), chosen.features.end(),
                   [](const auto& a, const auto& b) { return a.importance() > b.importance(); });
  chosen.against_truth = true;
  chosen.rows = " Measured on rows held back in training.";
  return chosen;
}

}  // namespace roicast::client
