#include "model/network/reference/reference_network.h"

#include <cmath>

#include "model/network/activation.h"
#include "model/network/loss.h"

namespace roicast {
namespace {

struct Pass {
  std::vector<Eigen::MatrixXd> inputs;  // of each layer
  std::vector<Eigen::MatrixXd> sums;    // W x + b of each layer
};

Pass Forward(const ReferenceNetwork& network, const ReferenceBatch& batch) {
  Pass pass;
  Eigen::MatrixXd values = batch.x;
  for (size_t l = 0; l < network.size(); ++l) {
    pass.inputs.push_back(values);
    Eigen::MatrixXd sums = values * network[l].weights.transpose();
    sums.rowwise() += network[l].biases.transpose();
    pass.sums.push_back(sums);
    values = sums.unaryExpr([&](double z) { return ActivationValue(network[l].activation, z); });
    if (l < batch.masks.size()) values = values.cwiseProduct(batch.masks[l]);
  }
  return pass;
}

ReferenceNetwork ZerosLike(const ReferenceNetwork& network) {
  ReferenceNetwork zeros = network;
  for (ReferenceLayer& layer : zeros) layer.weights.setZero(), layer.biases.setZero();
  return zeros;
}

double Sign(double x) { return x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : 0.0); }

}  // namespace

ReferenceNetwork ToReference(const Mlp& mlp) {
  ReferenceNetwork network;
  for (const DenseLayer& layer : mlp.layers) {
    network.push_back({layer.weights.cast<double>(), layer.biases.cast<double>(), layer.activation});
  }
  return network;
}

Eigen::VectorXd ReferencePredict(const ReferenceNetwork& network, const ReferenceBatch& batch) {
  return Forward(network, batch).sums.back().col(0);
}

double ReferenceObjective(const ReferenceNetwork& network, const ReferenceBatch& batch,
                          const TrainingOptions& options) {
  const Eigen::VectorXd z = ReferencePredict(network, batch);
  double total = 0.0;
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    total += batch.weights[i] * LossValue(options.loss, z[i], batch.y[i], options.huber_delta) /
             static_cast<double>(z.size());
  }
  for (const ReferenceLayer& layer : network) {
    total += options.l1 * layer.weights.cwiseAbs().sum() + 0.5 * options.l2 * layer.weights.squaredNorm();
  }
  return total;
}

ReferenceNetwork ReferenceGradient(const ReferenceNetwork& network, const ReferenceBatch& batch,
                                   const TrainingOptions& options) {
  const Pass pass = Forward(network, batch);
  const Eigen::VectorXd z = pass.sums.back().col(0);
  Eigen::MatrixXd delta(z.size(), 1);
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    delta(i, 0) = batch.weights[i] * LossDerivative(options.loss, z[i], batch.y[i], options.huber_delta) /
                  static_cast<double>(z.size());
  }
  ReferenceNetwork gradient = network;
  for (size_t l = network.size(); l-- > 0;) {
    gradient[l].weights = delta.transpose() * pass.inputs[l] + options.l1 * network[l].weights.unaryExpr(&Sign) +
                          options.l2 * network[l].weights;
    gradient[l].biases = delta.colwise().sum().transpose();
    if (l == 0) break;
    delta = delta * network[l].weights;
    if (l - 1 < batch.masks.size()) delta = delta.cwiseProduct(batch.masks[l - 1]);
    delta = delta.cwiseProduct(
        pass.sums[l - 1].unaryExpr([&](double s) { return ActivationDerivative(network[l - 1].activation, s); }));
  }
  return gradient;
}

ReferenceOptimizer::ReferenceOptimizer(const ReferenceNetwork& network, const TrainingOptions& options)
    : options_(options), first_(ZerosLike(network)), second_(ZerosLike(network)) {}

void ReferenceOptimizer::Step(ReferenceNetwork& network, const ReferenceNetwork& gradient, double learning_rate) {
  ++steps_;
  double squares = 0.0;
  for (const ReferenceLayer& layer : gradient) squares += layer.weights.squaredNorm() + layer.biases.squaredNorm();
  const double clip = options_.gradient_clip_norm;
  const double factor = clip > 0.0 && std::sqrt(squares) > clip ? clip / std::sqrt(squares) : 1.0;
  const auto move = [&](double& w, double g, double& m, double& v) {
    g *= factor;
    if (options_.optimizer == Optimizer::kSgd) {
      m = options_.momentum * m + g;
      w -= learning_rate * m;
      return;
    }
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const double m_hat = m / (1.0 - std::pow(0.9, steps_)), v_hat = v / (1.0 - std::pow(0.999, steps_));
    w -= learning_rate * m_hat / (std::sqrt(v_hat) + 1e-8);
  };
  for (size_t l = 0; l < network.size(); ++l) {
    ReferenceLayer& layer = network[l];
    layer.weights *= 1.0 - learning_rate * options_.weight_decay;
    for (Eigen::Index i = 0; i < layer.weights.rows(); ++i) {
      for (Eigen::Index j = 0; j < layer.weights.cols(); ++j) {
        move(layer.weights(i, j), gradient[l].weights(i, j), first_[l].weights(i, j), second_[l].weights(i, j));
      }
      move(layer.biases[i], gradient[l].biases[i], first_[l].biases[i], second_[l].biases[i]);
    }
  }
}

}  // namespace roicast
