// A network in its form for training: all parameters in one flat buffer, the gradient in another of the same layout,
// and buffers for the activations of a batch.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "model/network/aligned_buffer.h"
#include "model/network/kernels/kernels.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"

namespace roicast {

// The loss of a batch, with its targets and weights.
struct BatchLoss {
  LossArguments arguments;
  const float* y = nullptr;        // padded to a multiple of 16 rows
  const float* weights = nullptr;  // like y; 0 for padding rows
  const float* offsets = nullptr;  // like y, added to the output; null: none
};

// Not thread-safe.
class TrainableNetwork {
 public:
  // Batches are processed in chunks of this many rows, so that the activations stay in the cache.
  static constexpr int kMaxRows = 128;

  // A range of the flat buffers. Penalties and decay apply to weights only.
  struct Range {
    size_t offset = 0;
    size_t size = 0;
  };

  // dropout in [0, 1). Copies shape and weights of mlp. kernels must outlive this.
  TrainableNetwork(const Mlp& mlp, double dropout, uint64_t seed, const Kernels& kernels);

  // The number of columns of x.
  int padded_inputs() const { return PaddedUnits(inputs_); }
  AlignedBuffer& parameters() { return parameters_; }
  AlignedBuffer& gradient() { return gradient_; }
  const std::vector<Range>& weight_ranges() const { return weight_ranges_; }
  DropoutState& dropout_state() { return dropout_state_; }

  // The network with the given parameters, in the layout of parameters().
  Mlp Export(const AlignedBuffer& parameters) const;

  // Adds the gradient of loss.scale · Σ weight · loss to gradient(), with fresh dropout; returns Σ weight · loss.
  // x [rows, padded_inputs()], rows ≤ kMaxRows. Call PrepareBackward() after the last change of the parameters.
  double Backpropagate(const float* x, int rows, const BatchLoss& loss);
  // Call after each change of the parameters.
  void PrepareBackward();

  // Asked between the layers of a batch, which is worth its while in large networks only. True: the rest of it is left
  // undone, and what the batch gives means nothing; the parameters are as they were. Empty: never asked.
  void SetInterrupt(std::function<bool()> interrupt) { interrupt_ = std::move(interrupt); }

  // Without dropout. z has room for rows; rows ≤ kMaxRows.
  void Predict(const float* x, int rows, float* z);

 private:
  struct Hidden {
    int inputs, outputs, padded;
    Activation activation;
    size_t weights, biases;                       // offsets; weights [inputs, padded]
    AlignedBuffer values, derivatives, gradient;  // [kMaxRows, padded]
    AlignedBuffer transposed;                     // [outputs, padded inputs]; not of the first layer
  };

  // Returns the last hidden layer's values; x if there is none, nullptr if it was interrupted.
  const float* Forward(const float* x, int rows, bool training);

  bool Interrupted() const { return interrupt_ && interrupt_(); }

  const Kernels& kernels_;
  std::function<bool()> interrupt_;
  const int inputs_;
  const float keep_;
  std::vector<Hidden> hidden_;
  int output_inputs_;  // padded
  size_t output_weights_, output_bias_;
  AlignedBuffer parameters_, gradient_, mask_, z_, dz_;
  std::vector<Range> weight_ranges_;
  DropoutState dropout_state_;
};

}  // namespace roicast
