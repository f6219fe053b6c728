#include "model/network/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/network/aligned_buffer.h"
#include "model/network/checkpoint.h"
#include "model/network/initialization.h"
#include "model/network/kernels/kernels.h"
#include "model/network/schedule.h"
#include "model/network/trainable_network.h"
#include "model/network/weight_update.h"

namespace roicast {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Rows between two polls of the observer within an epoch, and parameters times rows: some 10 ms. Networks of which a
// batch has more are interrupted between their layers, too.
constexpr int64_t kRowsBetweenPolls = 16'384;
constexpr int64_t kWorkBetweenPolls = 100'000'000;
// A loss this many times that of predicting zero counts as diverged.
constexpr double kExplosion = 1e6;
// So does one that rose by this factor, to as many times that of predicting zero, and never came below that again.
constexpr double kRise = 1.5;

// An input that is always 0 has no gradient: a weight that begins at 0 stays 0.
Mlp WithoutInputs(Mlp start, absl::Span<const int> hidden) {
  for (const int input : hidden) start.layers.front().weights.col(input).setZero();
  return start;
}

// Rows in the layout of the kernels: padded, with weights whose mean is 1.
struct PaddedRows {
  int count = 0;
  int inputs = 0;                        // of a row, padded
  AlignedBuffer x, y, weights, offsets;  // all but x: padded to 16, plus a batch's piece

  // Without the rows, until Take.
  PaddedRows(const TrainingRows& rows, int padded_inputs)
      : count(static_cast<int>(rows.y.size())), inputs(padded_inputs) {
    x.ResetUnfilled(static_cast<size_t>(count) * inputs);
    y.Reset(count + 16);
    weights.Reset(count + 16);
    offsets.Reset(count + 16);
  }

  // The rows that this was made for. Errors: those of `stop`.
  absl::Status Take(const TrainingRows& rows, const StopCheck& stop) {
    double mean_weight = 1.0;
    if (!rows.weights.empty()) {
      mean_weight = std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0) / count;
    }
    RareStopCheck rare(&stop, kNumbersBetweenStops);
    for (int i = 0; i < count; ++i) {
      ROICAST_RETURN_IF_ERROR(rare.Done(static_cast<size_t>(inputs)));
      float* const row = &x[static_cast<size_t>(i) * inputs];
      std::memcpy(row, rows.x->row(i).data(), rows.x->cols() * sizeof(float));
      std::fill(row + rows.x->cols(), row + inputs, 0.0f);
      for (const int input : HiddenInputs(rows)) row[input] = 0.0f;
      y[i] = rows.y[i];
      if (!rows.offsets.empty()) offsets[i] = rows.offsets[i];
      weights[i] = rows.weights.empty() ? 1.0f : static_cast<float>(rows.weights[i] / mean_weight);
    }
    return absl::OkStatus();
  }
};

std::vector<float> ToVector(const AlignedBuffer& buffer) { return {buffer.data(), buffer.data() + buffer.size()}; }

absl::Status CopyInto(const std::vector<float>& values, AlignedBuffer& buffer) {
  if (values.size() != buffer.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint: expected ", buffer.size(), " parameters, got ", values.size()));
  }
  std::copy(values.begin(), values.end(), buffer.data());
  return absl::OkStatus();
}

// The logistic loss of the rows' own mean, per row.
double LossOfBaseRate(const PaddedRows& rows) {
  double mean = 0.0;
  for (int i = 0; i < rows.count; ++i) mean += static_cast<double>(rows.weights[i]) * rows.y[i] / rows.count;
  if (!(mean > 0.0 && mean < 1.0)) return 0.0;
  return -mean * std::log(mean) - (1.0 - mean) * std::log1p(-mean);
}

// One run of training.
class Run {
 public:
  Run(const Mlp& start, const TrainingRows& train, const TrainingRows& validation, const NetworkOptions& network,
      const TrainingOptions& options, const Random& random, uint64_t fingerprint, TrainingObserver& observer)
      : options_(options),
        fingerprint_(fingerprint),
        observer_(observer),
        kernels_(ChosenKernels()),
        random_(random),
        network_(start, network.dropout, random_.NextUint64(), kernels_),
        update_(options, network_.parameters().size(), kernels_),
        train_(train, network_.padded_inputs()),
        batch_size_(options.batch_size == 0 ? train_.count : std::min(options.batch_size, train_.count)),
        order_(train_.count),
        batch_x_(static_cast<size_t>(TrainableNetwork::kMaxRows) * network_.padded_inputs()),
        batch_y_(TrainableNetwork::kMaxRows),
        batch_weights_(TrainableNetwork::kMaxRows),
        batch_offsets_(TrainableNetwork::kMaxRows),
        best_(network_.parameters().size()) {
    if (validation.x != nullptr && validation.x->rows() > 0) {
      validation_.emplace(validation, network_.padded_inputs());
      validation_z_.Reset(validation_->count + 16);
    }
    loss_arguments_.loss = options.loss;
    loss_arguments_.huber_delta = static_cast<float>(options.huber_delta);
    const auto parameters = static_cast<int64_t>(network_.parameters().size());
    rows_between_polls_ = std::clamp<int64_t>(kWorkBetweenPolls / parameters, 1, kRowsBetweenPolls);
    network_.PrepareBackward();
    if (rows_between_polls_ < TrainableNetwork::kMaxRows) network_.SetInterrupt([this] { return Interrupted(); });
  }

  // Before everything else: the rows that this was made for. Errors: those of `stop`.
  absl::Status TakeRows(const TrainingRows& train, const TrainingRows& validation, const StopCheck& stop) {
    ROICAST_RETURN_IF_ERROR(train_.Take(train, stop));
    if (validation_.has_value()) ROICAST_RETURN_IF_ERROR(validation_->Take(validation, stop));
    loss_of_zero_ = LossOfZero();
    return absl::OkStatus();
  }
  absl::Status Resume(const Checkpoint& checkpoint);
  absl::StatusOr<TrainingResult> Go();

 private:
  double LossOfZero() const {
    return kernels_.loss(loss_arguments_, train_.offsets.data(), train_.y.data(), train_.weights.data(),
                         train_.y.size() / 16 * 16, nullptr) /
           train_.count;
  }

  int StepsPerEpoch() const { return (train_.count + batch_size_ - 1) / batch_size_; }
  bool StopsEarly() const {
    return options_.patience > 0 && validation_.has_value() && epoch_ - best_epoch_ >= options_.patience;
  }

  // kContinue: the epoch is complete, but not validated.
  TrainingSignal RunEpoch(int epoch, EpochRecord& record);
  // signal_: whether it is complete; otherwise nothing has changed.
  double RunStep(int from, int rows, double learning_rate);
  // signal_: as of RunStep.
  void Validate(EpochRecord& record);
  // After so many rows more: polls, if it is time to, and returns whether the run goes on.
  bool GoOn(int64_t rows) {
    rows_since_poll_ += rows;
    if (rows_since_poll_ < rows_between_polls_) return signal_ == TrainingSignal::kContinue;
    return !Interrupted();
  }
  bool Interrupted() {
    rows_since_poll_ = 0;
    if (signal_ == TrainingSignal::kContinue) signal_ = observer_.Poll();
    return signal_ != TrainingSignal::kContinue;
  }
  absl::Status CheckConverging(const EpochRecord& record) const;
  // Fails if the weights that are kept have diverged.
  absl::Status CheckRecovered() const;
  absl::Status Diverged(int epoch, absl::string_view what) const;
  // steps, loss: of the epoch under way.
  // random: before the order of that epoch is drawn.
  void OfferCheckpoint(int steps, double loss, const Random::State& random);
  // Early stopping without going back to the best epoch would keep the worst ones.
  bool restores_best() const { return options_.KeepsBestEpoch() && validation_.has_value(); }

  const TrainingOptions options_;
  const uint64_t fingerprint_;
  TrainingObserver& observer_;
  const Kernels& kernels_;
  Random random_;
  TrainableNetwork network_;
  WeightUpdate update_;
  PaddedRows train_;
  std::optional<PaddedRows> validation_;
  AlignedBuffer validation_z_;
  const int batch_size_;
  std::vector<int32_t> order_;
  AlignedBuffer batch_x_, batch_y_, batch_weights_, batch_offsets_;
  LossArguments loss_arguments_;
  double loss_of_zero_ = 0.0;

  AlignedBuffer best_;
  double best_loss_ = std::numeric_limits<double>::infinity();
  int best_epoch_ = 0;
  int epoch_ = 0;
  // The random state at the start of the current epoch, and the steps of it that were done before the checkpoint.
  Random::State order_random_{};
  int resumed_steps_ = 0;
  // The first that was no kContinue.
  TrainingSignal signal_ = TrainingSignal::kContinue;
  int64_t rows_between_polls_ = kRowsBetweenPolls;
  int64_t rows_since_poll_ = 0;
  double resumed_loss_ = 0.0;
  double epoch_loss_ = 0.0;  // sum over the rows of the last one
  std::vector<EpochRecord> history_;
};

// One step on order_[from, from + rows); returns Σ weight · loss.
double Run::RunStep(int from, int rows, double learning_rate) {
  const DropoutState dropout = network_.dropout_state();
  network_.gradient().Clear();
  loss_arguments_.scale = 1.0f / static_cast<float>(rows);
  double total = 0.0;
  for (int done = 0; done < rows; done += TrainableNetwork::kMaxRows) {
    const int piece = std::min(TrainableNetwork::kMaxRows, rows - done);
    const int32_t* indices = &order_[from + done];
    kernels_.gather(train_.x.data(), indices, piece, network_.padded_inputs(), batch_x_.data());
    for (int i = 0; i < piece; ++i) {
      batch_y_[i] = train_.y[indices[i]];
      batch_weights_[i] = train_.weights[indices[i]];
      batch_offsets_[i] = train_.offsets[indices[i]];
    }
    for (int i = piece; i % 16 != 0; ++i) batch_y_[i] = batch_weights_[i] = 0.0f;
    total += network_.Backpropagate(batch_x_.data(), piece,
                                    {loss_arguments_, batch_y_.data(), batch_weights_.data(), batch_offsets_.data()});
    // Between steps of few rows RunEpoch asks.
    if (signal_ == TrainingSignal::kContinue && (done + piece >= rows || GoOn(piece))) continue;
    network_.dropout_state() = dropout;
    return 0.0;
  }
  update_.Apply(network_, learning_rate);
  network_.PrepareBackward();
  return total;
}

TrainingSignal Run::RunEpoch(int epoch, EpochRecord& record) {
  order_random_ = random_.state();
  rows_since_poll_ = 0;
  std::iota(order_.begin(), order_.end(), 0);
  if (options_.shuffle && batch_size_ < train_.count) random_.Shuffle(order_);
  const int steps = StepsPerEpoch();
  double total = std::exchange(resumed_loss_, 0.0);
  // Of a run that was interrupted between its last step and the validation.
  record.learning_rate = LearningRate(options_, epoch);
  for (int step = std::exchange(resumed_steps_, 0); step < steps; ++step) {
    const int from = step * batch_size_, rows = std::min(batch_size_, train_.count - from);
    // Warm-up counts the step itself, or its first would not move.
    record.learning_rate = LearningRate(options_, epoch - 1 + static_cast<double>(step + 1) / steps);
    const double loss = RunStep(from, rows, record.learning_rate);
    int done = step;
    if (signal_ == TrainingSignal::kContinue) {
      ++done;
      total += loss;
      if (done == steps || GoOn(std::min(rows, TrainableNetwork::kMaxRows))) {
        if (!std::isfinite(total)) break;
        continue;
      }
    }
    if (signal_ == TrainingSignal::kCancel) OfferCheckpoint(done, total, order_random_);
    return signal_;
  }
  record.epoch = epoch;
  epoch_loss_ = total;
  record.train_loss = total / train_.count;
  return TrainingSignal::kContinue;
}

void Run::Validate(EpochRecord& record) {
  record.validation_loss = record.validation_r2 = kNaN;
  if (!validation_.has_value()) return;
  const PaddedRows& rows = *validation_;
  for (int done = 0; done < rows.count; done += TrainableNetwork::kMaxRows) {
    const int piece = std::min(TrainableNetwork::kMaxRows, rows.count - done);
    network_.Predict(&rows.x[static_cast<size_t>(done) * network_.padded_inputs()], piece, &validation_z_[done]);
    if (signal_ != TrainingSignal::kContinue || (done + piece < rows.count && !GoOn(piece))) return;
  }
  const size_t padded = (static_cast<size_t>(rows.count) + 15) / 16 * 16;
  for (size_t i = rows.count; i < padded; ++i) validation_z_[i] = 0.0f;
  for (int i = 0; i < rows.count; ++i) validation_z_[i] += rows.offsets[i];
  record.validation_loss =
      kernels_.loss(loss_arguments_, validation_z_.data(), rows.y.data(), rows.weights.data(), padded, nullptr) /
      rows.count;
  if (options_.loss == Loss::kLogistic) {
    const double constant = LossOfBaseRate(rows);
    record.validation_r2 = constant > 0.0 ? 1.0 - record.validation_loss / constant : 0.0;
    return;
  }
  LossArguments squared;
  const double sse = kernels_.loss(squared, validation_z_.data(), rows.y.data(), rows.weights.data(), padded, nullptr);
  double mean = 0.0, sst = 0.0;
  for (int i = 0; i < rows.count; ++i) mean += static_cast<double>(rows.weights[i]) * rows.y[i] / rows.count;
  for (int i = 0; i < rows.count; ++i) sst += rows.weights[i] * (rows.y[i] - mean) * (rows.y[i] - mean);
  record.validation_r2 = sst > 0.0 ? 1.0 - sse / sst : 0.0;
}

absl::Status Run::Diverged(int epoch, absl::string_view what) const {
  return absl::FailedPreconditionError(absl::StrCat("training diverged in epoch ", epoch, ": ", what,
                                                    "; lower learning_rate (now ", options_.learning_rate,
                                                    ") or set gradient_clip_norm"));
}

absl::Status Run::CheckConverging(const EpochRecord& record) const {
  if (!std::isfinite(record.train_loss) || record.train_loss > kExplosion * (1.0 + loss_of_zero_)) {
    return Diverged(record.epoch, absl::StrCat("the loss is ", record.train_loss));
  }
  if (validation_.has_value() && !std::isfinite(record.validation_loss)) {
    return Diverged(record.epoch, absl::StrCat("the validation loss is ", record.validation_loss));
  }
  return absl::OkStatus();
}

// A learning rate that is too high often gives no NaN but dead units, and a network that is a constant.
absl::Status Run::CheckRecovered() const {
  constexpr double kNoBetter = 0.999;
  if (restores_best() || history_.empty() || history_.back().train_loss < kNoBetter * loss_of_zero_) {
    return absl::OkStatus();
  }
  double lowest = std::numeric_limits<double>::infinity();
  for (const EpochRecord& record : history_) {
    if (record.train_loss > kRise * std::max(lowest, loss_of_zero_)) {
      return Diverged(record.epoch,
                      absl::StrCat("the loss rose from ", lowest, " to ", record.train_loss, " and ended at ",
                                   history_.back().train_loss, ", no better than a constant's"));
    }
    lowest = std::min(lowest, record.train_loss);
  }
  return absl::OkStatus();
}

void Run::OfferCheckpoint(int steps, double loss, const Random::State& random) {
  if (!observer_.WantsCheckpoint()) return;
  Checkpoint checkpoint;
  checkpoint.fingerprint = fingerprint_;
  checkpoint.epoch = epoch_;
  checkpoint.steps_of_next = steps;
  checkpoint.loss_of_next = loss;
  checkpoint.best_epoch = best_epoch_;
  checkpoint.best_loss = best_loss_;
  checkpoint.steps = update_.steps();
  checkpoint.random = random;
  checkpoint.dropout = network_.dropout_state();
  checkpoint.parameters = ToVector(network_.parameters());
  checkpoint.best_parameters = ToVector(best_);
  checkpoint.first_moment = ToVector(update_.first_moment());
  checkpoint.second_moment = ToVector(update_.second_moment());
  checkpoint.history = history_;
  observer_.OnCheckpoint(checkpoint);
}

absl::Status Run::Resume(const Checkpoint& checkpoint) {
  if (checkpoint.fingerprint != fingerprint_) {
    return absl::InvalidArgumentError("checkpoint: it belongs to a run with other data or options");
  }
  if (checkpoint.steps_of_next < 0 || checkpoint.steps_of_next > StepsPerEpoch()) {
    return absl::InvalidArgumentError(absl::StrCat("checkpoint: expected at most ", StepsPerEpoch(),
                                                   " steps of the next epoch, got ", checkpoint.steps_of_next));
  }
  ROICAST_RETURN_IF_ERROR(CopyInto(checkpoint.parameters, network_.parameters()));
  ROICAST_RETURN_IF_ERROR(CopyInto(checkpoint.best_parameters, best_));
  ROICAST_RETURN_IF_ERROR(CopyInto(checkpoint.first_moment, update_.first_moment()));
  ROICAST_RETURN_IF_ERROR(CopyInto(checkpoint.second_moment, update_.second_moment()));
  epoch_ = checkpoint.epoch;
  resumed_steps_ = checkpoint.steps_of_next;
  resumed_loss_ = checkpoint.loss_of_next;
  best_epoch_ = checkpoint.best_epoch;
  best_loss_ = checkpoint.best_loss;
  update_.set_steps(checkpoint.steps);
  random_ = Random(checkpoint.random);
  network_.dropout_state() = checkpoint.dropout;
  history_ = checkpoint.history;
  network_.PrepareBackward();
  return absl::OkStatus();
}

absl::StatusOr<TrainingResult> Run::Go() {
  std::string stop_reason = "all epochs";
  TrainingSignal signal = TrainingSignal::kContinue;
  while (epoch_ < options_.epochs) {
    if (StopsEarly()) {
      stop_reason = "early stopping";
      break;
    }
    EpochRecord record;
    if (signal_ != TrainingSignal::kContinue) signal = signal_;
    if (signal == TrainingSignal::kContinue) signal = RunEpoch(epoch_ + 1, record);
    if (signal == TrainingSignal::kTimeLimit) {
      stop_reason = "time limit";
      break;
    }
    if (signal == TrainingSignal::kCancel) return absl::CancelledError(absl::StrCat("cancelled in epoch ", epoch_ + 1));
    Validate(record);
    if (signal_ == TrainingSignal::kCancel) {
      OfferCheckpoint(StepsPerEpoch(), epoch_loss_, order_random_);
      return absl::CancelledError(absl::StrCat("cancelled in epoch ", epoch_ + 1));
    }
    if (signal_ != TrainingSignal::kContinue) continue;  // Without it, the epoch counts for nothing.
    ROICAST_RETURN_IF_ERROR(CheckConverging(record));
    ++epoch_;
    history_.push_back(record);
    if (validation_.has_value() && record.validation_loss < best_loss_) {
      best_loss_ = record.validation_loss;
      best_epoch_ = epoch_;
      if (restores_best()) best_.CopyFrom(network_.parameters());
    }
    observer_.OnEpoch(record);
    // Before the checkpoint, so that whoever cancels gets one of this moment.
    signal = observer_.Poll();
    OfferCheckpoint(0, 0.0, random_.state());
    if (signal == TrainingSignal::kCancel) return absl::CancelledError(absl::StrCat("cancelled after epoch ", epoch_));
  }
  ROICAST_RETURN_IF_ERROR(CheckRecovered());
  TrainingResult result;
  const bool best = restores_best() && best_epoch_ > 0;
  result.mlp = network_.Export(best ? best_ : network_.parameters());
  result.best_epoch = best ? best_epoch_ : epoch_;
  result.epochs_run = epoch_;
  result.stop_reason = std::move(stop_reason);
  result.history = std::move(history_);
  if (!result.mlp.Validate().ok()) {
    return Diverged(epoch_, "a weight is NaN or infinite");
  }
  return result;
}

absl::Status CheckShape(const Mlp& mlp, int inputs, const NetworkOptions& options) {
  ROICAST_RETURN_IF_ERROR(WithContext(mlp.Validate(), "warm_start"));
  const auto whole = [](const DenseLayer& layer) { return layer.blocks == 1; };
  if (!std::all_of(mlp.layers.begin(), mlp.layers.end(), whole)) {
    return absl::InvalidArgumentError(
        absl::StrCat("warm_start: expected a single network, got an ensemble, ", mlp.Describe()));
  }
  bool fits = mlp.inputs() == inputs && mlp.layers.size() == options.hidden.size() + 1;
  for (size_t i = 0; fits && i < options.hidden.size(); ++i) {
    fits = mlp.layers[i].weights.rows() == options.hidden[i] && mlp.layers[i].activation == options.activation;
  }
  if (fits) return absl::OkStatus();
  std::string expected = absl::StrCat(inputs);
  for (const int units : options.hidden)
    absl::StrAppend(&expected, " → ", units, " ", ActivationName(options.activation));
  return absl::InvalidArgumentError(
      absl::StrCat("warm_start: expected a network of the shape ", expected, " → 1, got ", mlp.Describe()));
}

// HashBytes of all, in pieces of whole words of the hash.
absl::StatusOr<uint64_t> HashNumbers(uint64_t hash, absl::Span<const float> numbers, RareStopCheck& rare) {
  static_assert(kNumbersBetweenStops * sizeof(float) % sizeof(uint64_t) == 0);
  while (!numbers.empty()) {
    const absl::Span<const float> piece = numbers.subspan(0, kNumbersBetweenStops);
    hash = HashBytes(hash, piece.data(), piece.size() * sizeof(float));
    ROICAST_RETURN_IF_ERROR(rare.Done(piece.size()));
    numbers.remove_prefix(piece.size());
  }
  return hash;
}

}  // namespace

absl::StatusOr<uint64_t> TrainingFingerprint(const TrainingRows& train, const TrainingRows& validation,
                                             const NetworkOptions& network, const TrainingOptions& options,
                                             const StopCheck& stop) {
  uint64_t hash = kHashStart;
  const auto add = [&](const auto& value) { hash = HashBytes(hash, &value, sizeof(value)); };
  RareStopCheck rare(&stop, kNumbersBetweenStops);
  for (const TrainingRows* const rows : {&train, &validation}) {
    add(rows->y.size());
    if (rows->x == nullptr) continue;
    add(rows->x->cols());
    for (const absl::Span<const float> numbers :
         {absl::MakeConstSpan(rows->x->data(), static_cast<size_t>(rows->x->size())), rows->y, rows->weights,
          rows->offsets}) {
      ROICAST_ASSIGN_OR_RETURN(hash, HashNumbers(hash, numbers, rare));
    }
    for (const int input : HiddenInputs(*rows)) add(input);
  }
  for (const int units : network.hidden) add(units);
  add(network.activation), add(network.dropout);
  add(options.loss), add(options.huber_delta), add(options.optimizer), add(options.learning_rate);
  add(options.momentum), add(options.schedule), add(options.warmup_epochs), add(options.batch_size);
  add(options.epochs), add(options.l1), add(options.l2), add(options.weight_decay);
  add(options.gradient_clip_norm), add(options.patience), add(options.restore_best), add(options.seed);
  add(options.shuffle);
  return hash;
}

absl::StatusOr<TrainingResult> Train(const TrainingRows& train, const TrainingRows& validation,
                                     const NetworkOptions& network, const TrainingOptions& options,
                                     const TrainingStart& start, TrainingObserver* observer) {
  ROICAST_RETURN_IF_ERROR(network.Validate());
  ROICAST_RETURN_IF_ERROR(options.Validate());
  if (train.x == nullptr || train.x->rows() < 1 || train.x->cols() < 1) {
    return absl::InvalidArgumentError("train.x: expected at least one row and one column, got none");
  }
  if (train.x->rows() > std::numeric_limits<int32_t>::max() - TrainableNetwork::kMaxRows) {
    return absl::InvalidArgumentError(absl::StrCat("train.x: expected at most 2^31 rows, got ", train.x->rows()));
  }
  const int inputs = static_cast<int>(train.x->cols());
  TrainingObserver nobody;
  const StopCheck stop = StopWhenCancelled(observer != nullptr ? *observer : nobody);
  ROICAST_RETURN_IF_ERROR(train.Validate("train", inputs, options.loss, stop));
  if (validation.x != nullptr) ROICAST_RETURN_IF_ERROR(validation.Validate("validation", inputs, options.loss, stop));
  if (start.warm_start != nullptr) ROICAST_RETURN_IF_ERROR(CheckShape(*start.warm_start, inputs, network));

  Random random(options.seed);
  const Mlp random_start = RandomMlp(inputs, network, random);
  // Without checkpoints there is nothing that a fingerprint could guard.
  uint64_t fingerprint = 0;
  if (start.resume_from != nullptr || observer != nullptr) {
    ROICAST_ASSIGN_OR_RETURN(fingerprint, TrainingFingerprint(train, validation, network, options, stop));
  }
  Run run(WithoutInputs(start.warm_start != nullptr ? *start.warm_start : random_start, HiddenInputs(train)), train,
          validation, network, options, random, fingerprint, observer != nullptr ? *observer : nobody);
  ROICAST_RETURN_IF_ERROR(run.TakeRows(train, validation, stop));
  if (start.resume_from != nullptr) ROICAST_RETURN_IF_ERROR(run.Resume(*start.resume_from));
  return run.Go();
}

}  // namespace roicast
