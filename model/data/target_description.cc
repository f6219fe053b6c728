#include "model/data/target_description.h"

#include "model/data/meaning/target_names.h"

namespace roicast {

bool IsRevenue(const TargetDescription& target) {
  if (target.is_roi || !target.positive_value.empty()) return false;
  return FindUsualName(target.name).role == UsualRole::kRevenue;
}

TargetDescription DescribeTarget(const TargetSpec& spec) {
  TargetDescription description;
  const bool two_valued = spec.kind == TargetKind::kTwoValued;
  description.is_roi = !two_valued && (spec.IsComputed() || FindUsualName(spec.column).role == UsualRole::kRoi);
  description.name = description.is_roi ? "ROI" : spec.column;
  if (two_valued) description.positive_value = spec.positive_value;
  return description;
}

}  // namespace roicast
