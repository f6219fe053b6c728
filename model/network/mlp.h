// A multi-layer perceptron: dense layers, each but the last followed by an activation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/data/matrix.h"
#include "model/network/activation.h"

namespace roicast {

// h = f(x · Wᵀ + b): x [batch, in], W [out, in], b [out]; row-major float32. With more than one block, units and inputs
// are cut into so many equal parts, and the units of a part see the inputs of that part alone: W [out, in / blocks].
struct DenseLayer {
  RowMajorMatrix weights;
  Eigen::VectorXf biases;
  Activation activation = Activation::kIdentity;
  int blocks = 1;

  int inputs() const { return static_cast<int>(weights.cols()) * blocks; }
  int outputs() const { return static_cast<int>(weights.rows()); }
};

struct Mlp {
  // ≥ 1; the first and the last have one block, and the last has one output and kIdentity.
  std::vector<DenseLayer> layers;

  int inputs() const { return static_cast<int>(layers.front().weights.cols()); }
  int64_t parameter_count() const;
  // Such as "36 → 32 SiLU → 16 SiLU → 1", or "36 → 5 × 32 SiLU → 5 × 16 SiLU → 1".
  std::string Describe() const;
  // Checks for matching sizes, finite weights and one output. Errors: InvalidArgument naming layer and field.
  absl::Status Validate() const;
  // The reference forward pass in float64: encoded row [inputs] → z.
  double Evaluate(const float* encoded_row) const;
  // The values of the last hidden layer, or the row itself if there is none.
  Eigen::VectorXd LastHidden(const float* encoded_row) const;
  // As Evaluate, with another last layer of one output, a head, over the units of the last hidden layer.
  double EvaluateHead(const float* encoded_row, const DenseLayer& head) const;
  // Errors: InvalidArgument naming the head (there is no hidden layer; its size; weights that are not finite).
  absl::Status ValidateHead(const DenseLayer& head, absl::string_view name) const;
};

struct NetworkOptions {
  std::vector<int> hidden;  // units per hidden layer; empty: a linear model
  Activation activation = Activation::kRelu;
  double dropout = 0.0;  // of hidden units, [0, 1)

  absl::Status Validate() const;
};

}  // namespace roicast
