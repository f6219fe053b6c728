// The same training in plain float64, written like the formulas; tests compare the kernels with it.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "model/network/mlp.h"
#include "model/network/trainer.h"

namespace roicast {

struct ReferenceLayer {
  Eigen::MatrixXd weights;  // [out, in]
  Eigen::VectorXd biases;
  Activation activation = Activation::kIdentity;
};

using ReferenceNetwork = std::vector<ReferenceLayer>;

ReferenceNetwork ToReference(const Mlp& mlp);

// x [n, inputs], y, weights [n]; masks: per hidden layer [n, units], factors on its values; empty: no dropout.
struct ReferenceBatch {
  Eigen::MatrixXd x;
  Eigen::VectorXd y, weights;
  std::vector<Eigen::MatrixXd> masks;
};

// [n]
Eigen::VectorXd ReferencePredict(const ReferenceNetwork& network, const ReferenceBatch& batch);

// (1 / n) Σ weight · loss + l1 Σ|w| + ½ l2 Σ w².
double ReferenceObjective(const ReferenceNetwork& network, const ReferenceBatch& batch, const TrainingOptions& options);

// Its gradient. Goodfellow et al., Deep Learning (2016), Algorithm 6.4.
ReferenceNetwork ReferenceGradient(const ReferenceNetwork& network, const ReferenceBatch& batch,
                                   const TrainingOptions& options);

// Steps of the optimisers, one parameter at a time.
class ReferenceOptimizer {
 public:
  ReferenceOptimizer(const ReferenceNetwork& network, const TrainingOptions& options);
  void Step(ReferenceNetwork& network, const ReferenceNetwork& gradient, double learning_rate);

 private:
  TrainingOptions options_;
  int steps_ = 0;
  ReferenceNetwork first_, second_;
};

}  // namespace roicast
