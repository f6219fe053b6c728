// The state of training, complete enough to resume with bit-identical results.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/random.h"
#include "model/network/epoch_record.h"
#include "model/network/kernels/kernels.h"

namespace roicast {

// A fit that was complete before the one under way (model/training/fit/fit_journal.h).
struct CompletedFit {
  uint64_t fingerprint = 0;
  std::vector<float> parameters;  // empty: the fit failed
  int best_epoch = 0, epochs_run = 0;
  std::vector<char> stop_reason;     // or the error
  std::vector<EpochRecord> history;  // of a fit whose progress is shown
};

// The state after a step, in the middle of an epoch or at its end.
struct Checkpoint {
  std::vector<CompletedFit> completed;
  uint64_t fingerprint = 0;  // of the data and options that the state belongs to
  int epoch = 0;             // the last complete one
  int steps_of_next = 0;     // done of the epoch under way
  double loss_of_next = 0;   // sum over the rows of these steps
  int best_epoch = 0;
  double best_loss = 0.0;
  int64_t steps = 0;
  Random::State random{};  // before the order of the epoch under way was drawn
  DropoutState dropout{};
  std::vector<float> parameters, best_parameters, first_moment, second_moment;
  std::vector<EpochRecord> history;
};

std::string SerializeCheckpoint(const Checkpoint& checkpoint);

// Errors: DataLoss (torn or flipped), InvalidArgument (another format).
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view bytes);

// Continues the FNV-1a hash of Fowler, Noll and Vo over more bytes.
uint64_t HashBytes(uint64_t hash, const void* bytes, size_t size);
inline constexpr uint64_t kHashStart = 0xcbf29ce484222325ULL;

}  // namespace roicast
