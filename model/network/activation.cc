#include "model/network/activation.h"

#include <cmath>
#include <iterator>

#include "base/enumerators.h"

namespace roicast {
namespace {

constexpr double kLeakyReluSlope = 0.01;

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// tanh(softplus x).
double MishGate(double x) { return std::tanh(x > 30.0 ? x : std::log1p(std::exp(x))); }

constexpr double kGeluFactor = 0.79788456080286535588;  // √(2/π)
constexpr double kGeluCubic = 0.044715;

double GeluGate(double x) { return std::tanh(kGeluFactor * (x + kGeluCubic * x * x * x)); }

}  // namespace

static_assert(std::size(kAllActivations) == kEnumerators<Activation>);

const char* ActivationName(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
      return "identity";
    case Activation::kRelu:
      return "ReLU";
    case Activation::kLeakyRelu:
      return "LeakyReLU";
    case Activation::kGelu:
      return "GELU";
    case Activation::kSilu:
      return "SiLU";
    case Activation::kMish:
      return "Mish";
    case Activation::kTanh:
      return "tanh";
  }
  return "unknown";
}

double ActivationValue(Activation activation, double x) {
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kRelu:
      return x > 0.0 ? x : 0.0;
    case Activation::kLeakyRelu:
      return x > 0.0 ? x : kLeakyReluSlope * x;
    case Activation::kGelu:
      return 0.5 * x * (1.0 + GeluGate(x));
    case Activation::kSilu:
      return x * Sigmoid(x);
    case Activation::kMish:
      return x * MishGate(x);
    case Activation::kTanh:
      return std::tanh(x);
  }
  return x;
}

double ActivationDerivative(Activation activation, double x) {
  switch (activation) {
    case Activation::kIdentity:
      return 1.0;
    case Activation::kRelu:
      return x > 0.0 ? 1.0 : 0.0;
    case Activation::kLeakyRelu:
      return x > 0.0 ? 1.0 : kLeakyReluSlope;
    case Activation::kGelu: {
      const double t = GeluGate(x);
      return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * kGeluFactor * (1.0 + 3.0 * kGeluCubic * x * x);
    }
    case Activation::kSilu: {
      const double s = Sigmoid(x);
      return s + x * s * (1.0 - s);
    }
    case Activation::kMish: {
      const double t = MishGate(x);
      return t + x * (1.0 - t * t) * Sigmoid(x);
    }
    case Activation::kTanh: {
      const double t = std::tanh(x);
      return 1.0 - t * t;
    }
  }
  return 1.0;
}

bool IsRectifier(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
    case Activation::kTanh:
      return false;
    case Activation::kRelu:
    case Activation::kLeakyRelu:
    case Activation::kGelu:
    case Activation::kSilu:
    case Activation::kMish:
      return true;
  }
  return false;
}

bool PassesLinearSums(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
      // Two of them pass on twice the sum.
    case Activation::kLeakyRelu:
    case Activation::kMish:
    case Activation::kTanh:
      return false;
    case Activation::kRelu:
    case Activation::kGelu:
    case Activation::kSilu:
      return true;
  }
  return false;
}

}  // namespace roicast
