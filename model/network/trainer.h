// Trains an Mlp: mini-batch gradient descent with best-epoch restore. Single-threaded and deterministic: same data,
// options and seed give the same weights, to the bit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/network/checkpoint.h"
#include "model/network/epoch_record.h"
#include "model/network/loss.h"
#include "model/network/mlp.h"
#include "model/network/training_observer.h"
#include "model/network/training_rows.h"

namespace roicast {

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
  // Keep the weights of the epoch with the best validation loss, if there is one; patience > 0 implies it: see
  // KeepsBestEpoch.
  bool restore_best = true;
  uint64_t seed = 42;
  bool shuffle = true;  // a new order of rows in each epoch, unless batch_size covers all rows

  absl::Status Validate() const;
  // Whether the validation rows, if there are any, choose the epoch whose weights are kept.
  bool KeepsBestEpoch() const { return restore_best || patience > 0; }
};

// Where a run begins. Not owned.
struct TrainingStart {
  const Mlp* warm_start = nullptr;          // same shape; weights are copied. nullptr: random weights
  const Checkpoint* resume_from = nullptr;  // of a run with the same data and options
};

struct TrainingResult {
  Mlp mlp;
  std::vector<EpochRecord> history;
  int best_epoch = 0;
  int epochs_run = 0;
  std::string stop_reason;  // "all epochs", "early stopping", "time limit"
};

// Of everything that the result of Train depends on but the start. Errors: those of `stop`.
absl::StatusOr<uint64_t> TrainingFingerprint(const TrainingRows& train, const TrainingRows& validation,
                                             const NetworkOptions& network, const TrainingOptions& options,
                                             const StopCheck& stop = nullptr);

// validation.x may be null; then patience and restore_best have no effect. observer: nullptr = none. If the time
// limit passes within an epoch, that epoch is discarded. Errors: InvalidArgument (shapes, options, a checkpoint of
// another run), FailedPrecondition (diverged: the loss is NaN, infinite or has exploded, with the epoch), Cancelled
// (the observer said so).
absl::StatusOr<TrainingResult> Train(const TrainingRows& train, const TrainingRows& validation,
                                     const NetworkOptions& network, const TrainingOptions& options,
                                     const TrainingStart& start, TrainingObserver* observer = nullptr);

}  // namespace roicast
