#include "model/network/mlp.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace roicast {

int64_t Mlp::parameter_count() const {
  int64_t count = 0;
  for (const DenseLayer& layer : layers) count += layer.weights.size() + layer.biases.size();
  return count;
}

std::string Mlp::Describe() const {
  std::string text = absl::StrCat(layers.empty() ? 0 : inputs());
  for (const DenseLayer& layer : layers) {
    const int blocks = std::max(layer.blocks, layers.size() > 2 ? layers[1].blocks : 1);
    const bool hidden = layer.activation != Activation::kIdentity;
    absl::StrAppend(&text, " → ");
    if (hidden && blocks > 1) absl::StrAppend(&text, blocks, " × ");
    absl::StrAppend(&text, layer.outputs() / (hidden ? blocks : 1));
    if (layer.activation != Activation::kIdentity) absl::StrAppend(&text, " ", ActivationName(layer.activation));
  }
  return text;
}

absl::Status Mlp::Validate() const {
  if (layers.empty()) return absl::InvalidArgumentError("layers: expected at least 1, got 0");
  Eigen::Index expected_inputs = layers.front().weights.cols();
  for (size_t i = 0; i < layers.size(); ++i) {
    const DenseLayer& layer = layers[i];
    const auto invalid = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("layers[", i, "].", what));
    };
    if (layer.weights.rows() < 1 || layer.weights.cols() < 1) {
      return invalid(
          absl::StrCat("weights: expected at least 1 x 1, got ", layer.weights.rows(), " x ", layer.weights.cols()));
    }
    const bool outer = i == 0 || i + 1 == layers.size();
    if (layer.blocks < 1 || (outer && layer.blocks > 1) || layer.weights.rows() % layer.blocks != 0) {
      return invalid(
          absl::StrCat("blocks: expected ", outer ? "1" : "a divisor of the number of units", ", got ", layer.blocks));
    }
    if (layer.weights.cols() * layer.blocks != expected_inputs) {
      return invalid(
          absl::StrCat("weights: expected ", expected_inputs / layer.blocks, " columns, got ", layer.weights.cols()));
    }
    if (layer.biases.size() != layer.weights.rows()) {
      return invalid(absl::StrCat("biases: expected ", layer.weights.rows(), " values, got ", layer.biases.size()));
    }
    if (!layer.weights.allFinite()) return invalid("weights: expected finite values, got NaN or infinity");
    if (!layer.biases.allFinite()) return invalid("biases: expected finite values, got NaN or infinity");
    expected_inputs = layer.weights.rows();
  }
  if (expected_inputs != 1) {
    return absl::InvalidArgumentError(absl::StrCat("layers: expected 1 output, got ", expected_inputs));
  }
  if (layers.back().activation != Activation::kIdentity) {
    return absl::InvalidArgumentError(absl::StrCat("layers[", layers.size() - 1,
                                                   "].activation: expected identity, got ",
                                                   ActivationName(layers.back().activation)));
  }
  return absl::OkStatus();
}

namespace {

Eigen::VectorXd EvaluateLayer(const DenseLayer& layer, const Eigen::VectorXd& values) {
  const Eigen::Index units = layer.weights.rows() / layer.blocks, inputs = layer.weights.cols();
  Eigen::VectorXd next = layer.biases.cast<double>();
  for (int block = 0; block < layer.blocks; ++block) {
    next.segment(block * units, units) +=
        layer.weights.middleRows(block * units, units).cast<double>() * values.segment(block * inputs, inputs);
  }
  for (double& value : next) value = ActivationValue(layer.activation, value);
  return next;
}

}  // namespace

Eigen::VectorXd Mlp::LastHidden(const float* encoded_row) const {
  Eigen::VectorXd values = Eigen::Map<const Eigen::VectorXf>(encoded_row, inputs()).cast<double>();
  for (size_t i = 0; i + 1 < layers.size(); ++i) values = EvaluateLayer(layers[i], values);
  return values;
}

double Mlp::Evaluate(const float* encoded_row) const { return EvaluateHead(encoded_row, layers.back()); }

double Mlp::EvaluateHead(const float* encoded_row, const DenseLayer& head) const {
  return EvaluateLayer(head, LastHidden(encoded_row))[0];
}

absl::Status Mlp::ValidateHead(const DenseLayer& head, absl::string_view name) const {
  if (layers.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected a network with a hidden layer, got a linear one"));
  }
  const Eigen::Index units = layers[layers.size() - 2].weights.rows();
  if (head.weights.rows() != 1 || head.weights.cols() != units || head.biases.size() != 1 || head.blocks != 1) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected 1 output of ", units, " units, got ",
                                                   head.weights.rows(), " of ", head.weights.cols()));
  }
  if (head.activation != Activation::kIdentity || !head.weights.allFinite() || !head.biases.allFinite()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected finite weights and no activation"));
  }
  return absl::OkStatus();
}

}  // namespace roicast
