#include "model/network/mlp.h"

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
    absl::StrAppend(&text, " → ", layer.weights.rows());
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
    if (layer.weights.cols() != expected_inputs) {
      return invalid(absl::StrCat("weights: expected ", expected_inputs, " columns, got ", layer.weights.cols()));
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

double Mlp::Evaluate(const float* encoded_row) const {
  Eigen::VectorXd values = Eigen::Map<const Eigen::VectorXf>(encoded_row, inputs()).cast<double>();
  for (const DenseLayer& layer : layers) {
    Eigen::VectorXd next = layer.weights.cast<double>() * values + layer.biases.cast<double>();
    for (double& value : next) value = ActivationValue(layer.activation, value);
    values = std::move(next);
  }
  return values[0];
}

}  // namespace roicast
