#include "model/training/train_model.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/features/preprocessor.h"
#include "model/training/golden_rows.h"
#include "model/training/measured_model.h"
#include "model/training/prepared_data.h"
#include "model/training/unseen_categories.h"

namespace roicast {
namespace {

constexpr size_t kMostEpochRecords = 1000;

// The rows of one part of the split.
struct Part {
  RowMajorMatrix raw;
  RowMajorMatrix encoded;
  std::vector<double> roi;
  std::vector<float> standardised;
  std::vector<float> weights;

  TrainingRows ForTrainer() const {
    TrainingRows rows;
    if (!roi.empty()) rows.x = &encoded;
    rows.y = standardised;
    rows.weights = weights;
    return rows;
  }
};

Part MakePart(const PreparedData& data, absl::Span<const int64_t> rows, const Preprocessor& preprocessor,
              const FittedTarget& target) {
  Part part;
  part.raw = ToRawRows(data.features.Select(rows), preprocessor.schema());
  part.encoded = preprocessor.Encode(part.raw);
  part.roi = data.RoiOf(rows);
  part.weights = data.WeightsOf(rows);
  part.standardised.reserve(part.roi.size());
  for (const double roi : part.roi) part.standardised.push_back(static_cast<float>(target.Standardise(roi)));
  return part;
}

absl::Status CheckEncodedBytes(const Split& split, const Preprocessor& preprocessor, int64_t limit) {
  const auto learnt = static_cast<int64_t>(split.train.size() + split.validation.size());
  const auto rows = learnt + static_cast<int64_t>(split.holdout.size());
  // The trainer has a copy of its own.
  const double bytes = static_cast<double>(rows + learnt) * preprocessor.encoded_size() * sizeof(float);
  if (bytes <= static_cast<double>(limit)) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the rows as the network sees them: expected at most ", limit, " bytes, got ", bytes, " (", rows, " rows with ",
      preprocessor.encoded_size(), " inputs); lower preprocessing.max_vocabulary or exclude columns"));
}

std::vector<NumericTransform> TransformsOf(const TrainingSpec& spec, const Schema& schema) {
  std::vector<NumericTransform> transforms(schema.features.size(), NumericTransform::kAuto);
  for (const ColumnOverride& column : spec.columns) {
    const int feature = schema.IndexOf(column.name);
    if (feature >= 0) transforms[feature] = column.transform;
  }
  return transforms;
}

absl::StatusOr<Preprocessor> LearnPreprocessor(const PreparedData& data, const TrainingSpec& spec,
                                               const Artifact* warm_start) {
  if (warm_start != nullptr) return Preprocessor::Create(warm_start->schema, warm_start->features);
  return FitPreprocessor(data.features.Select(data.split.train), data.schema, data.limits,
                         TransformsOf(spec, data.schema), spec.preprocessing);
}

absl::StatusOr<FittedTarget> LearnTarget(const PreparedData& data, const TrainingSpec& spec,
                                         const Artifact* warm_start) {
  if (warm_start == nullptr) {
    return FitTarget(data.RoiOf(data.split.train), spec.target_transform, spec.statistic);
  }
  FittedTarget target = warm_start->target;
  target.statistic = spec.statistic;
  return target;
}

// Of the rows that are left after cleaning, in all parts: what is possible is no matter of the draw.
double LearnFloor(const PreparedData& data) {
  std::vector<double> roi;
  for (const std::vector<int64_t>* rows : {&data.split.train, &data.split.validation, &data.split.holdout}) {
    const std::vector<double> part = data.RoiOf(*rows);
    roi.insert(roi.end(), part.begin(), part.end());
  }
  return RoiFloor(roi);
}

// The version's layers and activation take the place of the spec's.
NetworkOptions ShapeOf(const Mlp& mlp, NetworkOptions options) {
  options.hidden.clear();
  for (size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
    options.hidden.push_back(static_cast<int>(mlp.layers[i].weights.rows()));
    options.activation = mlp.layers[i].activation;
  }
  return options;
}

// All records, or evenly spaced ones with the first and the last among them.
std::vector<EpochRecord> Thinned(std::vector<EpochRecord> records) {
  if (records.size() <= kMostEpochRecords) return records;
  std::vector<EpochRecord> kept;
  for (size_t i = 0; i < kMostEpochRecords; ++i) {
    kept.push_back(records[i * (records.size() - 1) / (kMostEpochRecords - 1)]);
  }
  return kept;
}

absl::StatusOr<TrainingResult> RunTrainer(const Part& train, const Part& validation, const TrainingSpec& spec,
                                          const TrainModelHooks& hooks) {
  TrainingHooks trainer_hooks;
  trainer_hooks.on_epoch = hooks.on_epoch;
  trainer_hooks.cancelled = hooks.cancelled;
  trainer_hooks.wants_checkpoint = hooks.wants_checkpoint;
  trainer_hooks.on_checkpoint = hooks.on_checkpoint;
  trainer_hooks.resume_from = hooks.resume_from;
  trainer_hooks.now = hooks.now;
  if (hooks.warm_start != nullptr) trainer_hooks.warm_start = &hooks.warm_start->mlp;
  return Train(train.ForTrainer(), validation.ForTrainer(), spec.network, spec.training, trainer_hooks);
}

// Residuals of rows that the network did not learn from, where there are any.
absl::Status LearnSmearing(const Part& train, const Part& validation, Artifact& artifact) {
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact));
  const Part& part = validation.roi.empty() ? train : validation;
  std::vector<double> residuals = model.PredictTransformed(part.raw);
  for (size_t i = 0; i < residuals.size(); ++i) {
    residuals[i] = artifact.target.Transform(part.roi[i]) - residuals[i];
  }
  FitSmearing(residuals, artifact.target);
  return absl::OkStatus();
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

RowMajorMatrix Together(const Part& train, const Part& validation, const Part& holdout) {
  RowMajorMatrix all(train.raw.rows() + validation.raw.rows() + holdout.raw.rows(), train.raw.cols());
  all << train.raw, validation.raw, holdout.raw;
  return all;
}

}  // namespace

absl::StatusOr<Artifact> TrainModel(const CsvTable& data, const TrainingSpec& spec, const TrainModelHooks& hooks) {
  const auto enter = [&](TrainingPhase phase) -> absl::Status {
    if (hooks.cancelled && hooks.cancelled()) return absl::CancelledError("training was cancelled");
    if (hooks.on_phase) hooks.on_phase(phase);
    return absl::OkStatus();
  };
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_RETURN_IF_ERROR(enter(TrainingPhase::kPreparing));
  Artifact artifact;
  artifact.provenance.roicast_version = ROICAST_VERSION;
  artifact.provenance.dataset_digest = spec.dataset_digest;
  artifact.provenance.spec = spec;
  TrainingSpec& used = artifact.provenance.spec;
  if (hooks.warm_start != nullptr) used.network = ShapeOf(hooks.warm_start->mlp, spec.network);

  Part train, validation, holdout;
  std::optional<Preprocessor> preprocessor;
  {
    ROICAST_ASSIGN_OR_RETURN(PreparedData prepared, PrepareData(data, spec, hooks.warm_start, hooks.cancelled));
    ROICAST_ASSIGN_OR_RETURN(preprocessor, LearnPreprocessor(prepared, spec, hooks.warm_start));
    ROICAST_RETURN_IF_ERROR(CheckEncodedBytes(prepared.split, *preprocessor, hooks.max_encoded_bytes));
    ROICAST_ASSIGN_OR_RETURN(artifact.target, LearnTarget(prepared, spec, hooks.warm_start));
    artifact.target.roi_floor = LearnFloor(prepared);
    train = MakePart(prepared, prepared.split.train, *preprocessor, artifact.target);
    validation = MakePart(prepared, prepared.split.validation, *preprocessor, artifact.target);
    holdout = MakePart(prepared, prepared.split.holdout, *preprocessor, artifact.target);
    artifact.schema = preprocessor->schema();
    artifact.features = preprocessor->features();
    artifact.report.cleaning = std::move(prepared.report);
    used.target = std::move(prepared.target);
  }

  ROICAST_RETURN_IF_ERROR(enter(TrainingPhase::kTraining));
  ROICAST_ASSIGN_OR_RETURN(TrainingResult result, RunTrainer(train, validation, used, hooks));
  TrainingReport& report = artifact.report;
  artifact.mlp = std::move(result.mlp);
  // A version that training goes on from may have learnt them.
  if (hooks.warm_start == nullptr) SettleUnseenCategories(train.encoded, *preprocessor, artifact.mlp);
  report.epochs = Thinned(std::move(result.history));
  report.best_epoch = result.best_epoch;
  report.epochs_run = result.epochs_run;
  report.stop_reason = std::move(result.stop_reason);
  report.parameter_count = artifact.mlp.parameter_count();

  ROICAST_RETURN_IF_ERROR(enter(TrainingPhase::kEvaluating));
  ROICAST_RETURN_IF_ERROR(LearnSmearing(train, validation, artifact));
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact));
  const double baseline_roi = Mean(train.roi);
  report.train = model.Measure(train.raw, train.roi, baseline_roi, spec.profit_threshold);
  report.validation = model.Measure(validation.raw, validation.roi, baseline_roi, spec.profit_threshold);
  report.holdout = model.Measure(holdout.raw, holdout.roi, baseline_roi, spec.profit_threshold);

  const RowMajorMatrix golden = ChooseGoldenRows(Together(train, validation, holdout), artifact.schema);
  artifact.golden.rows.assign(golden.data(), golden.data() + golden.size());
  artifact.golden.predictions = model.Predict(golden);
  return artifact;
}

absl::StatusOr<DatasetInspection> InspectDataset(const CsvTable& data, const TrainingSpec& spec) {
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_ASSIGN_OR_RETURN(PreparedData prepared, PrepareData(data, spec, nullptr, nullptr));
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, LearnPreprocessor(prepared, spec, nullptr));
  DatasetInspection inspection;
  inspection.schema = preprocessor.schema();
  for (const FittedFeature& feature : preprocessor.features()) inspection.transforms.push_back(feature.transform);
  inspection.cleaning = std::move(prepared.report);
  inspection.train_rows = static_cast<int64_t>(prepared.split.train.size());
  inspection.validation_rows = static_cast<int64_t>(prepared.split.validation.size());
  inspection.holdout_rows = static_cast<int64_t>(prepared.split.holdout.size());
  return inspection;
}

}  // namespace roicast
