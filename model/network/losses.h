// The losses of one row and their derivatives by the prediction, plain, for any floating-point type.
#pragma once

#include <cmath>

#include "model/network/trainer.h"

namespace roicast {

// error = prediction − truth. Squared: e². Absolute: |e|. Huber: ½ e² up to delta, delta (|e| − ½ delta) beyond; Huber,
// "Robust Estimation of a Location Parameter" (1964).
template <typename T>
T LossValue(Loss loss, T error, T delta) {
  const T size = std::abs(error);
  switch (loss) {
    case Loss::kSquared:
      return error * error;
    case Loss::kAbsolute:
      return size;
    case Loss::kHuber:
      return size <= delta ? T(0.5) * error * error : delta * (size - T(0.5) * delta);
  }
  return T(0);
}

// At the kink of the absolute loss: 0.
template <typename T>
T LossDerivative(Loss loss, T error, T delta) {
  switch (loss) {
    case Loss::kSquared:
      return T(2) * error;
    case Loss::kAbsolute:
      return error > T(0) ? T(1) : (error < T(0) ? T(-1) : T(0));
    case Loss::kHuber:
      return error > delta ? delta : (error < -delta ? -delta : error);
  }
  return T(0);
}

}  // namespace roicast
