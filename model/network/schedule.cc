#include "model/network/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace roicast {

double LearningRate(const TrainingOptions& options, double progress) {
  if (progress < options.warmup_epochs) return options.learning_rate * progress / options.warmup_epochs;
  const double span = std::max(1, options.epochs - options.warmup_epochs);
  const double t = std::min(1.0, (progress - options.warmup_epochs) / span);
  switch (options.schedule) {
    case Schedule::kConstant:
      return options.learning_rate;
    case Schedule::kCosine:
      return options.learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * t));
  }
  return options.learning_rate;
}

}  // namespace roicast
