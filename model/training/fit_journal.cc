#include "model/training/fit_journal.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

std::vector<float> ParametersOf(const Mlp& mlp) {
  std::vector<float> parameters;
  for (const DenseLayer& layer : mlp.layers) {
    parameters.insert(parameters.end(), layer.weights.data(), layer.weights.data() + layer.weights.size());
    parameters.insert(parameters.end(), layer.biases.data(), layer.biases.data() + layer.biases.size());
  }
  return parameters;
}

absl::StatusOr<Mlp> MlpOf(const std::vector<float>& parameters, int inputs, const NetworkOptions& network) {
  const absl::Status another = absl::InvalidArgumentError("checkpoint: a network in it has another size");
  Mlp mlp;
  const float* from = parameters.data();
  const float* const end = from + parameters.size();
  for (size_t i = 0; i <= network.hidden.size(); ++i) {
    const bool last = i == network.hidden.size();
    const int outputs = last ? 1 : network.hidden[i];
    if (end - from < static_cast<int64_t>(outputs) * (inputs + 1)) return another;
    DenseLayer layer;
    layer.activation = last ? Activation::kIdentity : network.activation;
    layer.weights = Eigen::Map<const RowMajorMatrix>(from, outputs, inputs);
    from += layer.weights.size();
    layer.biases = Eigen::Map<const Eigen::VectorXf>(from, outputs);
    from += outputs;
    mlp.layers.push_back(std::move(layer));
    inputs = outputs;
  }
  if (from != end) return another;
  return mlp;
}

absl::StatusOr<TrainingResult> ResultOf(const CompletedFit& fit, int inputs, const NetworkOptions& network) {
  std::string reason(fit.stop_reason.begin(), fit.stop_reason.end());
  if (fit.parameters.empty()) return absl::FailedPreconditionError(reason);
  TrainingResult result;
  ROICAST_ASSIGN_OR_RETURN(result.mlp, MlpOf(fit.parameters, inputs, network));
  result.best_epoch = fit.best_epoch;
  result.epochs_run = fit.epochs_run;
  result.stop_reason = std::move(reason);
  result.history = fit.history;
  return result;
}

}  // namespace

// Adds the completed fits to each checkpoint.
class FitJournal::FitObserver : public TrainingObserver {
 public:
  FitObserver(FitJournal& journal, FitProgress progress) : journal_(journal), progress_(progress) {}

  void OnEpoch(const EpochRecord& record) override {
    if (progress_ == FitProgress::kShown) journal_.observer_.OnEpoch(record);
  }
  TrainingSignal Poll() override {
    const TrainingSignal signal = journal_.observer_.Poll();
    if (signal == TrainingSignal::kTimeLimit) journal_.out_of_time_ = true;
    return signal;
  }
  bool WantsCheckpoint() const override { return journal_.observer_.WantsCheckpoint(); }
  void OnCheckpoint(const Checkpoint& checkpoint) override {
    Checkpoint whole = checkpoint;
    whole.completed = journal_.completed_;
    journal_.observer_.OnCheckpoint(whole);
  }

 private:
  FitJournal& journal_;
  const FitProgress progress_;
};

FitJournal::FitJournal(const Checkpoint* resume_from, TrainingObserver& observer)
    : resume_from_(resume_from), observer_(observer) {}

absl::StatusOr<TrainingResult> FitJournal::Fit(const TrainingRows& train, const TrainingRows& validation,
                                               const NetworkOptions& network, const TrainingOptions& options,
                                               FitProgress progress, const Mlp* warm_start) {
  const uint64_t fingerprint = TrainingFingerprint(train, validation, network, options);
  ROICAST_ASSIGN_OR_RETURN(const CompletedFit* const completed, Next(fingerprint));
  if (completed != nullptr) return ResultOf(*completed, static_cast<int>(train.x->cols()), network);
  FitObserver observer(*this, progress);
  TrainingStart start;
  start.warm_start = warm_start;
  start.resume_from = std::exchange(resume_from_, nullptr);
  absl::StatusOr<TrainingResult> result = Train(train, validation, network, options, start, &observer);
  if (!result.ok() && !absl::IsFailedPrecondition(result.status())) return result.status();
  CompletedFit fit;
  fit.fingerprint = fingerprint;
  const std::string reason = result.ok() ? result->stop_reason : std::string(result.status().message());
  fit.stop_reason.assign(reason.begin(), reason.end());
  if (result.ok()) {
    fit.parameters = ParametersOf(result->mlp);
    fit.best_epoch = result->best_epoch;
    fit.epochs_run = result->epochs_run;
    if (progress == FitProgress::kShown) fit.history = result->history;
  }
  completed_.push_back(std::move(fit));
  return result;
}

void FitJournal::SetStep(std::string step) {
  step_ = std::move(step);
  observer_.OnStep(step_);
}

absl::StatusOr<const CompletedFit*> FitJournal::Next(uint64_t fingerprint) {
  if (resume_from_ == nullptr || taken_ >= resume_from_->completed.size()) return nullptr;
  const CompletedFit& fit = resume_from_->completed[taken_++];
  if (fit.fingerprint != fingerprint) {
    return absl::InvalidArgumentError("checkpoint: it belongs to a run with other data or options");
  }
  completed_.push_back(fit);
  return &fit;
}

absl::StatusOr<AttentionTrainingResult> FitJournal::FitAttention(const TrainingRows& train,
                                                                 const TrainingRows& validation,
                                                                 const std::vector<int>& feature_inputs,
                                                                 const AttentionOptions& options,
                                                                 FitProgress progress) {
  const uint64_t fingerprint = AttentionFingerprint(train, validation, feature_inputs, options);
  ROICAST_ASSIGN_OR_RETURN(const CompletedFit* const completed, Next(fingerprint));
  if (completed != nullptr) {
    const std::string reason(completed->stop_reason.begin(), completed->stop_reason.end());
    if (completed->parameters.empty()) return absl::FailedPreconditionError(reason);
    AttentionTrainingResult result;
    result.network = {options.shape, feature_inputs, completed->parameters};
    ROICAST_RETURN_IF_ERROR(WithContext(result.network.Validate(), "checkpoint"));
    result.history = completed->history;
    result.best_epoch = completed->best_epoch;
    result.epochs_run = completed->epochs_run;
    result.stop_reason = reason;
    return result;
  }
  FitObserver observer(*this, progress);
  const Checkpoint* const resume_from = std::exchange(resume_from_, nullptr);
  absl::StatusOr<AttentionTrainingResult> result =
      TrainAttention(train, validation, feature_inputs, options, resume_from, &observer);
  if (!result.ok() && !absl::IsFailedPrecondition(result.status())) return result.status();
  CompletedFit fit;
  fit.fingerprint = fingerprint;
  const std::string reason = result.ok() ? result->stop_reason : std::string(result.status().message());
  fit.stop_reason.assign(reason.begin(), reason.end());
  if (result.ok()) {
    fit.parameters = result->network.parameters;
    fit.best_epoch = result->best_epoch;
    fit.epochs_run = result->epochs_run;
    if (progress == FitProgress::kShown) fit.history = result->history;
  }
  completed_.push_back(std::move(fit));
  return result;
}

}  // namespace roicast
