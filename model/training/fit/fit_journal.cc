#include "model/training/fit/fit_journal.h"

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

// In the place of a fit: what HasTimeFor said, in epochs_run.
constexpr uint64_t kTimeFingerprint = 0x5d1c'7a11'e0f7'1e3dULL;

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

FitJournal::FitJournal(const Checkpoint* resume_from, TrainingObserver& observer, int threads)
    : resume_from_(resume_from), observer_(observer), threads_(threads) {}

absl::StatusOr<TrainingResult> FitJournal::Fit(const TrainingRows& train, const TrainingRows& validation,
                                               const NetworkOptions& network, const TrainingOptions& options,
                                               FitProgress progress, const Mlp* warm_start) {
  ROICAST_ASSIGN_OR_RETURN(const uint64_t fingerprint,
                           TrainingFingerprint(train, validation, network, options, stop()));
  ROICAST_ASSIGN_OR_RETURN(const CompletedFit* const completed, Next(fingerprint));
  if (completed != nullptr) return ResultOf(*completed, static_cast<int>(train.x->cols()), network);
  FitObserver observer(*this, progress);
  TrainingStart start;
  start.warm_start = warm_start;
  start.resume_from = TakeState();
  absl::StatusOr<TrainingResult> result = Train(train, validation, network, options, start, &observer);
  if (!result.ok() && !absl::IsFailedPrecondition(result.status())) return result.status();
  Keep(fingerprint, result, progress);
  return result;
}

// A checkpoint between fits has no state.
const Checkpoint* FitJournal::TakeState() {
  const Checkpoint* const state = std::exchange(resume_from_, nullptr);
  return state == nullptr || state->parameters.empty() ? nullptr : state;
}

void FitJournal::Keep(uint64_t fingerprint, const absl::StatusOr<TrainingResult>& result, FitProgress progress) {
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
}

std::vector<absl::StatusOr<TrainingResult>> FitJournal::FitAll(absl::Span<const FitRequest> requests,
                                                               const std::function<void(size_t)>& on_fitted) {
  std::vector<absl::StatusOr<TrainingResult>> results;
  const auto failed = [&] { return !results.back().ok() && !absl::IsFailedPrecondition(results.back().status()); };
  while (results.size() < requests.size()) {
    const bool known = resume_from_ != nullptr && taken_ < resume_from_->completed.size();
    if (threads_ > 1 && !known) {
      for (auto& result : FitTogether(requests.subspan(results.size()), [&](size_t done) {
             if (on_fitted) on_fitted(results.size() + done);
           })) {
        results.push_back(std::move(result));
      }
      return results;
    }
    const FitRequest& request = requests[results.size()];
    results.push_back(Fit(request.train, {}, request.network, request.options, FitProgress::kHidden));
    if (failed()) {
      results.resize(requests.size(), results.back());
    } else if (on_fitted) {
      on_fitted(results.size());
    }
  }
  return results;
}

std::vector<absl::StatusOr<TrainingResult>> FitJournal::FitTogether(absl::Span<const FitRequest> requests,
                                                                    const std::function<void(size_t)>& on_fitted) {
  TrainingStart start;
  start.resume_from = TakeState();
  size_t kept = 0;
  const auto keep = [&](absl::Span<const absl::StatusOr<TrainingResult>> complete) {
    for (; kept < complete.size(); ++kept) {
      const absl::StatusOr<TrainingResult>& result = complete[kept];
      if (!result.ok() && !absl::IsFailedPrecondition(result.status())) return;
      const FitRequest& request = requests[kept];
      const absl::StatusOr<uint64_t> fingerprint =
          TrainingFingerprint(request.train, {}, request.network, request.options, stop());
      // The poll that follows says so, too.
      if (!fingerprint.ok()) return;
      Keep(*fingerprint, result, FitProgress::kHidden);
      if (on_fitted) on_fitted(kept + 1);
    }
  };
  return FitInParallel(requests, threads_, start, [&](absl::Span<const absl::StatusOr<TrainingResult>> complete) {
    // What the time limit ended is not complete.
    if (!out_of_time_) keep(complete);
    const TrainingSignal signal = observer_.Poll();
    if (signal == TrainingSignal::kTimeLimit) out_of_time_ = true;
    if (observer_.WantsCheckpoint()) {
      Checkpoint checkpoint;
      checkpoint.completed = completed_;
      observer_.OnCheckpoint(checkpoint);
    }
    return signal;
  });
}

absl::StatusOr<bool> FitJournal::HasTimeFor(int times) {
  ROICAST_ASSIGN_OR_RETURN(const CompletedFit* const answered, Next(kTimeFingerprint));
  if (answered != nullptr) return answered->epochs_run != 0;
  CompletedFit answer;
  answer.fingerprint = kTimeFingerprint;
  answer.epochs_run = !out_of_time_ && observer_.TimeUsed() * (1.0 + times) <= 1.0 ? 1 : 0;
  completed_.push_back(answer);
  return answer.epochs_run != 0;
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
  ROICAST_ASSIGN_OR_RETURN(const uint64_t fingerprint,
                           AttentionFingerprint(train, validation, feature_inputs, options, stop()));
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
  const Checkpoint* const resume_from = TakeState();
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
