#include "model/training/reduction/distillation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/evaluation/first_metric.h"
#include "model/training/fit/unseen_categories.h"
#include "model/training/measured_model.h"
#include "model/training/reduction/lessons.h"

namespace roicast {
namespace {

constexpr int64_t kStudentSteps = 80'000, kLongStudentSteps = 320'000;
constexpr double kStudentWeightDecay = 0.001;
// Ramps are used if at most this share of the squared difference from the teacher is left.
constexpr double kWithRamps = 0.9;
constexpr Eigen::Index kJudgedOf = 10;  // one in so many training rows

TrainingSpec StudentSpec(const TrainingSpec& teacher) {
  TrainingSpec student = SpecFromPreset(Preset::kCompact);
  student.training.seed = teacher.training.seed;
  return student;
}

// Some of the limits, evenly spaced, with the first and the last among them.
std::vector<double> FewerRamps(const std::vector<double>& limits, size_t most) {
  if (limits.size() <= most + 1) return limits;
  std::vector<double> fewer;
  for (size_t i = 0; i <= most; ++i) fewer.push_back(limits[i * (limits.size() - 1) / most]);
  return fewer;
}

absl::StatusOr<Preprocessor> StudentEncoding(const Preprocessor& preprocessor, bool ramps) {
  std::vector<FittedFeature> features = preprocessor.features();
  for (FittedFeature& feature : features) {
    feature.ramps = ramps ? FewerRamps(feature.ramps, kStudentRamps) : std::vector<double>();
  }
  return Preprocessor::Create(preprocessor.schema(), std::move(features));
}

bool HasRamps(const Preprocessor& preprocessor) {
  return std::any_of(preprocessor.features().begin(), preprocessor.features().end(),
                     [](const FittedFeature& feature) { return !feature.ramps.empty(); });
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

absl::StatusOr<Mlp> TrainStudent(const TrainingSpec& spec, const Lessons& lessons, int64_t steps,
                                 TrainingResult& training, FitJournal& journal) {
  CapacitySelection all_of_it;
  all_of_it.chosen = {steps, 0.0, kStudentWeightDecay};
  all_of_it.network_share = 1.0;
  return FitBesideLinearPath(lessons.ForTrainer(), StudentSpec(spec), all_of_it, 0, training, journal);
}

DataWarning Remark(std::string message) {
  DataWarning warning;
  warning.message = std::move(message);
  return warning;
}

absl::StatusOr<Distillation> Distil(const TrainingSpec& spec, const RowPart& holdout, ModelFit& fit,
                                    FitJournal& journal) {
  Distillation result;
  if (fit.two_part.has_value()) {
    fit.network.warnings.push_back(
        Remark("nothing was distilled: the model has two parts, a probability and an amount, of the compact size"));
    return result;
  }
  ReductionReport report;
  report.step = "distilled";
  report.multiplications_before = MultiplicationsOf(fit.artifact);
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor plain, StudentEncoding(fit.preprocessor, false));
  const int64_t least = StudentMultiplications(plain.encoded_size(), StudentSpec(spec).network);
  std::vector<DataWarning>& warnings = fit.network.warnings;
  if (report.multiplications_before <= least) {
    warnings.push_back(Remark(absl::StrCat("nothing was distilled: the model needs ", report.multiplications_before,
                                           " multiplications for a prediction, the compact network ", least)));
    return result;
  }
  ROICAST_ASSIGN_OR_RETURN(report.metric_before, FirstMetricOn(holdout, fit, spec.profit_threshold, journal.stop()));
  ROICAST_ASSIGN_OR_RETURN(result.student, ChooseStudent(spec, fit, journal));
  ROICAST_RETURN_IF_ERROR(DistilFit(spec, result.student, fit, journal));
  if (fit.artifact.target.kind != TargetKind::kTwoValued) {
    ROICAST_RETURN_IF_ERROR(LearnSmearing(fit, journal.stop(), fit.artifact));
  }
  if (journal.out_of_time()) {
    warnings.push_back(Remark("the time limit passed before the model was distilled: it serves as it is"));
    return result;
  }
  ROICAST_ASSIGN_OR_RETURN(report.metric_after, FirstMetricOn(holdout, fit, spec.profit_threshold, journal.stop()));
  report.multiplications_after = MultiplicationsOf(fit.artifact);
  result.report = std::move(report);
  return result;
}

// The squared errors of rows, in the target's unit, are higher by more than a standard error.
absl::StatusOr<bool> IsWorse(const ModelFit& fit, const ModelFit& other, const RowPart& holdout,
                             const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(fit.artifact, stop));
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel other_model, MeasuredModel::Create(other.artifact, stop));
  const std::vector<float> predicted = model.Predict(holdout.raw), predicted_other = other_model.Predict(holdout.raw);
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  double sum = 0.0, squares = 0.0, rows = 0.0;
  for (size_t i = 0; i < holdout.roi.size(); ++i) {
    if (std::isnan(predicted[i]) || std::isnan(predicted_other[i])) continue;
    const double error = holdout.roi[i] - predicted[i], error_other = holdout.roi[i] - predicted_other[i];
    const double change = error * error - error_other * error_other;
    sum += change;
    squares += change * change;
    ++rows;
  }
  if (rows < 2.0) return false;
  const double mean = sum / rows;
  const double deviation = std::sqrt(std::max(0.0, squares / rows - mean * mean) / (rows - 1.0));
  return mean > deviation;
}

}  // namespace

int64_t MultiplicationsOf(const Artifact& artifact) {
  if (artifact.attention.has_value()) return AttentionMultiplications(*artifact.attention);
  int64_t sum = 0;
  for (const DenseLayer& layer : artifact.mlp.layers) sum += layer.weights.size();
  return sum;
}

absl::StatusOr<Student> ChooseStudent(const TrainingSpec& spec, const ModelFit& fit, FitJournal& journal) {
  Student student{false, kStudentSteps};
  std::vector<Eigen::Index> learnt, judged;
  for (Eigen::Index row = 0; row < fit.train.raw.rows(); ++row) {
    (row % kJudgedOf == kJudgedOf - 1 ? judged : learnt).push_back(row);
  }
  if (judged.empty()) return student;
  ROICAST_ASSIGN_OR_RETURN(const Teaching teaching, Teach(spec, fit, journal.stop()));
  const auto difference = [&](const Student& tried) -> absl::StatusOr<double> {
    journal.SetStep(absl::StrCat("student ", tried.ramps ? "with" : "without", " ramps, ", tried.steps, " steps"));
    ROICAST_ASSIGN_OR_RETURN(const Preprocessor encoding, StudentEncoding(fit.preprocessor, tried.ramps));
    TrainingResult training;
    ROICAST_ASSIGN_OR_RETURN(const Mlp mlp, TrainStudent(spec, MakeLessons(fit.train, teaching, learnt, encoding),
                                                         tried.steps, training, journal));
    const StopCheck stop = journal.stop();
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix encoded,
                             EncodeRows(encoding, fit.train.raw(judged, Eigen::all), stop));
    RareStopCheck rare(&stop, kRowsPerStopCheck);
    double sum = 0.0;
    for (size_t i = 0; i < judged.size(); ++i) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      const double z = teaching.of_train[judged[i]];
      if (std::isnan(z)) continue;
      const double error = mlp.Evaluate(encoded.row(static_cast<Eigen::Index>(i)).data()) - z;
      sum += error * error;
    }
    return sum;
  };
  ROICAST_ASSIGN_OR_RETURN(double least, difference(student));
  if (HasRamps(fit.preprocessor) && !journal.out_of_time()) {
    ROICAST_ASSIGN_OR_RETURN(const double with_ramps, difference({true, kStudentSteps}));
    if (with_ramps <= kWithRamps * least) {
      student.ramps = true;
      least = with_ramps;
    }
  }
  if (journal.out_of_time()) return student;
  ROICAST_ASSIGN_OR_RETURN(const double longer, difference({student.ramps, kLongStudentSteps}));
  if (longer < least) student.steps = kLongStudentSteps;
  return student;
}

absl::Status DistilFit(const TrainingSpec& spec, const Student& student, ModelFit& fit, FitJournal& journal) {
  journal.SetStep("distilling");
  ROICAST_ASSIGN_OR_RETURN(Preprocessor encoding, StudentEncoding(fit.preprocessor, student.ramps));
  ROICAST_ASSIGN_OR_RETURN(const Teaching teaching, Teach(spec, fit, journal.stop()));
  std::vector<Eigen::Index> all(static_cast<size_t>(fit.train.raw.rows()));
  std::iota(all.begin(), all.end(), Eigen::Index{0});
  TrainingResult training;
  ROICAST_ASSIGN_OR_RETURN(
      Mlp mlp, TrainStudent(spec, MakeLessons(fit.train, teaching, all, encoding), student.steps, training, journal));
  if (journal.out_of_time()) return absl::OkStatus();

  const StopCheck stop = journal.stop();
  ROICAST_ASSIGN_OR_RETURN(fit.train.encoded, EncodeRows(encoding, fit.train.raw, stop));
  ROICAST_ASSIGN_OR_RETURN(fit.validation.encoded, EncodeRows(encoding, fit.validation.raw, stop));
  ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(fit.train.encoded, encoding, stop, mlp));
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (size_t i = 0; i < fit.network.out_of_fold.size(); ++i) {
    if (std::isnan(teaching.of_train[i])) continue;
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    const double learnt = mlp.Evaluate(fit.train.encoded.row(static_cast<Eigen::Index>(i)).data());
    fit.network.out_of_fold[i] += learnt - teaching.of_train[i];
  }
  fit.network.training = std::move(training);
  fit.artifact.mlp = std::move(mlp);
  fit.artifact.attention.reset();
  fit.artifact.features = encoding.features();
  fit.preprocessor = std::move(encoding);
  return absl::OkStatus();
}

absl::StatusOr<double> FirstMetricOn(const RowPart& holdout, const ModelFit& fit, double profit_threshold,
                                     const StopCheck& stop) {
  if (holdout.roi.empty()) return std::numeric_limits<double>::quiet_NaN();
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(fit.artifact, stop));
  const std::vector<double>& learnt = fit.train.roi;
  const double mean = std::accumulate(learnt.begin(), learnt.end(), 0.0) / static_cast<double>(learnt.size());
  ROICAST_ASSIGN_OR_RETURN(const MetricsWithBaseline metrics,
                           model.Measure(holdout.raw, holdout.roi, mean, profit_threshold, holdout.groups));
  return FirstMetric(metrics.model);
}

TrainingSpec CompactSpec(const TrainingSpec& spec) {
  TrainingSpec compact = spec;
  const TrainingSpec preset = SpecFromPreset(Preset::kCompact);
  compact.preset = Preset::kCompact;
  compact.network = preset.network;
  compact.training = preset.training;
  compact.training.seed = spec.training.seed;
  compact.preprocessing.ramps = 0;
  compact.choose_capacity = true;
  compact.extra.distill = compact.extra.select_features = false;
  return compact;
}

absl::StatusOr<Distillation> DistilUnmeasured(const TrainingSpec& spec, ModelFit& fit, FitJournal& journal) {
  return Distil(spec, RowPart(), fit, journal);
}

absl::StatusOr<Distillation> DistilMeasured(const TrainingSpec& spec, const PreparedData& data,
                                            const TrainModelInputs& inputs, const RowPart& holdout, ModelFit& fit,
                                            FitJournal& journal) {
  ROICAST_ASSIGN_OR_RETURN(Distillation result, Distil(spec, holdout, fit, journal));
  if (!result.report.has_value() || holdout.roi.empty()) return result;
  journal.SetStep("a compact network to compare with");
  absl::StatusOr<ModelFit> compact =
      FitModel(data, {data.split.train, data.split.validation}, CompactSpec(spec), inputs, nullptr, journal);
  if (!compact.ok() && !absl::IsFailedPrecondition(compact.status())) return compact.status();
  if (!compact.ok() || journal.out_of_time()) return result;
  ROICAST_ASSIGN_OR_RETURN(const double metric,
                           FirstMetricOn(holdout, *compact, spec.profit_threshold, journal.stop()));
  ROICAST_ASSIGN_OR_RETURN(const bool worse, IsWorse(fit, *compact, holdout, journal.stop()));
  const char* const name = fit.artifact.target.kind == TargetKind::kTwoValued ? "AUC" : "R²";
  if (!worse) {
    fit.network.warnings.push_back(Remark(absl::StrFormat(
        "a compact network that learnt from the rows themselves has %s %.4f on the holdout, the student %.4f", name,
        metric, result.report->metric_after)));
    return result;
  }
  compact->network.warnings.push_back(Remark(absl::StrFormat(
      "nothing was distilled: on the holdout the student has %s %.4f, and a compact network that learnt from the rows "
      "themselves %.4f: that one serves; what would have taught the student has %.4f",
      name, result.report->metric_after, metric, result.report->metric_before)));
  fit = *std::move(compact);
  result.report.reset();
  result.compact = true;
  return result;
}

}  // namespace roicast
