// What a network learns to predict: the target of a prepared dataset, on the scale that the spec wants.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/artifact/artifact.h"
#include "model/features/target_transform.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/training_spec.h"

namespace roicast {

// Learnt from the rows `train` of the dataset's table. warm_start: its target is kept; earlier: its transform is;
// either may be nullptr. Errors: InvalidArgument (a transform that the target cannot have, a warm start from another
// kind of target).
absl::StatusOr<FittedTarget> LearnTarget(const PreparedData& data, absl::Span<const int64_t> train,
                                         const TrainingSpec& spec, const Artifact* warm_start,
                                         const FittedTarget* earlier);

// The floor of the ROI in all rows that cleaning left, whichever part they are in: what is possible does not depend on
// the split.
double LearnFloor(const PreparedData& data);

// As specs and messages name it, such as "log1p".
absl::string_view TargetTransformName(TargetTransform transform);

// As TrainingObserver::OnTargetScale names it.
absl::string_view TargetScaleOf(const FittedTarget& target);

}  // namespace roicast
