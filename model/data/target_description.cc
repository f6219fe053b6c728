#include "model/data/target_description.h"

#include "model/data/meaning/target_names.h"

namespace roicast {

TargetDescription DescribeTarget(const TargetSpec& spec) {
  TargetDescription description;
  description.is_roi = spec.IsComputed() || FindUsualName(spec.column).role == UsualRole::kRoi;
  description.name = description.is_roi ? "ROI" : spec.column;
  return description;
}

}  // namespace roicast
