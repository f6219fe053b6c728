#include "model/network/weight_update.h"

#include <cmath>

namespace roicast {
namespace {

// Kingma and Ba (2015), section 2.
constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

WeightUpdate::WeightUpdate(const TrainingOptions& options, size_t parameters, const Kernels& kernels)
    : options_(options),
      kernels_(kernels),
      first_moment_(parameters),
      second_moment_(options.optimizer == Optimizer::kSgd ? 0 : parameters) {}

void WeightUpdate::Apply(TrainableNetwork& network, double learning_rate) {
  PenalizeAndClip(network);
  Decay(network, learning_rate);
  ++steps_;
  switch (options_.optimizer) {
    case Optimizer::kSgd:
      return StepSgd(network, learning_rate);
    case Optimizer::kAdam:
    case Optimizer::kAdamW:
      return StepAdam(network, learning_rate);
  }
}

void WeightUpdate::PenalizeAndClip(TrainableNetwork& network) {
  const float* weights = network.parameters().data();
  float* gradient = network.gradient().data();
  const size_t size = network.parameters().size();
  if (options_.l1 > 0.0 || options_.l2 > 0.0) {
    for (const TrainableNetwork::Range& range : network.weight_ranges()) {
      kernels_.penalize(gradient + range.offset, weights + range.offset, static_cast<float>(options_.l1),
                        static_cast<float>(options_.l2), range.size);
    }
  }
  if (options_.gradient_clip_norm > 0.0) {
    const double norm = std::sqrt(kernels_.squared_norm(gradient, size));
    if (norm > options_.gradient_clip_norm) {
      kernels_.scale(gradient, static_cast<float>(options_.gradient_clip_norm / norm), size);
    }
  }
}

// Decoupled from the gradient: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), Algorithm 2.
void WeightUpdate::Decay(TrainableNetwork& network, double learning_rate) {
  if (options_.weight_decay <= 0.0) return;
  float* weights = network.parameters().data();
  const float factor = static_cast<float>(1.0 - learning_rate * options_.weight_decay);
  for (const TrainableNetwork::Range& range : network.weight_ranges()) {
    kernels_.scale(weights + range.offset, factor, range.size);
  }
}

void WeightUpdate::StepSgd(TrainableNetwork& network, double learning_rate) {
  kernels_.sgd(static_cast<float>(options_.momentum), static_cast<float>(learning_rate), network.parameters().data(),
               first_moment_.data(), network.gradient().data(), network.parameters().size());
}

// m̂ / (√v̂ + ε) with m̂ = m / c1 and v̂ = v / c2 is (√c2 / c1) · m / (√v + ε √c2).
void WeightUpdate::StepAdam(TrainableNetwork& network, double learning_rate) {
  // From here on both corrections are 1 in float64.
  constexpr int64_t kNoCorrection = 50'000;
  double correction1 = 1.0, correction2 = 1.0;
  if (steps_ < kNoCorrection) {
    correction1 -= std::pow(kBeta1, static_cast<double>(steps_));
    correction2 = std::sqrt(1.0 - std::pow(kBeta2, static_cast<double>(steps_)));
  }
  AdamCoefficients coefficients;
  coefficients.beta1 = static_cast<float>(kBeta1);
  coefficients.beta2 = static_cast<float>(kBeta2);
  coefficients.one_minus_beta1 = static_cast<float>(1.0 - kBeta1);
  coefficients.one_minus_beta2 = static_cast<float>(1.0 - kBeta2);
  coefficients.step = static_cast<float>(learning_rate * correction2 / correction1);
  coefficients.epsilon = static_cast<float>(kEpsilon * correction2);
  kernels_.adam(coefficients, network.parameters().data(), first_moment_.data(), second_moment_.data(),
                network.gradient().data(), network.parameters().size());
}

}  // namespace roicast
