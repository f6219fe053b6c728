#include "model/network/schedule.h"

#include <algorithm>
#include <cmath>

namespace roicast {

double LearningRate(const TrainingOptions& options, double progress) {
  if (progress < options.warmup_epochs) return options.learning_rate * progress / options.warmup_epochs;
  if (options.schedule == Schedule::kConstant) return options.learning_rate;
  constexpr double kPi = 3.14159265358979323846;
  const double span = std::max(1, options.epochs - options.warmup_epochs);
  const double t = std::min(1.0, (progress - options.warmup_epochs) / span);
  return options.learning_rate * 0.5 * (1.0 + std::cos(kPi * t));
}

}  // namespace roicast
