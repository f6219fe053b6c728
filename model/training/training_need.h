// What a training takes, before anything is allocated.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "model/training/training_spec.h"

namespace roicast {

struct TrainingNeed {
  // Of one network.
  int64_t parameters = 0;
  // Of these, in the first layer.
  int64_t first_layer = 0;
  // Of the weights in an artifact: of all members of an ensemble.
  int64_t artifact_bytes = 0;
  // At the peak: parameters, gradients, the optimiser's state, networks that are kept to be compared or resumed, and
  // the copies that writing a checkpoint makes. Without the rows.
  int64_t memory_bytes = 0;
};

// spec: with the network that is trained, which with a warm start is the version's (ShapeOf). inputs: of an encoded
// row, ≥ 1; 1 as long as the table is not known, so that the need is the least that it can be. threads: that train
// networks at once, ≥ 1.
TrainingNeed NeedOf(const TrainingSpec& spec, int64_t inputs, int threads);

struct TrainingLimits {
  int64_t artifact_bytes = std::numeric_limits<int64_t>::max();
  int64_t memory_bytes = std::numeric_limits<int64_t>::max();
};

// Errors: InvalidArgument (artifact_bytes), ResourceExhausted (memory_bytes): the need, the limit, and which field to
// make smaller.
absl::Status CheckNeed(const TrainingNeed& need, const TrainingSpec& spec, const TrainingLimits& limits);

}  // namespace roicast
