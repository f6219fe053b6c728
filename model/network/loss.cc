#include "model/network/loss.h"

#include <cmath>
#include <iterator>

#include "base/enumerators.h"

namespace roicast {

static_assert(std::size(kAllLosses) == kEnumerators<Loss>);

double LossValue(Loss loss, double error, double huber_delta) {
  const double size = std::abs(error);
  switch (loss) {
    case Loss::kSquared:
      return error * error;
    case Loss::kAbsolute:
      return size;
    case Loss::kHuber:
      return size <= huber_delta ? 0.5 * error * error : huber_delta * (size - 0.5 * huber_delta);
  }
  return 0.0;
}

double LossDerivative(Loss loss, double error, double huber_delta) {
  switch (loss) {
    case Loss::kSquared:
      return 2.0 * error;
    case Loss::kAbsolute:
      return error > 0.0 ? 1.0 : (error < 0.0 ? -1.0 : 0.0);
    case Loss::kHuber:
      return error > huber_delta ? huber_delta : (error < -huber_delta ? -huber_delta : error);
  }
  return 0.0;
}

}  // namespace roicast
