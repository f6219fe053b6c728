#include "model/network/trainable_network.h"

#include <algorithm>

#include "base/random.h"

namespace roicast {
namespace {

constexpr size_t Padded16(int rows) { return (static_cast<size_t>(rows) + 15) / 16 * 16; }

}  // namespace

TrainableNetwork::TrainableNetwork(const Mlp& mlp, double dropout, uint64_t seed, const Kernels& kernels)
    : kernels_(kernels), inputs_(mlp.inputs()), keep_(static_cast<float>(1.0 - dropout)) {
  size_t size = 0;
  const auto allocate = [&](size_t count) {
    const size_t offset = size;
    size += (count + 15) / 16 * 16;  // the next one starts on a cache line
    return offset;
  };
  int inputs = inputs_, widest = 16;
  for (size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
    const DenseLayer& layer = mlp.layers[i];
    const int outputs = static_cast<int>(layer.weights.rows()), padded = PaddedUnits(outputs);
    Hidden hidden{inputs, outputs, padded, layer.activation, 0, 0, {}, {}, {}, {}};
    hidden.weights = allocate(static_cast<size_t>(inputs) * padded);
    weight_ranges_.push_back({hidden.weights, size - hidden.weights});
    hidden.biases = allocate(padded);
    const size_t cells = static_cast<size_t>(kMaxRows) * padded;
    hidden.values.Reset(cells);
    hidden.derivatives.Reset(cells);
    hidden.gradient.Reset(cells);
    if (i > 0) hidden.transposed.Reset(static_cast<size_t>(outputs) * PaddedUnits(inputs));
    hidden_.push_back(std::move(hidden));
    inputs = outputs;
    widest = std::max(widest, padded);
  }
  output_inputs_ = PaddedUnits(inputs);
  output_weights_ = allocate(output_inputs_);
  weight_ranges_.push_back({output_weights_, size - output_weights_});
  output_bias_ = allocate(8);

  parameters_.Reset(size);
  gradient_.Reset(size);
  if (dropout > 0.0) mask_.Reset(static_cast<size_t>(kMaxRows) * widest);
  z_.Reset(kMaxRows);
  dz_.Reset(kMaxRows);
  for (auto& words : dropout_state_.words) {
    for (uint32_t& word : words) word = static_cast<uint32_t>(SplitMix64(seed) >> 32);
  }

  for (size_t i = 0; i < hidden_.size(); ++i) {
    const DenseLayer& layer = mlp.layers[i];
    for (int out = 0; out < hidden_[i].outputs; ++out) {
      for (int in = 0; in < hidden_[i].inputs; ++in) {
        parameters_[hidden_[i].weights + static_cast<size_t>(in) * hidden_[i].padded + out] = layer.weights(out, in);
      }
      parameters_[hidden_[i].biases + out] = layer.biases[out];
    }
  }
  for (int in = 0; in < inputs; ++in) parameters_[output_weights_ + in] = mlp.layers.back().weights(0, in);
  parameters_[output_bias_] = mlp.layers.back().biases[0];
}

Mlp TrainableNetwork::Export(const AlignedBuffer& parameters) const {
  Mlp mlp;
  for (const Hidden& hidden : hidden_) {
    DenseLayer layer{RowMajorMatrix(hidden.outputs, hidden.inputs), Eigen::VectorXf(hidden.outputs), hidden.activation};
    for (int out = 0; out < hidden.outputs; ++out) {
      for (int in = 0; in < hidden.inputs; ++in) {
        layer.weights(out, in) = parameters[hidden.weights + static_cast<size_t>(in) * hidden.padded + out];
      }
      layer.biases[out] = parameters[hidden.biases + out];
    }
    mlp.layers.push_back(std::move(layer));
  }
  const int inputs = hidden_.empty() ? inputs_ : hidden_.back().outputs;
  DenseLayer output{RowMajorMatrix(1, inputs), Eigen::VectorXf(1), Activation::kIdentity};
  for (int in = 0; in < inputs; ++in) output.weights(0, in) = parameters[output_weights_ + in];
  output.biases[0] = parameters[output_bias_];
  mlp.layers.push_back(std::move(output));
  return mlp;
}

const float* TrainableNetwork::Forward(const float* x, int rows, bool training) {
  const float* values = x;
  int stride = padded_inputs();
  for (Hidden& layer : hidden_) {
    if (Interrupted()) return nullptr;
    kernels_.multiply(values, stride, 1, rows, layer.inputs, &parameters_[layer.weights], layer.padded,
                      &parameters_[layer.biases], false, layer.values.data());
    const size_t cells = static_cast<size_t>(rows) * layer.padded;
    const float* mask = nullptr;
    if (training && keep_ < 1.0f) {
      kernels_.dropout_mask(dropout_state_, keep_, mask_.data(), cells);
      mask = mask_.data();
    }
    kernels_.activate(layer.activation, layer.values.data(), training ? layer.derivatives.data() : nullptr, mask,
                      cells);
    values = layer.values.data();
    stride = layer.padded;
  }
  return values;
}

void TrainableNetwork::Predict(const float* x, int rows, float* z) {
  const float* values = Forward(x, rows, false);
  if (values == nullptr) return;
  kernels_.output_forward(values, rows, output_inputs_, &parameters_[output_weights_], parameters_[output_bias_], z);
}

void TrainableNetwork::PrepareBackward() {
  for (size_t i = 1; i < hidden_.size(); ++i) {
    Hidden& layer = hidden_[i];
    const float* weights = &parameters_[layer.weights];
    float* transposed = layer.transposed.data();
    const int stride = PaddedUnits(layer.inputs);
    // In tiles, so that large layers stay in the cache.
    constexpr int kTile = 32;
    for (int first = 0; first < layer.outputs; first += kTile) {
      const int last = std::min(first + kTile, layer.outputs);
      for (int from = 0; from < layer.inputs; from += kTile) {
        const int to = std::min(from + kTile, layer.inputs);
        for (int out = first; out < last; ++out) {
          float* const row = transposed + static_cast<size_t>(out) * stride;
          for (int in = from; in < to; ++in) row[in] = weights[static_cast<size_t>(in) * layer.padded + out];
        }
      }
    }
  }
}

double TrainableNetwork::Backpropagate(const float* x, int rows, const BatchLoss& loss) {
  const float* top = Forward(x, rows, true);
  if (top == nullptr) return 0.0;
  kernels_.output_forward(top, rows, output_inputs_, &parameters_[output_weights_], parameters_[output_bias_],
                          z_.data());
  for (size_t i = rows; i < Padded16(rows); ++i) z_[i] = 0.0f;
  for (int i = 0; loss.offsets != nullptr && i < rows; ++i) z_[i] += loss.offsets[i];
  const double total = kernels_.loss(loss.arguments, z_.data(), loss.y, loss.weights, Padded16(rows), dz_.data());

  Hidden* last = hidden_.empty() ? nullptr : &hidden_.back();
  gradient_[output_bias_] +=
      kernels_.output_backward(top, rows, output_inputs_, &parameters_[output_weights_], dz_.data(),
                               last == nullptr ? nullptr : last->derivatives.data(), &gradient_[output_weights_],
                               last == nullptr ? nullptr : last->gradient.data());
  for (size_t i = hidden_.size(); i-- > 0;) {
    Hidden& layer = hidden_[i];
    if (Interrupted()) break;
    const float* below = i == 0 ? x : hidden_[i - 1].values.data();
    const int below_stride = PaddedUnits(layer.inputs);
    kernels_.multiply(below, 1, below_stride, layer.inputs, rows, layer.gradient.data(), layer.padded, nullptr, true,
                      &gradient_[layer.weights]);
    kernels_.column_sums(layer.gradient.data(), rows, layer.padded, &gradient_[layer.biases]);
    if (i == 0) break;
    Hidden& lower = hidden_[i - 1];
    kernels_.multiply(layer.gradient.data(), layer.padded, 1, rows, layer.outputs, layer.transposed.data(),
                      lower.padded, nullptr, false, lower.gradient.data());
    kernels_.multiply_elements(lower.gradient.data(), lower.derivatives.data(),
                               static_cast<size_t>(rows) * lower.padded);
  }
  return total;
}

}  // namespace roicast
