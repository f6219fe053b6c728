// Trains attention over features: AdamW in mini-batches, with weights averaged over the last epoch's steps.
// Single-threaded and deterministic: same data, options and seed give the same weights, to the bit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/network/attention/attention_network.h"
#include "model/network/trainer.h"
#include "model/network/training_observer.h"

namespace roicast {

struct AttentionOptions {
  AttentionShape shape;
  double dropout = 0.1;  // of what attention and the gated units give, [0, 1)
  // Loss, learning rate, schedule, warm-up, batch, epochs, weight decay (of the maps of blocks), gradient clipping,
  // patience, seed. The optimiser is AdamW whatever it says; l1, l2, momentum and restore_best are not used.
  TrainingOptions training;
  // Ends the schedule of training.epochs after so many of them; 0: after all.
  int stop_after = 0;
};

struct AttentionTrainingResult {
  AttentionNetwork network;  // its linear path is 0
  std::vector<EpochRecord> history;
  // The epoch whose weights are kept; 0 with validation rows: none was better than a network that gives 0 for every
  // row, and so does the one that is kept.
  int best_epoch = 0;
  int epochs_run = 0;
  std::string stop_reason;  // "all epochs", "early stopping", "time limit"
};

// Of everything that the result of TrainAttention depends on. Errors: those of `stop`.
absl::StatusOr<uint64_t> AttentionFingerprint(const TrainingRows& train, const TrainingRows& validation,
                                              const std::vector<int>& feature_inputs, const AttentionOptions& options,
                                              const StopCheck& stop = nullptr);

// feature_inputs: AttentionNetwork. With validation rows (validation.x may be null) the epoch with their least loss is
// kept, and training.patience counts. resume_from: nullptr, or a checkpoint of a run with the same data and options.
// observer: nullptr = none; it is polled after each step and offered a checkpoint after each epoch. If the time limit
// passes within an epoch, that epoch is discarded. Errors: InvalidArgument (shapes, options, a checkpoint of another
// run), FailedPrecondition (diverged), Cancelled.
absl::StatusOr<AttentionTrainingResult> TrainAttention(const TrainingRows& train, const TrainingRows& validation,
                                                       const std::vector<int>& feature_inputs,
                                                       const AttentionOptions& options,
                                                       const Checkpoint* resume_from = nullptr,
                                                       TrainingObserver* observer = nullptr);

// z of encoded rows, as the predictor computes it.
std::vector<float> EvaluateAttention(const AttentionNetwork& network, const RowMajorMatrix& x);

}  // namespace roicast
