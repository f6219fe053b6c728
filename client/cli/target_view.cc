#include "client/cli/target_view.h"

#include "absl/strings/str_cat.h"

namespace roicast::client {

bool PredictsProbability(const v1::Model& model) {
  return model.provenance().spec().target().kind() == v1::TARGET_KIND_TWO_VALUED;
}

std::string ProbabilityName(const v1::Model& model) {
  const v1::TargetSpec& target = model.provenance().spec().target();
  return absl::StrCat("P(", target.column(), " = ", target.positive_value(), ")");
}

bool PredictsRevenue(const v1::Model& model) { return model.report().target().is_revenue(); }

}  // namespace roicast::client
