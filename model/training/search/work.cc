#include "model/training/search/work.h"

#include <algorithm>

#include "model/network/kernels/kernels.h"
#include "model/training/capacity/linear_path.h"

namespace roicast {
namespace {

constexpr double kNanosecond = 1e-9;
constexpr double kPerStep = 350.0;
constexpr double kPerUnit = 6.0, kPerDroppedUnit = 4.0;
// The first layer passes no gradient on to its inputs.
constexpr double kPerFirstWeight = 1.0, kPerWeight = 1.4;
// Of weights that the first-level cache does not hold.
constexpr double kPerWeightBeyondCache = 0.5, kWeightsInCache = 8'192.0;
// Eigenvalues take the cube of the inputs, the moments their square for each row.
constexpr double kPerMoment = 0.12, kPerCube = 0.5;
// The logistic path solves a sequence of weighted regressions.
constexpr double kLogisticFits = 12.0;
constexpr double kPerEvaluation = 500.0, kPerWeightEvaluated = 0.5;

}  // namespace

double StepSeconds(int inputs, const std::vector<int>& hidden, bool dropout) {
  double nanoseconds = kPerStep, others = 0.0;
  int before = inputs;
  for (size_t i = 0; i < hidden.size(); ++i) {
    const double units = PaddedUnits(hidden[i]), weights = before * units;
    nanoseconds += units * (kPerUnit + (dropout ? kPerDroppedUnit : 0.0));
    if (i == 0) {
      nanoseconds += kPerFirstWeight * weights;
    } else {
      others += weights;
    }
    before = hidden[i];
  }
  nanoseconds += kPerWeight * others + kPerWeightBeyondCache * std::max(0.0, others - kWeightsInCache);
  return kNanosecond * nanoseconds;
}

double LinearPathSeconds(Loss loss, int64_t rows, int inputs) {
  if (inputs > kMaxLinearInputs) return 0.0;
  const double square = static_cast<double>(inputs) * inputs;
  const double once = kPerMoment * square * static_cast<double>(rows) + kPerCube * square * inputs;
  return kNanosecond * once * (loss == Loss::kLogistic ? kLogisticFits : 1.0);
}

double EvaluationSeconds(int64_t rows, int inputs, const std::vector<int>& hidden) {
  double weights = 0.0;
  int before = inputs;
  for (const int units : hidden) {
    weights += static_cast<double>(before) * units;
    before = units;
  }
  return kNanosecond * static_cast<double>(rows) * (kPerEvaluation + kPerWeightEvaluated * (weights + before));
}

}  // namespace roicast
