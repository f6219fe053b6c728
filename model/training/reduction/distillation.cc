#include "model/training/reduction/distillation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/evaluation/first_metric.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/measured_model.h"
#include "model/training/unseen_categories.h"

namespace roicast {
namespace {

constexpr int64_t kMixedPerRow = 4, kFewestMixed = 20'000, kMostMixed = 200'000;
constexpr Capacity kStudentCapacity{80'000, 0.0, 0.001};

TrainingSpec StudentSpec(const TrainingSpec& teacher) {
  TrainingSpec student = SpecFromPreset(Preset::kCompact);
  student.training.seed = teacher.training.seed;
  return student;
}

absl::StatusOr<Preprocessor> WithoutRamps(const Preprocessor& preprocessor) {
  std::vector<FittedFeature> features = preprocessor.features();
  for (FittedFeature& feature : features) feature.ramps.clear();
  return Preprocessor::Create(preprocessor.schema(), std::move(features));
}

int64_t StudentMultiplications(int inputs, const NetworkOptions& network) {
  int64_t sum = 0, before = inputs;
  for (const int units : network.hidden) {
    sum += before * units;
    before = units;
  }
  return sum + before;
}

int64_t AttentionMultiplications(const AttentionNetwork& network) {
  const int64_t d = network.shape.width, hidden = network.shape.hidden;
  const auto tokens = static_cast<int64_t>(network.feature_inputs.size()) + 1;
  const int64_t inputs = network.inputs();
  // Queries, keys, values and outputs; scores and sums; the feed-forward layer.
  const int64_t block = tokens * (4 * d * d + 3 * d * hidden) + 2 * tokens * tokens * d;
  const int64_t last = 2 * tokens * d * d + 2 * d * d + 2 * tokens * d + 3 * d * hidden;
  return inputs * d + (network.shape.blocks - 1) * block + last + d + inputs;
}

// Rows with what the teacher says of them, for the student.
struct Lessons {
  RowMajorMatrix encoded;
  std::vector<float> targets, weights;

  TrainingRows ForTrainer() const {
    TrainingRows rows;
    rows.x = &encoded;
    rows.y = targets;
    rows.weights = weights;
    return rows;
  }
};

// Of a two-valued target: more certainty than this is not taught.
constexpr double kMostLogOdds = 6.0;

// Predictions on the scale of the network's output; NaN for rows that serving refuses.
std::vector<double> Teach(const MeasuredModel& teacher, const FittedTarget& target, const RowMajorMatrix& raw,
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

Lessons MakeLessons(const RowPart& train, absl::Span<const double> taught, const RowMajorMatrix& mixed,
                    absl::Span<const double> taught_mixed, const Preprocessor& preprocessor) {
  RowMajorMatrix raw(train.raw.rows() + mixed.rows(), train.raw.cols());
  raw << train.raw, mixed;
  const double real_weight = static_cast<double>(mixed.rows()) / static_cast<double>(train.raw.rows());
  double weights = 0.0;
  for (const float weight : train.weights) weights += weight;
  const double mean = train.weights.empty() ? 1.0 : weights / static_cast<double>(train.weights.size());
  Lessons lessons;
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < raw.rows(); ++i) {
    const bool real = i < train.raw.rows();
    const double z = real ? taught[i] : taught_mixed[i - train.raw.rows()];
    if (std::isnan(z)) continue;
    kept.push_back(i);
    lessons.targets.push_back(static_cast<float>(z));
    const double own = real && !train.weights.empty() && mean > 0.0 ? train.weights[i] / mean : 1.0;
    lessons.weights.push_back(static_cast<float>(real ? real_weight * own : 1.0));
  }
  lessons.encoded = preprocessor.Encode(raw(kept, Eigen::all));
  return lessons;
}

DataWarning Remark(std::string message) {
  DataWarning warning;
  warning.message = std::move(message);
  return warning;
}

}  // namespace

int64_t MultiplicationsOf(const Artifact& artifact) {
  if (artifact.attention.has_value()) return AttentionMultiplications(*artifact.attention);
  int64_t sum = 0;
  for (const DenseLayer& layer : artifact.mlp.layers) sum += layer.weights.size();
  return sum;
}

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

absl::Status DistilFit(const TrainingSpec& spec, ModelFit& fit, FitJournal& journal) {
  journal.SetStep("distilling");
  const TrainingSpec student = StudentSpec(spec);
  ROICAST_ASSIGN_OR_RETURN(Preprocessor plain, WithoutRamps(fit.preprocessor));
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel teacher, MeasuredModel::Create(fit.artifact));
  const RowPart& train = fit.train;
  const RowMajorMatrix mixed = MixRows(train.raw, plain.schema(), spec.training.seed);
  const std::vector<double> taught = Teach(teacher, fit.artifact.target, train.raw, train);
  const Lessons lessons = MakeLessons(train, taught, mixed, Teach(teacher, fit.artifact.target, mixed, train), plain);
  CapacitySelection all_of_it;
  all_of_it.chosen = kStudentCapacity;
  all_of_it.network_share = 1.0;
  TrainingResult training;
  ROICAST_ASSIGN_OR_RETURN(Mlp mlp,
                           FitBesideLinearPath(lessons.ForTrainer(), student, all_of_it, 0, training, journal));
  if (journal.out_of_time()) return absl::OkStatus();

  fit.train.encoded = plain.Encode(fit.train.raw);
  fit.validation.encoded = plain.Encode(fit.validation.raw);
  SettleUnseenCategories(fit.train.encoded, plain, mlp);
  for (size_t i = 0; i < fit.network.out_of_fold.size(); ++i) {
    if (std::isnan(taught[i])) continue;
    const double learnt = mlp.Evaluate(fit.train.encoded.row(static_cast<Eigen::Index>(i)).data());
    fit.network.out_of_fold[i] += learnt - taught[i];
  }
  fit.network.training = std::move(training);
  fit.artifact.mlp = std::move(mlp);
  fit.artifact.attention.reset();
  fit.artifact.features = plain.features();
  fit.preprocessor = std::move(plain);
  if (fit.artifact.target.kind == TargetKind::kTwoValued) return absl::OkStatus();
  return LearnSmearing(fit, fit.artifact);
}

absl::StatusOr<double> FirstMetricOn(const RowPart& holdout, const ModelFit& fit, double profit_threshold) {
  if (holdout.roi.empty()) return std::numeric_limits<double>::quiet_NaN();
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(fit.artifact));
  const std::vector<double>& learnt = fit.train.roi;
  const double mean = std::accumulate(learnt.begin(), learnt.end(), 0.0) / static_cast<double>(learnt.size());
  return FirstMetric(model.Measure(holdout.raw, holdout.roi, mean, profit_threshold).model);
}

absl::StatusOr<std::optional<ReductionReport>> DistilMeasured(const TrainingSpec& spec, const RowPart& holdout,
                                                              ModelFit& fit, FitJournal& journal) {
  if (fit.two_part.has_value()) {
    fit.network.warnings.push_back(
        Remark("nothing was distilled: the model has two parts, a probability and an amount, of the compact size"));
    return std::nullopt;
  }
  ReductionReport report;
  report.step = "distilled";
  report.multiplications_before = MultiplicationsOf(fit.artifact);
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor plain, WithoutRamps(fit.preprocessor));
  const int64_t student = StudentMultiplications(plain.encoded_size(), StudentSpec(spec).network);
  std::vector<DataWarning>& warnings = fit.network.warnings;
  if (report.multiplications_before <= student) {
    warnings.push_back(Remark(absl::StrCat("nothing was distilled: the model needs ", report.multiplications_before,
                                           " multiplications for a prediction, the compact network ", student)));
    return std::nullopt;
  }
  ROICAST_ASSIGN_OR_RETURN(report.metric_before, FirstMetricOn(holdout, fit, spec.profit_threshold));
  ROICAST_RETURN_IF_ERROR(DistilFit(spec, fit, journal));
  if (journal.out_of_time()) {
    warnings.push_back(Remark("the time limit passed before the model was distilled: it serves as it is"));
    return std::nullopt;
  }
  ROICAST_ASSIGN_OR_RETURN(report.metric_after, FirstMetricOn(holdout, fit, spec.profit_threshold));
  report.multiplications_after = MultiplicationsOf(fit.artifact);
  return report;
}

}  // namespace roicast
