#include "model/network/loss.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/enumerators.h"

namespace roicast {

static_assert(std::size(kAllLosses) == kEnumerators<Loss>);

double LossValue(Loss loss, double prediction, double truth, double huber_delta) {
  const double error = prediction - truth;
  const double size = std::abs(error);
  switch (loss) {
    case Loss::kSquared:
      return error * error;
    case Loss::kAbsolute:
      return size;
    case Loss::kHuber:
      return size <= huber_delta ? 0.5 * error * error : huber_delta * (size - 0.5 * huber_delta);
    case Loss::kLogistic:
      return std::max(prediction, 0.0) + std::log1p(std::exp(-std::abs(prediction))) - truth * prediction;
  }
  return 0.0;
}

double LossDerivative(Loss loss, double prediction, double truth, double huber_delta) {
  const double error = prediction - truth;
  switch (loss) {
    case Loss::kSquared:
      return 2.0 * error;
    case Loss::kAbsolute:
      return error > 0.0 ? 1.0 : (error < 0.0 ? -1.0 : 0.0);
    case Loss::kHuber:
      return error > huber_delta ? huber_delta : (error < -huber_delta ? -huber_delta : error);
    case Loss::kLogistic:
      return 1.0 / (1.0 + std::exp(-prediction)) - truth;
  }
  return 0.0;
}

}  // namespace roicast
