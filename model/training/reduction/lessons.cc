#include "model/training/reduction/lessons.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/status_macros.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/measured_model.h"

namespace roicast {
namespace {

constexpr int64_t kMixedPerRow = 4, kFewestMixed = 20'000, kMostMixed = 200'000;
// Of a two-valued target: more certainty than this is not taught.
constexpr double kMostLogOdds = 6.0;

// Predictions on the scale of the network's output; NaN for rows that serving refuses.
std::vector<double> PredictionsOf(const MeasuredModel& teacher, const FittedTarget& target, const RowMajorMatrix& raw,
                                  const RowPart& train) {
  if (target.kind == TargetKind::kTwoValued) {
    const std::vector<float> probabilities = teacher.Predict(raw);
    std::vector<double> z;
    for (const float p : probabilities) {
      z.push_back(
          std::isnan(p) ? p : LogOdds(std::clamp<double>(p, Probability(-kMostLogOdds), Probability(kMostLogOdds))));
    }
    return z;
  }
  const auto [low, high] = std::minmax_element(train.standardised.begin(), train.standardised.end());
  std::vector<double> z = teacher.PredictTransformed(raw);
  for (double& value : z) {
    if (std::isnan(value)) continue;
    value = std::clamp((value - target.offset) / target.factor, static_cast<double>(*low), static_cast<double>(*high));
  }
  return z;
}

}  // namespace

RowMajorMatrix MixRows(const RowMajorMatrix& raw, const Schema& schema, uint64_t seed) {
  const auto rows = static_cast<uint64_t>(raw.rows());
  const int64_t count = std::min(std::max(kMixedPerRow * raw.rows(), kFewestMixed), kMostMixed);
  RowMajorMatrix mixed(count, raw.cols());
  Random random(seed);
  for (int64_t i = 0; i < count; ++i) {
    const auto a = static_cast<Eigen::Index>(random.Below(rows)), b = static_cast<Eigen::Index>(random.Below(rows));
    for (Eigen::Index f = 0; f < raw.cols(); ++f) {
      const float first = raw(a, f), second = raw(b, f);
      const bool between = schema.features[f].kind == FeatureKind::kNumeric && random.Below(2) == 0;
      if (between && !std::isnan(first) && !std::isnan(second)) {
        const double share = random.Uniform();
        mixed(i, f) = static_cast<float>((1.0 - share) * first + share * second);
      } else {
        mixed(i, f) = random.Below(2) == 0 ? first : second;
      }
    }
  }
  return mixed;
}

absl::StatusOr<Teaching> Teach(const TrainingSpec& spec, const ModelFit& fit, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel teacher, MeasuredModel::Create(fit.artifact, stop));
  Teaching teaching;
  teaching.mixed = MixRows(fit.train.raw, fit.preprocessor.schema(), spec.training.seed);
  teaching.of_train = PredictionsOf(teacher, fit.artifact.target, fit.train.raw, fit.train);
  teaching.of_mixed = PredictionsOf(teacher, fit.artifact.target, teaching.mixed, fit.train);
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  return teaching;
}

Lessons MakeLessons(const RowPart& train, const Teaching& teaching, absl::Span<const Eigen::Index> learnt,
                    const Preprocessor& preprocessor) {
  const double real_weight = static_cast<double>(teaching.mixed.rows()) / static_cast<double>(learnt.size());
  double weights = 0.0;
  for (const float weight : train.weights) weights += weight;
  const double mean = train.weights.empty() ? 1.0 : weights / static_cast<double>(train.weights.size());
  Lessons lessons;
  std::vector<Eigen::Index> real, mixed;
  for (const Eigen::Index row : learnt) {
    if (std::isnan(teaching.of_train[row])) continue;
    real.push_back(row);
    lessons.targets.push_back(static_cast<float>(teaching.of_train[row]));
    const double own = !train.weights.empty() && mean > 0.0 ? train.weights[row] / mean : 1.0;
    lessons.weights.push_back(static_cast<float>(real_weight * own));
  }
  for (Eigen::Index row = 0; row < teaching.mixed.rows(); ++row) {
    if (std::isnan(teaching.of_mixed[row])) continue;
    mixed.push_back(row);
    lessons.targets.push_back(static_cast<float>(teaching.of_mixed[row]));
    lessons.weights.push_back(1.0f);
  }
  RowMajorMatrix raw(static_cast<Eigen::Index>(real.size() + mixed.size()), train.raw.cols());
  raw << train.raw(real, Eigen::all), teaching.mixed(mixed, Eigen::all);
  lessons.encoded = preprocessor.Encode(raw);
  return lessons;
}

TrainingRows Lessons::ForTrainer() const {
  TrainingRows rows;
  rows.x = &encoded;
  rows.y = targets;
  rows.weights = weights;
  return rows;
}

}  // namespace roicast
