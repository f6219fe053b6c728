#include "model/training/train_model.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/evaluation/equal_rows.h"
#include "model/features/preprocessor.h"
#include "model/network/trainer.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/select_capacity.h"
#include "model/training/golden_rows.h"
#include "model/training/measured_model.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/shrinkage.h"
#include "model/training/unseen_categories.h"

namespace roicast {
namespace {

constexpr size_t kMostEpochRecords = 1000;
constexpr size_t kMostShrinkageRows = 10'000;

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

absl::Status CheckEncodedBytes(const TrainingSpec& spec, const Split& split, const Preprocessor& preprocessor,
                               int64_t limit) {
  const auto trained_on = static_cast<int64_t>(split.train.size() + split.validation.size());
  const auto rows = trained_on + static_cast<int64_t>(split.holdout.size());
  // The trainer has a copy of its own; a comparison has two copies of two thirds.
  const double copies = static_cast<double>(trained_on) * (spec.ChoosesCapacity() ? 4.0 / 3.0 : 1.0);
  const double bytes = (static_cast<double>(rows) + copies) * preprocessor.encoded_size() * sizeof(float);
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

// The floor of the ROI in all rows that cleaning left, whichever part they are in: what is possible does not depend on
// the split.
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

// Uses the residuals of rows that the network was not trained on, if there are any.
absl::Status LearnSmearing(const Part& train, const Part& validation, const std::optional<CapacitySelection>& selection,
                           Artifact& artifact) {
  if (selection.has_value()) {
    std::vector<double> residuals(train.standardised.begin(), train.standardised.end());
    for (size_t i = 0; i < residuals.size(); ++i) {
      residuals[i] = artifact.target.factor * (residuals[i] - selection->out_of_fold[i]);
    }
    FitSmearing(residuals, artifact.target);
    return absl::OkStatus();
  }
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact));
  const Part& part = validation.roi.empty() ? train : validation;
  std::vector<double> residuals = model.PredictTransformed(part.raw);
  for (size_t i = 0; i < residuals.size(); ++i) {
    residuals[i] = artifact.target.Transform(part.roi[i]) - residuals[i];
  }
  FitSmearing(residuals, artifact.target);
  return absl::OkStatus();
}

// Leaves room for the two units a layer that carry the linear path, so that the network keeps the spec's size.
NetworkOptions BesideLinearPath(NetworkOptions options) {
  for (int& units : options.hidden) units = std::max(1, units - 2);
  return options;
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// One run from a table to an artifact.
class ModelTraining {
 public:
  ModelTraining(const CsvTable& data, const TrainingSpec& spec, const TrainModelInputs& inputs,
                TrainingObserver& observer)
      : data_(data), spec_(spec), inputs_(inputs), observer_(observer) {}

  absl::StatusOr<Artifact> Run() {
    ROICAST_RETURN_IF_ERROR(spec_.Validate());
    ROICAST_RETURN_IF_ERROR(Enter(TrainingPhase::kPreparing));
    RecordProvenance();
    ROICAST_RETURN_IF_ERROR(Prepare());
    ROICAST_RETURN_IF_ERROR(Enter(TrainingPhase::kTraining));
    ROICAST_RETURN_IF_ERROR(RunEpochs());
    ROICAST_RETURN_IF_ERROR(Enter(TrainingPhase::kEvaluating));
    ROICAST_RETURN_IF_ERROR(LearnSmearing(train_, validation_, selection_, artifact_));
    ROICAST_RETURN_IF_ERROR(Evaluate());
    return std::move(artifact_);
  }

 private:
  absl::Status Enter(TrainingPhase phase) {
    if (observer_.Poll() == TrainingSignal::kCancel) return absl::CancelledError("training was cancelled");
    observer_.OnPhase(phase);
    return absl::OkStatus();
  }

  void RecordProvenance() {
    Provenance& provenance = artifact_.provenance;
    provenance.roicast_version = ROICAST_VERSION;
    provenance.dataset_digest = spec_.dataset_digest;
    provenance.spec = spec_;
    if (inputs_.warm_start != nullptr) provenance.spec.network = ShapeOf(inputs_.warm_start->mlp, spec_.network);
  }

  // Fills the parts and what the artifact has of the preprocessing. The prepared table is freed on return.
  absl::Status Prepare() {
    const Artifact* const warm_start = inputs_.warm_start;
    ROICAST_ASSIGN_OR_RETURN(PreparedData prepared, PrepareData(data_, spec_, warm_start, &observer_));
    ROICAST_ASSIGN_OR_RETURN(preprocessor_, LearnPreprocessor(prepared, spec_, warm_start));
    ROICAST_RETURN_IF_ERROR(CheckEncodedBytes(spec_, prepared.split, *preprocessor_, inputs_.max_encoded_bytes));
    ROICAST_ASSIGN_OR_RETURN(artifact_.target, LearnTarget(prepared, spec_, warm_start));
    artifact_.target.roi_floor = LearnFloor(prepared);
    train_ = MakePart(prepared, prepared.split.train, *preprocessor_, artifact_.target);
    validation_ = MakePart(prepared, prepared.split.validation, *preprocessor_, artifact_.target);
    holdout_ = MakePart(prepared, prepared.split.holdout, *preprocessor_, artifact_.target);
    artifact_.schema = preprocessor_->schema();
    artifact_.features = preprocessor_->features();
    artifact_.report.cleaning = std::move(prepared.report);
    artifact_.provenance.spec.target = std::move(prepared.target);
    return absl::OkStatus();
  }

  absl::Status RunEpochs() {
    if (spec_.ChoosesCapacity() && inputs_.warm_start == nullptr) return FitChosenCapacity();
    observer_.OnEpochsChosen(spec_.training.epochs);
    TrainingStart start;
    start.resume_from = inputs_.resume_from;
    if (inputs_.warm_start != nullptr) start.warm_start = &inputs_.warm_start->mlp;
    const TrainingSpec& used = artifact_.provenance.spec;
    ROICAST_ASSIGN_OR_RETURN(TrainingResult result, Train(train_.ForTrainer(), validation_.ForTrainer(), used.network,
                                                          used.training, start, &observer_));
    artifact_.mlp = std::move(result.mlp);
    // A warm start may have trained these weights.
    if (inputs_.warm_start == nullptr) SettleUnseenCategories(train_.encoded, *preprocessor_, artifact_.mlp);
    Shrink();
    Report(std::move(result));
    return absl::OkStatus();
  }

  // A linear path, and beside it as much of a network as held on rows that neither had seen.
  absl::Status FitChosenCapacity() {
    const std::vector<int64_t> groups =
        GroupEqualRows(absl::MakeConstSpan(train_.raw.data(), train_.raw.size()), train_.raw.cols());
    const TrainingRows rows = train_.ForTrainer();
    NetworkOptions network = BesideLinearPath(spec_.network);
    TrainingOptions options = spec_.training;
    ROICAST_ASSIGN_OR_RETURN(selection_, SelectCapacity(rows, groups, network, options, observer_));
    artifact_.report.capacity = selection_->report;
    WarnIfNothingHolds(groups);
    const LinearModel linear = FitRidge(*rows.x, rows.y, rows.weights);
    TrainingResult result;
    result.stop_reason = selection_->out_of_time ? "time limit" : "a linear model is enough";
    if (selection_->network_share > 0.0) {
      std::vector<float> residuals = train_.standardised;
      for (size_t i = 0; i < residuals.size(); ++i) {
        residuals[i] -= static_cast<float>(linear.Evaluate(rows.x->row(static_cast<Eigen::Index>(i)).data()));
      }
      ApplyCapacity(selection_->chosen, rows.x->rows(), network, options);
      observer_.OnEpochsChosen(options.epochs);
      TrainingStart start;
      start.resume_from = inputs_.resume_from;
      ROICAST_ASSIGN_OR_RETURN(result,
                               Train({rows.x, residuals, rows.weights}, {}, network, options, start, &observer_));
    }
    // Without a complete epoch, the weights are still random.
    const bool trained = result.epochs_run > 0;
    if (selection_->out_of_time || (selection_->network_share > 0.0 && !trained)) WarnOfTime();
    artifact_.mlp = trained ? WithLinearPath(result.mlp, selection_->network_share, linear) : LinearNetwork(linear);
    SettleUnseenCategories(train_.encoded, *preprocessor_, artifact_.mlp);
    Report(std::move(result));
    return absl::OkStatus();
  }

  // Judges the rows out of fold as JudgeAgainstConstant judges the holdout.
  void WarnIfNothingHolds(absl::Span<const int64_t> groups) {
    const std::vector<double> truth(train_.standardised.begin(), train_.standardised.end());
    const std::vector<double> constant(truth.size(), 0.0);
    MetricsWithBaseline metrics;
    metrics.model.rows = static_cast<int64_t>(truth.size());
    metrics.model.transformed = EvaluateRegression(truth, selection_->out_of_fold);
    metrics.baseline.transformed = EvaluateRegression(truth, constant);
    metrics.distinct_inputs = *std::max_element(groups.begin(), groups.end()) + 1;
    metrics.r2_standard_error = RelativeR2StandardError(truth, selection_->out_of_fold, constant, groups);
    if (JudgeAgainstConstant(metrics) == ConstantVerdict::kBetter) return;
    DataWarning warning;
    warning.serious = true;
    warning.message = absl::StrFormat(
        "the inputs do not tell the target: on %d rows that were not learnt from, neither a linear model nor a network "
        "is shown to be better than the mean of all rows (R² %.4f)",
        metrics.model.rows, RelativeR2(metrics));
    Warn(std::move(warning));
  }

  void Warn(DataWarning warning) {
    std::vector<DataWarning>& warnings = artifact_.report.cleaning.warnings;
    warnings.insert(warnings.begin(), std::move(warning));
  }

  void WarnOfTime() {
    DataWarning warning;
    warning.serious = true;
    warning.message =
        "the time limit passed before a network was trained: the model is a linear one. With fixed epochs no settings "
        "are compared";
    warning.flags = {"--epochs 100"};
    Warn(std::move(warning));
  }

  void Report(TrainingResult result) {
    TrainingReport& report = artifact_.report;
    report.epochs = Thinned(std::move(result.history));
    report.best_epoch = result.best_epoch;
    report.epochs_run = result.epochs_run;
    report.stop_reason = std::move(result.stop_reason);
    report.parameter_count = artifact_.mlp.parameter_count();
  }

  // Moves predictions towards the mean if the validation rows show that they do not hold elsewhere, or if the training
  // rows make it likely.
  void Shrink() {
    const bool validated = !validation_.roi.empty();
    const Part& part = validated ? validation_ : train_;
    const size_t count = std::min(part.roi.size(), kMostShrinkageRows);
    std::vector<double> truth, predicted;
    std::vector<float> weights;
    for (size_t i = 0; i < count; ++i) {
      const size_t row = i * part.roi.size() / count;
      truth.push_back(part.standardised[row]);
      predicted.push_back(artifact_.mlp.Evaluate(part.encoded.row(static_cast<int64_t>(row)).data()));
      if (!part.weights.empty()) weights.push_back(part.weights[row]);
    }
    const auto rows = static_cast<int64_t>(part.roi.size());
    const double factor = validated ? LearnShrinkage(truth, predicted, weights)
                                    : GuessShrinkage(truth, predicted, rows, artifact_.mlp.inputs());
    if (factor == 1.0) return;
    ScaleOutput(factor, artifact_.mlp);
    Warn(ShrinkageWarning(factor, rows, validated));
  }

  // Metrics and golden rows.
  absl::Status Evaluate() {
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact_));
    const double baseline_roi = Mean(train_.roi);
    const auto measure = [&](const Part& part) {
      return model.Measure(part.raw, part.roi, baseline_roi, spec_.profit_threshold);
    };
    artifact_.report.train = measure(train_);
    artifact_.report.validation = measure(validation_);
    artifact_.report.holdout = measure(holdout_);
    const RowMajorMatrix golden = ChooseGoldenRows(AllRaw(), artifact_.schema);
    artifact_.golden.rows.assign(golden.data(), golden.data() + golden.size());
    artifact_.golden.predictions = model.Predict(golden);
    return absl::OkStatus();
  }

  RowMajorMatrix AllRaw() const {
    RowMajorMatrix all(train_.raw.rows() + validation_.raw.rows() + holdout_.raw.rows(), train_.raw.cols());
    all << train_.raw, validation_.raw, holdout_.raw;
    return all;
  }

  const CsvTable& data_;
  const TrainingSpec& spec_;
  const TrainModelInputs& inputs_;
  TrainingObserver& observer_;

  Artifact artifact_;
  std::optional<Preprocessor> preprocessor_;
  std::optional<CapacitySelection> selection_;
  Part train_, validation_, holdout_;
};

}  // namespace

absl::StatusOr<Artifact> TrainModel(const CsvTable& data, const TrainingSpec& spec, const TrainModelInputs& inputs,
                                    TrainingObserver* observer) {
  TrainingObserver nobody;
  return ModelTraining(data, spec, inputs, observer != nullptr ? *observer : nobody).Run();
}

absl::StatusOr<DatasetInspection> InspectDataset(const CsvTable& data, const TrainingSpec& spec) {
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_ASSIGN_OR_RETURN(PreparedData prepared, PrepareData(data, spec, nullptr));
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, LearnPreprocessor(prepared, spec, nullptr));
  DatasetInspection inspection;
  inspection.target = prepared.target;
  inspection.schema = preprocessor.schema();
  for (const FittedFeature& feature : preprocessor.features()) inspection.transforms.push_back(feature.transform);
  inspection.cleaning = std::move(prepared.report);
  inspection.train_rows = static_cast<int64_t>(prepared.split.train.size());
  inspection.validation_rows = static_cast<int64_t>(prepared.split.validation.size());
  inspection.holdout_rows = static_cast<int64_t>(prepared.split.holdout.size());
  inspection.validation_chooses_epoch = spec.training.KeepsBestEpoch() && inspection.validation_rows > 0;
  return inspection;
}

}  // namespace roicast
