// The learning rate over time.
#pragma once

#include "model/network/trainer.h"

namespace roicast {

// The learning rate of a step. progress: completed epochs, including fractions, in [0, options.epochs].
// Warm-up: linear from 0 over warmup_epochs. Cosine: ½ (1 + cos πt) over the epochs after it. Loshchilov and Hutter,
// "SGDR" (2017), eq. 5, without restarts.
double LearningRate(const TrainingOptions& options, double progress);

}  // namespace roicast
