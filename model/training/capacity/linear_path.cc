#include "model/training/capacity/linear_path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "model/training/capacity/symmetric_eigen.h"

namespace roicast {
namespace {

constexpr int kLeastPenalty = -10, kMostPenalty = 20;
// A fit that uses up nearly all rows has no error left to judge it by.
constexpr double kMostFreedom = 0.9;

constexpr Eigen::Index kBlockRows = 4096;

// Weighted sums over the rows, about their weighted means; the weights' mean is 1.
struct Moments {
  Eigen::VectorXd mean_x;
  double mean_y = 0.0;
  Eigen::MatrixXd xx;  // Σ w x xᵀ
  Eigen::VectorXd xy;  // Σ w x y
  double yy = 0.0;     // Σ w y²
};

absl::StatusOr<Moments> ComputeMoments(const RowMajorMatrix& x, absl::Span<const float> y,
                                       absl::Span<const float> row_weights, const StopCheck& stop) {
  const Eigen::Index rows = x.rows(), inputs = x.cols();
  const Eigen::Map<const Eigen::VectorXf> target(y.data(), rows);
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(rows);
  if (!row_weights.empty()) weight = Eigen::Map<const Eigen::VectorXf>(row_weights.data(), rows).cast<double>();
  weight /= weight.mean();
  Moments moments;
  moments.mean_x = Eigen::VectorXd::Zero(inputs);
  // In blocks: the rows in double precision would take twice their memory.
  const auto for_blocks = [&](const auto& add) -> absl::Status {
    for (Eigen::Index from = 0; from < rows; from += kBlockRows) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop));
      const Eigen::Index count = std::min(kBlockRows, rows - from);
      add(x.middleRows(from, count).cast<double>(), target.segment(from, count).cast<double>(),
          weight.segment(from, count));
    }
    return absl::OkStatus();
  };
  ROICAST_RETURN_IF_ERROR(for_blocks([&](const auto& block, const auto& targets, const auto& weights) {
    moments.mean_x += block.transpose() * weights / static_cast<double>(rows);
    moments.mean_y += targets.dot(weights) / static_cast<double>(rows);
  }));
  moments.xx = Eigen::MatrixXd::Zero(inputs, inputs);
  moments.xy = Eigen::VectorXd::Zero(inputs);
  ROICAST_RETURN_IF_ERROR(for_blocks([&](const auto& block, const auto& targets, const auto& weights) {
    const Eigen::MatrixXd centred = block.rowwise() - moments.mean_x.transpose();
    const Eigen::VectorXd residual = targets.array() - moments.mean_y;
    const Eigen::MatrixXd weighted = weights.asDiagonal() * centred;
    moments.xx.noalias() += weighted.transpose() * centred;
    moments.xy.noalias() += weighted.transpose() * residual;
    moments.yy += (weights.array() * residual.array().square()).sum();
  }));
  return moments;
}

}  // namespace

double LinearModel::Evaluate(const float* encoded_row) const {
  double z = bias;
  for (Eigen::Index i = 0; i < weights.size(); ++i) z += weights[i] * static_cast<double>(encoded_row[i]);
  return z;
}

absl::StatusOr<LinearModel> FitRidge(const RowMajorMatrix& x, absl::Span<const float> y,
                                     absl::Span<const float> row_weights, const StopCheck& stop) {
  ROICAST_CHECK(x.rows() > 0 && static_cast<Eigen::Index>(y.size()) == x.rows());
  ROICAST_CHECK(row_weights.empty() || row_weights.size() == y.size());
  LinearModel model;
  model.weights = Eigen::VectorXd::Zero(x.cols());
  if (x.cols() > kMaxLinearInputs) {
    ROICAST_ASSIGN_OR_RETURN(const Moments moments, ComputeMoments(x.leftCols(0), y, row_weights, stop));
    model.bias = moments.mean_y;
    return model;
  }
  ROICAST_ASSIGN_OR_RETURN(const Moments moments, ComputeMoments(x, y, row_weights, stop));
  const auto count = static_cast<double>(y.size());
  ROICAST_ASSIGN_OR_RETURN(const SymmetricEigen eigen, DecomposeSymmetric(moments.xx, stop));
  const Eigen::ArrayXd values = eigen.values.cwiseMax(0.0).array();
  const Eigen::ArrayXd projected = (eigen.vectors.transpose() * moments.xy).array();
  const double mean_square = values.mean() / count;
  double least = std::numeric_limits<double>::infinity();
  Eigen::VectorXd best = Eigen::VectorXd::Zero(x.cols());
  for (int power = kLeastPenalty; mean_square > 0.0 && power <= kMostPenalty; ++power) {
    const double penalty = std::ldexp(mean_square, power);
    const Eigen::ArrayXd shrunk = projected / (values + penalty);
    const double freedom = 1.0 + (values / (values + penalty)).sum();
    const double errors = moments.yy - (2.0 * shrunk * projected).sum() + (shrunk.square() * values).sum();
    const double left = 1.0 - freedom / count;
    if (freedom > kMostFreedom * count || errors / (left * left) >= least) continue;
    least = errors / (left * left);
    best = shrunk.matrix();
    model.penalty = penalty;
  }
  model.weights = eigen.vectors * best;
  model.bias = moments.mean_y - model.weights.dot(moments.mean_x);
  return model;
}

absl::StatusOr<LinearModel> FitRidgeWithin(const LinearInput& bounds, const RowMajorMatrix& x,
                                           absl::Span<const float> y, absl::Span<const float> row_weights,
                                           const StopCheck& stop) {
  // What the other inputs of the feature would add has no known shape.
  RowMajorMatrix others = x;
  for (const int input : bounds.hidden) {
    if (input != bounds.input) others.col(input).setZero();
  }
  ROICAST_ASSIGN_OR_RETURN(LinearModel free, FitRidge(others, y, row_weights, stop));
  const double weight = std::clamp(free.weights[bounds.input], bounds.lowest, bounds.highest);
  if (weight == free.weights[bounds.input]) return free;
  others.col(bounds.input).setZero();
  std::vector<float> left(y.begin(), y.end());
  for (size_t i = 0; i < left.size(); ++i) {
    left[i] -= static_cast<float>(weight * x(static_cast<Eigen::Index>(i), bounds.input));
  }
  ROICAST_ASSIGN_OR_RETURN(LinearModel bounded, FitRidge(others, left, row_weights, stop));
  bounded.weights[bounds.input] = weight;
  return bounded;
}

Mlp LinearNetwork(const LinearModel& linear) {
  DenseLayer layer;
  layer.weights = linear.weights.cast<float>().transpose();
  layer.biases = Eigen::VectorXf::Constant(1, static_cast<float>(linear.bias));
  Mlp mlp;
  mlp.layers.push_back(std::move(layer));
  return mlp;
}

Mlp WithLinearPath(const Mlp& network, double share, const LinearModel& linear) {
  Mlp combined;
  const size_t hidden = network.layers.size() - 1;
  // The linear sum as a pair of units of the layer below: none yet for the first.
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& from = network.layers[i];
    const bool first = i == 0, last = i == hidden;
    const Eigen::Index rows = from.weights.rows(), columns = from.weights.cols();
    DenseLayer layer;
    layer.activation = from.activation;
    layer.weights = RowMajorMatrix::Zero(rows + (last ? 0 : 2), columns + (first ? 0 : 2));
    layer.biases = Eigen::VectorXf::Zero(layer.weights.rows());
    const float scale = last ? static_cast<float>(share) : 1.0f;
    layer.weights.topLeftCorner(rows, columns) = scale * from.weights;
    layer.biases.head(rows) = scale * from.biases;
    // What passes the linear sum on: from the inputs in the first layer, else from the pair below.
    Eigen::RowVectorXf pass = Eigen::RowVectorXf::Zero(layer.weights.cols());
    if (first) {
      pass = linear.weights.cast<float>().transpose();
    } else {
      pass[columns] = 1.0f;
      pass[columns + 1] = -1.0f;
    }
    if (last) {
      layer.weights.row(0) += pass;
      layer.biases[0] += static_cast<float>(linear.bias);
    } else {
      ROICAST_CHECK(PassesLinearSums(from.activation));
      layer.weights.row(rows) = pass;
      layer.weights.row(rows + 1) = -pass;
    }
    combined.layers.push_back(std::move(layer));
  }
  return combined;
}

}  // namespace roicast
