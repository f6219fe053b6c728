#include "client/cli/target_view.h"

#include "absl/strings/str_cat.h"
#include "base/result_columns.h"
#include "client/cli/report_view.h"

namespace roicast::client {

bool PredictsProbability(const v1::Model& model) {
  return model.provenance().spec().target().kind() == v1::TARGET_KIND_TWO_VALUED;
}

std::string ProbabilityName(const v1::Model& model) {
  const v1::TargetSpec& target = model.provenance().spec().target();
  return absl::StrCat("P(", target.column(), " = ", target.positive_value(), ")");
}

bool PredictsRevenue(const v1::Model& model) { return model.report().target().is_revenue(); }

std::string PredictionColumn(const v1::Model& model) {
  if (PredictsProbability(model)) return ProbabilityName(model);
  if (PredictsRevenue(model)) return std::string(result_columns::kPredictedRevenue);
  const v1::TargetDescription& target = model.report().target();
  return IsRoi(target) ? std::string(result_columns::kRoi) : absl::StrCat(result_columns::kPredictedPrefix, target.name());
}

}  // namespace roicast::client
