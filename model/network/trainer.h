// Trains an Mlp: mini-batch gradient descent with best-epoch restore. Single-threaded and deterministic: same data,
// options and seed give the same weights, to the bit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "model/data/matrix.h"
#include "model/network/mlp.h"

namespace roicast {

// Of one row, with e = prediction − truth: e², |e|, and ½ e² up to huber_delta, linear beyond.
enum class Loss { kSquared, kAbsolute, kHuber };
enum class Optimizer { kSgd, kAdam, kAdamW };
enum class Schedule { kConstant, kCosine };

struct TrainingOptions {
  Loss loss = Loss::kSquared;
  double huber_delta = 1.0;  // standard deviations of the target, > 0
  Optimizer optimizer = Optimizer::kAdam;
  double learning_rate = 1e-3;  // > 0
  double momentum = 0.9;        // SGD, [0, 1)
  Schedule schedule = Schedule::kConstant;
  int warmup_epochs = 0;
  int batch_size = 32;              // rows; 0 = all rows
  int epochs = 1000;                // 1 … 100,000
  double l1 = 0.0;                  // penalty l1 · Σ|w| on weights (not biases), ≥ 0
  double l2 = 0.0;                  // penalty ½ · l2 · Σ w², ≥ 0
  double weight_decay = 0.0;        // decoupled, AdamW only, ≥ 0
  double gradient_clip_norm = 0.0;  // 0 = off
  int patience = 0;                 // epochs; 0 = never stop early
  // Keep the weights of the epoch with the best validation loss, if there is one; patience > 0 implies it.
  bool restore_best = true;
  absl::Duration time_limit = absl::InfiniteDuration();
  uint64_t seed = 42;
  bool shuffle = true;  // a new order of rows in each epoch, unless batch_size covers all rows

  absl::Status Validate() const;
};

// x [n, inputs], y [n] standardised target, weights [n] ≥ 0 or empty = all 1. Not owned. Weights count relative to
// their mean.
struct TrainingRows {
  const RowMajorMatrix* x = nullptr;
  absl::Span<const float> y;
  absl::Span<const float> weights;
};

struct EpochRecord {
  int epoch = 0;                 // from 1
  double train_loss = 0.0;       // mean over the epoch's batches as they were trained: with dropout, without penalties
  double validation_loss = 0.0;  // NaN: no validation rows
  double validation_r2 = 0.0;
  double learning_rate = 0.0;  // of the epoch's last step
};

// All that is needed to go on as if nothing had happened; opaque bytes for the store.
struct TrainerCheckpoint {
  int epoch = 0;  // the last one that is complete; further steps may follow it
  std::string bytes;
};

struct TrainingHooks {
  // After each epoch. False: stop, Train returns Cancelled.
  std::function<bool(const EpochRecord&)> on_epoch;
  // Asked every few milliseconds within an epoch. True: stop, Train returns Cancelled.
  std::function<bool()> cancelled;
  // Asked after each epoch, before on_epoch, and once more where `cancelled` ends one; true: on_checkpoint is called.
  std::function<bool()> wants_checkpoint;
  std::function<void(const TrainerCheckpoint&)> on_checkpoint;
  const TrainerCheckpoint* resume_from = nullptr;  // of a run with the same data and options
  const Mlp* warm_start = nullptr;                 // same shape; weights are copied
  std::function<absl::Time()> now;                 // for time_limit; unset: no limit
};

struct TrainingResult {
  Mlp mlp;
  std::vector<EpochRecord> history;
  int best_epoch = 0;
  int epochs_run = 0;
  std::string stop_reason;  // "all epochs", "early stopping", "time limit"
};

// validation.x may be null; then patience and restore_best have no effect. A time limit within an epoch gives up that
// epoch. Errors: InvalidArgument (shapes, options, a checkpoint of another run), DataLoss (a torn checkpoint),
// FailedPrecondition (diverged: the loss is NaN, infinite or has exploded, with the epoch), Cancelled (a hook said so).
absl::StatusOr<TrainingResult> Train(const TrainingRows& train, const TrainingRows& validation,
                                     const NetworkOptions& network, const TrainingOptions& options,
                                     const TrainingHooks& hooks);

}  // namespace roicast
