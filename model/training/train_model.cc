#include "model/training/train_model.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "model/data/target_description.h"
#include "model/evaluation/conclusion.h"
#include "model/evaluation/learnt_rows.h"
#include "model/explanation/background.h"
#include "model/features/mean_fit.h"
#include "model/training/attention/attention_fit.h"
#include "model/training/calibration/calibrate.h"
#include "model/training/cross_validate.h"
#include "model/training/fit/diminishing_returns.h"
#include "model/training/fit/encoded_fit.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/model_fit.h"
#include "model/training/fit/predicted_sums.h"
#include "model/training/golden_rows.h"
#include "model/training/measure_model_error.h"
#include "model/training/measured_model.h"
#include "model/training/new_entities.h"
#include "model/training/new_rows.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/reduction/distillation.h"
#include "model/training/reduction/feature_selection.h"
#include "model/training/served_calibration.h"

namespace roicast {
namespace {

constexpr size_t kMostEpochRecords = 1000;
constexpr absl::string_view kOutOfTime = "the time limit passed before that";

// All records, or evenly spaced ones with the first and the last among them.
std::vector<EpochRecord> Thinned(std::vector<EpochRecord> records) {
  if (records.size() <= kMostEpochRecords) return records;
  std::vector<EpochRecord> kept;
  for (size_t i = 0; i < kMostEpochRecords; ++i) {
    kept.push_back(records[i * (records.size() - 1) / (kMostEpochRecords - 1)]);
  }
  return kept;
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// A preparation that is stopped.
class StopObserver final : public TrainingObserver {
 public:
  explicit StopObserver(const StopCheck& stop) : stop_(stop) {}
  TrainingSignal Poll() override { return CheckStop(stop_).ok() ? TrainingSignal::kContinue : TrainingSignal::kCancel; }

 private:
  const StopCheck& stop_;
};

// One run from a table to an artifact.
class ModelTraining {
 public:
  ModelTraining(const CsvTable& data, const TrainingSpec& spec, const TrainModelInputs& inputs,
                TrainingObserver& observer)
      : data_(data),
        spec_(spec),
        inputs_(inputs),
        observer_(observer),
        stop_(StopWhenCancelled(observer)),
        journal_(inputs.resume_from, observer, inputs.threads),
        preparation_memory_(inputs.memory->EmptyClaim(MemoryUse::kTables)),
        rows_memory_(inputs.memory->EmptyClaim(MemoryUse::kTables)),
        network_memory_(inputs.memory->EmptyClaim(MemoryUse::kTraining)) {
    inputs_.rows_memory = &rows_memory_;
    inputs_.network_memory = &network_memory_;
  }

  absl::StatusOr<Artifact> Run() {
    ROICAST_RETURN_IF_ERROR(spec_.Validate());
    ROICAST_RETURN_IF_ERROR(CheckAttentionStart(spec_, inputs_));
    ROICAST_RETURN_IF_ERROR(Enter(TrainingPhase::kPreparing));
    ROICAST_RETURN_IF_ERROR(preparation_memory_.SetTo(PreparationBytes(data_)));
    ROICAST_ASSIGN_OR_RETURN(prepared_, PrepareData(data_, spec_, inputs_.warm_start, &observer_));
    ROICAST_RETURN_IF_ERROR(CheckIntervalGroup(spec_, prepared_.schema));
    if (spec_.extra.folds > 0) {
      ROICAST_ASSIGN_OR_RETURN(folds_, SplitIntoFolds(prepared_, spec_));
    }
    ROICAST_RETURN_IF_ERROR(Enter(TrainingPhase::kTraining));
    ROICAST_RETURN_IF_ERROR(FitAndRefit());
    if (!folds_.empty()) ROICAST_RETURN_IF_ERROR(MeasureFolds());
    ROICAST_RETURN_IF_ERROR(FitWithoutEntities());
    ROICAST_RETURN_IF_ERROR(Enter(TrainingPhase::kEvaluating));
    ROICAST_RETURN_IF_ERROR(Measure());
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix raw, AllRaw());
    ROICAST_RETURN_IF_ERROR(CalibrateServed(*measured_, holdout_, learning_exponent_, raw, spec_, stop_, artifact_));
    JudgeEntities();
    ROICAST_RETURN_IF_ERROR(stop_());
    ROICAST_RETURN_IF_ERROR(KeepModelError());
    ROICAST_RETURN_IF_ERROR(KeepGoldenRows());
    ROICAST_RETURN_IF_ERROR(stop_());
    ROICAST_ASSIGN_OR_RETURN(artifact_.background, FitBackground(raw, artifact_.schema, BackgroundOptions(), stop_));
    ROICAST_RETURN_IF_ERROR(KeepLearntRows());
    ROICAST_RETURN_IF_ERROR(stop_());
    artifact_.moves_with_spend = prepared_.moves.For(prepared_.features, artifact_.schema);
    RecordProvenance();
    return std::move(artifact_);
  }

 private:
  absl::Status Enter(TrainingPhase phase) {
    ROICAST_RETURN_IF_ERROR(stop_());
    observer_.OnPhase(phase);
    return absl::OkStatus();
  }

  // The model that is measured, and the one that serves.
  absl::Status FitAndRefit() {
    const Split& split = prepared_.split;
    ROICAST_ASSIGN_OR_RETURN(measured_,
                             FitModel(prepared_, {split.train, split.validation}, spec_, inputs_, nullptr, journal_));
    if (spec_.extra.select_features) {
      ROICAST_ASSIGN_OR_RETURN(selected_, SelectFeatures(spec_, inputs_, prepared_, *measured_, journal_));
    }
    ROICAST_RETURN_IF_ERROR(EncodeHoldout());
    if (spec_.extra.distill) {
      ROICAST_RETURN_IF_ERROR(Distil());
    }
    artifact_ = measured_->artifact;
    artifact_.report.cleaning = std::move(prepared_.report);
    Report(measured_->network);
    return Refit();
  }

  absl::Status Distil() {
    ROICAST_ASSIGN_OR_RETURN(distilled_, DistilMeasured(spec_, prepared_, inputs_, holdout_, *measured_, journal_));
    return distilled_.compact ? EncodeHoldout() : absl::OkStatus();
  }

  absl::Status EncodeHoldout() {
    ROICAST_ASSIGN_OR_RETURN(holdout_, MakeRowPart(prepared_, prepared_.split.holdout, measured_->preprocessor,
                                                   measured_->artifact.target, stop_));
    ROICAST_ASSIGN_OR_RETURN(learning_exponent_, LearningExponent(*measured_, holdout_, stop_));
    return absl::OkStatus();
  }

  // The same settings once more, on the rows that were held out, too. Without the time for it the measured model
  // serves.
  absl::Status Refit() {
    if (!measured_->network.selection.has_value() || prepared_.refit_rows.empty()) return absl::OkStatus();
    if (journal_.out_of_time()) return WarnOfRefit(kOutOfTime);
    journal_.SetStep("all rows");
    // They are as large as the table, and no longer needed.
    for (RowPart* part : {&measured_->train, &measured_->validation, &holdout_}) part->encoded.resize(0, 0);
    const TrainingSpec spec = distilled_.compact ? CompactSpec(spec_) : spec_;
    absl::StatusOr<ModelFit> served =
        FitModel(prepared_, {prepared_.refit_rows, {}}, spec, inputs_, &*measured_, journal_);
    if (absl::IsFailedPrecondition(served.status())) return WarnOfRefit(served.status().message());
    ROICAST_RETURN_IF_ERROR(served.status());
    if (distilled_.report.has_value()) {
      ROICAST_RETURN_IF_ERROR(DistilFit(spec_, distilled_.student, *served, journal_));
    }
    if (journal_.out_of_time()) return WarnOfRefit(kOutOfTime);
    TrainingReport report = std::move(artifact_.report);
    artifact_ = served->artifact;
    artifact_.report = std::move(report);
    artifact_.report.refit_rows = static_cast<int64_t>(prepared_.refit_rows.size());
    ROICAST_RETURN_IF_ERROR(KeepSmearing());
    return absl::OkStatus();
  }

  // Without the time for all parts there is no cross-validation.
  absl::Status MeasureFolds() {
    TrainingReport& report = artifact_.report;
    if (!journal_.out_of_time()) {
      ROICAST_ASSIGN_OR_RETURN(report.cross_validation, CrossValidate(prepared_, folds_, spec_, inputs_, journal_));
    }
    if (!report.cross_validation.first_metric.empty()) return absl::OkStatus();
    DataWarning warning;
    warning.message = "the time limit passed before all folds were measured: there is no cross-validation";
    report.cleaning.warnings.push_back(std::move(warning));
    return absl::OkStatus();
  }

  absl::Status FitWithoutEntities() {
    // Of a split by group, the holdout tells.
    if (!prepared_.structure.entities.has_value() || spec_.split.holdout == SplitSpec::Holdout::kByGroup ||
        journal_.out_of_time()) {
      return absl::OkStatus();
    }
    const TrainingSpec spec = distilled_.compact ? CompactSpec(spec_) : spec_;
    ROICAST_ASSIGN_OR_RETURN(new_entities_, MeasureNewEntities(prepared_, *prepared_.structure.entities, *measured_,
                                                               artifact_.target, spec, inputs_, journal_));
    return absl::OkStatus();
  }

  void JudgeEntities() {
    if (!new_entities_.has_value()) return;
    TrainingReport& report = artifact_.report;
    std::optional<NewEntitiesFinding> finding;
    if (spec_.split.holdout != SplitSpec::Holdout::kByValue) {
      finding = JudgeNewEntities(*new_entities_, *prepared_.structure.entities, report.OfNewRows(), artifact_);
    }
    WidenForNewEntities(*new_entities_, artifact_);
    if (!finding.has_value()) return;
    report.conclusion += finding->conclusion;
    report.cleaning.warnings.insert(report.cleaning.warnings.begin(), std::move(finding->warning));
  }

  absl::Status WarnOfRefit(absl::string_view why) {
    DataWarning warning;
    warning.message = absl::StrCat("the held-out rows were not learnt from: ", why);
    artifact_.report.cleaning.warnings.push_back(std::move(warning));
    return absl::OkStatus();
  }

  // Of the measured model's errors on rows that it had not seen: the served one has seen all. Which mean it is stays as
  // measured: the report is of that one.
  absl::Status KeepSmearing() {
    // A two-part model has kept its own, and a probability has none.
    if (artifact_.target.kind != TargetKind::kNumber) return absl::OkStatus();
    const FittedTarget& measured = measured_->artifact.target;
    ROICAST_ASSIGN_OR_RETURN(const UnseenErrors unseen, PredictUnseen());
    const bool fitted = measured.mean_slope != 1.0;
    ROICAST_RETURN_IF_ERROR(FitMean({unseen.predicted, unseen.residuals, unseen.groups},
                                    fitted ? MeanChoice::kFitted : MeanChoice::kSmearing, stop_, artifact_.target));
    if (fitted && artifact_.target.mean_slope == 1.0) {
      artifact_.target.smear_cosh = measured.smear_cosh;
      artifact_.target.smear_sinh = measured.smear_sinh;
      artifact_.target.mean_slope = measured.mean_slope;
    }
    return absl::OkStatus();
  }

  // On the transformed scale.
  struct UnseenErrors {
    std::vector<double> predicted, residuals;
    std::vector<int64_t> groups;
  };

  // Training rows as predicted out of fold, then the held-out ones. Equal rows count once in either part.
  absl::StatusOr<UnseenErrors> PredictUnseen() {
    const FittedTarget& target = measured_->artifact.target;
    UnseenErrors unseen;
    RareStopCheck rare(&stop_, kRowsPerStopCheck);
    const auto add = [&](double predicted, double roi) {
      unseen.predicted.push_back(predicted);
      unseen.residuals.push_back(target.Transform(roi) - predicted);
      return rare.Done(1);
    };
    const RowPart& train = measured_->train;
    for (size_t i = 0; i < train.roi.size(); ++i) {
      ROICAST_RETURN_IF_ERROR(add(target.ToTransformed(measured_->network.out_of_fold[i]), train.roi[i]));
    }
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(measured_->artifact, stop_));
    const std::vector<double> held_out = model.PredictTransformed(holdout_.raw);
    ROICAST_RETURN_IF_ERROR(stop_());
    for (size_t i = 0; i < held_out.size(); ++i) ROICAST_RETURN_IF_ERROR(add(held_out[i], holdout_.roi[i]));
    ROICAST_ASSIGN_OR_RETURN(unseen.groups, train.EqualRows(stop_));
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> of_holdout, holdout_.EqualRows(stop_));
    for (const int64_t group : of_holdout) unseen.groups.push_back(static_cast<int64_t>(train.roi.size()) + group);
    return unseen;
  }

  void Report(NetworkFit& network) {
    TrainingReport& report = artifact_.report;
    std::vector<DataWarning>& warnings = report.cleaning.warnings;
    for (DataWarning& warning : network.warnings) warnings.insert(warnings.begin(), std::move(warning));
    if (network.selection.has_value()) report.capacity = network.selection->report;
    report.epochs = Thinned(std::move(network.training.history));
    report.best_epoch = network.training.best_epoch;
    report.epochs_run = network.training.epochs_run;
    report.stop_reason = std::move(network.training.stop_reason);
    report.parameter_count = artifact_.parameter_count();
    report.members = distilled_.report.has_value() ? 1 : network.members;
    if (measured_->search.has_value()) report.tried = measured_->search->tried;
    for (std::optional<ReductionReport>* reduction : {&selected_, &distilled_.report}) {
      if (reduction->has_value()) report.reductions.push_back(**reduction);
    }
  }

  absl::Status Measure() {
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(measured_->artifact, stop_));
    const double baseline_roi = Mean(measured_->train.roi);
    const auto measure = [&](const RowPart& part) {
      return model.Measure(part.raw, part.roi, baseline_roi, spec_.profit_threshold, part.groups);
    };
    ROICAST_ASSIGN_OR_RETURN(artifact_.report.train, measure(measured_->train));
    ROICAST_ASSIGN_OR_RETURN(artifact_.report.validation, measure(measured_->validation));
    ROICAST_ASSIGN_OR_RETURN(artifact_.report.holdout, measure(holdout_));
    ROICAST_RETURN_IF_ERROR(MeasureNewRows());
    ROICAST_RETURN_IF_ERROR(MeasureSums(model));
    artifact_.report.target = DescribeTarget(prepared_.target);
    artifact_.report.target.negative_value = prepared_.negative_value;
    artifact_.report.number_encoding = CountRamps(artifact_.schema, artifact_.features);
    if (spec_.extra.diminishing_returns) {
      ROICAST_ASSIGN_OR_RETURN(const Preprocessor served, Preprocessor::Create(artifact_.schema, artifact_.features));
      ROICAST_ASSIGN_OR_RETURN(const int spend, SpendFeatureOf(prepared_));
      artifact_.report.spend_elasticity = SpendElasticity(served, artifact_.target, artifact_.mlp, spend);
    }
    artifact_.report.conclusion =
        DrawConclusion(artifact_.report.train, artifact_.report.holdout, artifact_.report.cross_validation);
    return absl::OkStatus();
  }

  // Of training rows as they were predicted out of fold, and of the held-out ones.
  absl::Status MeasureSums(const MeasuredModel& model) {
    const FittedTarget& target = measured_->artifact.target;
    if (target.kind == TargetKind::kTwoValued) return absl::OkStatus();
    UnseenRows rows;
    const auto append = [&](const RowPart& part, std::vector<double> predicted) -> absl::Status {
      ROICAST_ASSIGN_OR_RETURN(const UnseenRows more, MakeUnseenRows(prepared_, part, std::move(predicted), stop_));
      const auto groups = static_cast<int64_t>(rows.truth.size());
      for (const int64_t group : more.groups) rows.groups.push_back(groups + group);
      rows.truth.insert(rows.truth.end(), more.truth.begin(), more.truth.end());
      rows.predicted.insert(rows.predicted.end(), more.predicted.begin(), more.predicted.end());
      rows.spend.insert(rows.spend.end(), more.spend.begin(), more.spend.end());
      return absl::OkStatus();
    };
    std::vector<double> out_of_fold = ServedOutOfFold(*measured_);
    if (!out_of_fold.empty()) ROICAST_RETURN_IF_ERROR(append(measured_->train, std::move(out_of_fold)));
    const std::vector<float> of_holdout = model.Predict(holdout_.raw);
    ROICAST_RETURN_IF_ERROR(stop_());
    ROICAST_RETURN_IF_ERROR(append(holdout_, std::vector<double>(of_holdout.begin(), of_holdout.end())));
    std::optional<DataWarning> warning = JudgeSums(rows, target, DescribeTarget(prepared_.target).is_roi);
    std::vector<DataWarning>& warnings = artifact_.report.cleaning.warnings;
    if (warning.has_value()) warnings.insert(warnings.begin(), *std::move(warning));
    return absl::OkStatus();
  }

  absl::Status MeasureNewRows() {
    const MovesWithSpend moves = prepared_.moves.For(prepared_.features, measured_->artifact.schema);
    ROICAST_ASSIGN_OR_RETURN(artifact_.report.new_rows,
                             ReportNewRows(measured_->artifact, holdout_.raw, holdout_.roi, moves, stop_));
    return absl::OkStatus();
  }

  absl::Status KeepGoldenRows() {
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact_));
    const RowMajorMatrix golden = MakeGoldenRows(artifact_.schema, artifact_.features);
    artifact_.golden.rows.assign(golden.data(), golden.data() + golden.size());
    artifact_.golden.predictions = model.Predict(golden);
    return absl::OkStatus();
  }

  // The feature of the measured model with this index is that of the served one.
  absl::Status KeepModelError() {
    if (measured_->artifact.schema.Names() != artifact_.schema.Names()) return absl::OkStatus();
    const auto trained = static_cast<int64_t>(measured_->train.roi.size());
    ROICAST_ASSIGN_OR_RETURN(
        artifact_.model_error,
        MeasureModelError(*measured_, holdout_, std::max(trained, artifact_.report.refit_rows),
                          prepared_.moves.For(prepared_.features, measured_->artifact.schema), stop_));
    return absl::OkStatus();
  }

  // Those that chose the epoch count as learnt from, too.
  absl::Status KeepLearntRows() {
    std::vector<int64_t> rows = prepared_.refit_rows;
    if (artifact_.report.refit_rows == 0) {
      rows = prepared_.split.train;
      rows.insert(rows.end(), prepared_.split.validation.begin(), prepared_.split.validation.end());
    }
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix raw, ToRawRows(prepared_.features, rows, artifact_.schema, stop_));
    ROICAST_ASSIGN_OR_RETURN(artifact_.learnt_rows,
                             SampleLearntRows(absl::MakeConstSpan(raw.data(), static_cast<size_t>(raw.size())),
                                              raw.cols(), prepared_.RoiOf(rows), kMostLearntHashes, stop_));
    return absl::OkStatus();
  }

  // Of the served model's schema: its vocabularies are not the measured one's.
  absl::StatusOr<RowMajorMatrix> AllRaw() const {
    std::vector<int64_t> rows = prepared_.split.train;
    for (const std::vector<int64_t>* part : {&prepared_.split.validation, &prepared_.split.holdout}) {
      rows.insert(rows.end(), part->begin(), part->end());
    }
    return ToRawRows(prepared_.features, rows, artifact_.schema, stop_);
  }

  void RecordProvenance() {
    Provenance& provenance = artifact_.provenance;
    provenance.roicast_version = ROICAST_VERSION;
    provenance.dataset_digest = spec_.dataset_digest;
    provenance.spec = spec_;
    provenance.spec.target = std::move(prepared_.target);
    if (artifact_.target.kind == TargetKind::kZeroHeavy) provenance.spec.target.kind = TargetKind::kZeroHeavy;
    if (inputs_.warm_start != nullptr) provenance.spec.network = ShapeOf(inputs_.warm_start->mlp, spec_.network);
  }

  const CsvTable& data_;
  const TrainingSpec& spec_;
  TrainModelInputs inputs_;
  TrainingObserver& observer_;
  const StopCheck stop_;
  FitJournal journal_;
  MemoryClaim preparation_memory_, rows_memory_, network_memory_;

  PreparedData prepared_;
  std::vector<std::vector<int64_t>> folds_;
  std::optional<ModelFit> measured_;
  std::optional<ReductionReport> selected_;
  Distillation distilled_;
  RowPart holdout_;
  std::optional<NewEntities> new_entities_;
  double learning_exponent_ = 0.0;
  Artifact artifact_;
};

}  // namespace

absl::StatusOr<Artifact> TrainModel(const CsvTable& data, const TrainingSpec& spec, const TrainModelInputs& inputs,
                                    TrainingObserver* observer) {
  TrainingObserver nobody;
  return ModelTraining(data, spec, inputs, observer != nullptr ? *observer : nobody).Run();
}

absl::StatusOr<DatasetInspection> InspectDataset(const CsvTable& data, const TrainingSpec& spec, const StopCheck& stop,
                                                 MemoryBudget* memory) {
  ROICAST_RETURN_IF_ERROR(spec.Validate());
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim claim, memory->Claim(MemoryUse::kTables, PreparationBytes(data)));
  StopObserver observer(stop);
  absl::StatusOr<PreparedData> prepared_or = PrepareData(data, spec, nullptr, &observer);
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  ROICAST_RETURN_IF_ERROR(prepared_or.status());
  PreparedData& prepared = *prepared_or;
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor,
                           LearnPreprocessor(prepared, prepared.split.train, spec, nullptr, nullptr, stop));
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
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
