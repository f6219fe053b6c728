#include "model/network/attention/attention_network.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr double kNormEpsilon = 1e-5;

// A row per token.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

absl::Status CheckSize(absl::string_view field, int value, int most) {
  if (value >= 1 && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("attention.", field, ": expected 1 to ", most, ", got ", value));
}

// Reads the parameters in float64.
class Parts {
 public:
  explicit Parts(const std::vector<float>& parameters) : parameters_(parameters) {}

  Matrix At(int64_t offset, int rows, int columns) const {
    using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::Map<const Floats>(parameters_.data() + offset, rows, columns).cast<double>();
  }
  Matrix Linear(const Matrix& x, int64_t weights, int64_t bias, int outputs) const {
    Matrix y = x * At(weights, static_cast<int>(x.cols()), outputs);
    y.rowwise() += At(bias, 1, outputs).row(0);
    return y;
  }
  Matrix Normalized(const Matrix& x, int64_t gain, int64_t bias) const {
    Matrix y = x.colwise() - x.rowwise().mean();
    for (Eigen::Index t = 0; t < y.rows(); ++t) {
      const double variance = y.row(t).squaredNorm() / static_cast<double>(y.cols());
      y.row(t) = (y.row(t) / std::sqrt(variance + kNormEpsilon)).cwiseProduct(At(gain, 1, y.cols())) +
                 At(bias, 1, static_cast<int>(y.cols()));
    }
    return y;
  }

 private:
  const std::vector<float>& parameters_;
};

Matrix Attended(const Matrix& query, const Matrix& key, const Matrix& value, int heads) {
  const Eigen::Index size = query.cols() / heads;
  Matrix out(query.rows(), query.cols());
  for (int h = 0; h < heads; ++h) {
    Matrix scores = query.middleCols(h * size, size) * key.middleCols(h * size, size).transpose();
    scores /= std::sqrt(static_cast<double>(size));
    for (Eigen::Index t = 0; t < scores.rows(); ++t) {
      scores.row(t) = (scores.row(t).array() - scores.row(t).maxCoeff()).exp();
      scores.row(t) /= scores.row(t).sum();
    }
    out.middleCols(h * size, size) = scores * value.middleCols(h * size, size);
  }
  return out;
}

}  // namespace

absl::Status AttentionShape::Validate() const {
  ROICAST_RETURN_IF_ERROR(CheckSize("width", width, kMaxAttentionWidth));
  ROICAST_RETURN_IF_ERROR(CheckSize("heads", heads, width));
  ROICAST_RETURN_IF_ERROR(CheckSize("blocks", blocks, kMaxAttentionBlocks));
  ROICAST_RETURN_IF_ERROR(CheckSize("hidden", hidden, kMaxAttentionHidden));
  if (width % heads == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("attention.heads: expected a divisor of the width (", width, "), got ", heads));
}

AttentionLayout::AttentionLayout(const AttentionShape& shape, const std::vector<int>& feature_inputs) {
  const auto take = [this](int64_t count) {
    const int64_t offset = size;
    size += count;
    return offset;
  };
  const int64_t d = shape.width, h = shape.hidden;
  for (const int count : feature_inputs) {
    input.push_back(inputs);
    inputs += count;
    token.push_back(take(count * d));
    token_bias.push_back(take(d));
  }
  cls = take(d);
  for (int b = 0; b < shape.blocks; ++b) {
    Block& block = blocks.emplace_back();
    block.norm1_gain = take(d), block.norm1_bias = take(d);
    block.query = take(d * d), block.query_bias = take(d);
    block.key = take(d * d), block.key_bias = take(d);
    block.value = take(d * d), block.value_bias = take(d);
    block.output = take(d * d), block.output_bias = take(d);
    block.norm2_gain = take(d), block.norm2_bias = take(d);
    block.spread = take(d * 2 * h), block.spread_bias = take(2 * h);
    block.gather = take(h * d), block.gather_bias = take(d);
  }
  norm_gain = take(d), norm_bias = take(d);
  head = take(d), head_bias = take(1);
  linear = take(inputs);
}

int AttentionNetwork::inputs() const { return std::accumulate(feature_inputs.begin(), feature_inputs.end(), 0); }

std::string AttentionNetwork::Describe() const {
  return absl::StrCat(feature_inputs.size(), feature_inputs.size() == 1 ? " feature → " : " features → ", shape.blocks,
                      shape.blocks == 1 ? " block" : " blocks", " of attention, ", shape.width, " wide, ", shape.heads,
                      shape.heads == 1 ? " head" : " heads", " → 1");
}

absl::Status AttentionNetwork::Validate() const {
  ROICAST_RETURN_IF_ERROR(shape.Validate());
  if (feature_inputs.empty() || feature_inputs.size() > kMaxAttentionFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat("attention: expected 1 to ", kMaxAttentionFeatures, " features, got ", feature_inputs.size()));
  }
  const int64_t expected = AttentionLayout(shape, feature_inputs).size;
  if (parameter_count() != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("attention.parameters: expected ", expected, " numbers, got ", parameter_count()));
  }
  if (!std::all_of(parameters.begin(), parameters.end(), [](float x) { return std::isfinite(x); })) {
    return absl::InvalidArgumentError("attention.parameters: expected finite numbers, got NaN or infinity");
  }
  return absl::OkStatus();
}

double AttentionNetwork::Evaluate(const float* encoded_row) const {
  const AttentionLayout layout(shape, feature_inputs);
  const Parts parts(parameters);
  const Matrix x = Eigen::Map<const Eigen::RowVectorXf>(encoded_row, layout.inputs).cast<double>();
  const int d = shape.width, features = static_cast<int>(feature_inputs.size());
  Matrix tokens(features + 1, d);
  tokens.row(0) = parts.At(layout.cls, 1, d);
  for (int f = 0; f < features; ++f) {
    tokens.row(1 + f) =
        parts.Linear(x.middleCols(layout.input[f], feature_inputs[f]), layout.token[f], layout.token_bias[f], d);
  }
  for (const AttentionLayout::Block& block : layout.blocks) {
    const Matrix normalized = parts.Normalized(tokens, block.norm1_gain, block.norm1_bias);
    const Matrix attended = Attended(parts.Linear(normalized, block.query, block.query_bias, d),
                                     parts.Linear(normalized, block.key, block.key_bias, d),
                                     parts.Linear(normalized, block.value, block.value_bias, d), shape.heads);
    tokens += parts.Linear(attended, block.output, block.output_bias, d);
    const Matrix sums = parts.Linear(parts.Normalized(tokens, block.norm2_gain, block.norm2_bias), block.spread,
                                     block.spread_bias, 2 * shape.hidden);
    const Matrix gated = sums.leftCols(shape.hidden).cwiseProduct(sums.rightCols(shape.hidden).cwiseMax(0.0));
    tokens += parts.Linear(gated, block.gather, block.gather_bias, d);
  }
  const Matrix last = parts.Normalized(tokens.topRows(1), layout.norm_gain, layout.norm_bias);
  return parts.Linear(last, layout.head, layout.head_bias, 1)(0, 0) +
         (x * parts.At(layout.linear, layout.inputs, 1))(0, 0);
}

void AttentionNetwork::ScaleAttention(double share) {
  const AttentionLayout layout(shape, feature_inputs);
  for (int64_t i = layout.head; i <= layout.head_bias; ++i) parameters[i] *= static_cast<float>(share);
}

}  // namespace roicast
