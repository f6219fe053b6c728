// The activations and their derivatives, plain, for any floating-point type. The kernels compute the same formulas on
// vectors; tests hold the two together.
#pragma once

#include <cmath>

#include "model/network/mlp.h"

namespace roicast {

inline constexpr double kLeakyReluSlope = 0.01;

template <typename T>
T Sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

// f(x). Sources: ReLU: Nair and Hinton (2010). Leaky: Maas et al. (2013). GELU, tanh approximation: Hendrycks and
// Gimpel (2016), equal to x σ(2u). SiLU: Elfwing, Uchibe and Doya (2017). Mish: Misra (2019).
template <typename T>
T ActivationValue(Activation activation, T x) {
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kRelu:
      return x > T(0) ? x : T(0);
    case Activation::kLeakyRelu:
      return x > T(0) ? x : T(kLeakyReluSlope) * x;
    case Activation::kGelu: {
      const T u = T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);  // √(2/π)
      return T(0.5) * x * (T(1) + std::tanh(u));
    }
    case Activation::kSilu:
      return x * Sigmoid(x);
    case Activation::kMish:
      return x * std::tanh(x > T(30) ? x : std::log1p(std::exp(x)));
    case Activation::kTanh:
      return std::tanh(x);
  }
  return x;
}

// f'(x); at a kink, the value from the left.
template <typename T>
T ActivationDerivative(Activation activation, T x) {
  switch (activation) {
    case Activation::kIdentity:
      return T(1);
    case Activation::kRelu:
      return x > T(0) ? T(1) : T(0);
    case Activation::kLeakyRelu:
      return x > T(0) ? T(1) : T(kLeakyReluSlope);
    case Activation::kGelu: {
      const T c = T(0.79788456080286535588);
      const T t = std::tanh(c * (x + T(0.044715) * x * x * x));
      return T(0.5) * (T(1) + t) + T(0.5) * x * (T(1) - t * t) * c * (T(1) + T(3 * 0.044715) * x * x);
    }
    case Activation::kSilu: {
      const T s = Sigmoid(x);
      return s + x * s * (T(1) - s);
    }
    case Activation::kMish: {
      const T t = std::tanh(x > T(30) ? x : std::log1p(std::exp(x)));
      return t + x * (T(1) - t * t) * Sigmoid(x);
    }
    case Activation::kTanh: {
      const T t = std::tanh(x);
      return T(1) - t * t;
    }
  }
  return T(1);
}

}  // namespace roicast
