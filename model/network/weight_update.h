// Applies a gradient to the weights: penalties, clipping, decay, optimiser step.
#pragma once

#include <cstdint>
#include <vector>

#include "model/network/aligned_buffer.h"
#include "model/network/kernels/kernels.h"
#include "model/network/trainable_network.h"
#include "model/network/trainer.h"

namespace roicast {

// Holds the optimiser's moments. Not thread-safe.
class WeightUpdate {
 public:
  WeightUpdate(const TrainingOptions& options, size_t parameters, const Kernels& kernels);

  // One step at this learning rate. Modifies the gradient (penalties, clipping).
  void Apply(TrainableNetwork& network, double learning_rate);

  // State, for checkpoints.
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }
  AlignedBuffer& first_moment() { return first_moment_; }
  AlignedBuffer& second_moment() { return second_moment_; }  // empty for SGD

 private:
  void PenalizeAndClip(TrainableNetwork& network);
  void Decay(TrainableNetwork& network, double learning_rate);
  void StepSgd(TrainableNetwork& network, double learning_rate);
  void StepAdam(TrainableNetwork& network, double learning_rate);

  const TrainingOptions options_;
  const Kernels& kernels_;
  int64_t steps_ = 0;
  AlignedBuffer first_moment_, second_moment_;
};

}  // namespace roicast
