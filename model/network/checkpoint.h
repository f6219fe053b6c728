// The bytes of a TrainerCheckpoint.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/random.h"
#include "model/network/kernels/kernels.h"
#include "model/network/trainer.h"

namespace roicast {

// Everything that changes from step to step.
struct TrainerState {
  int epoch = 0;            // done
  int steps_of_next = 0;    // of the epoch under way
  double loss_of_next = 0;  // sum over the rows of these steps
  int best_epoch = 0;
  double best_loss = 0.0;
  int64_t steps = 0;
  Random::State random{};  // before the order of the epoch under way was drawn
  DropoutState dropout{};
  std::vector<float> parameters, best_parameters, first_moment, second_moment;
  std::vector<EpochRecord> history;
};

// fingerprint: of the data and options that the state belongs to.
std::string SerializeTrainerState(const TrainerState& state, uint64_t fingerprint);

// Errors: DataLoss (torn or flipped), InvalidArgument (another format or fingerprint).
absl::StatusOr<TrainerState> ParseTrainerState(absl::string_view bytes, uint64_t fingerprint);

// Continues the FNV-1a hash of Fowler, Noll and Vo over more bytes.
uint64_t HashBytes(uint64_t hash, const void* bytes, size_t size);
inline constexpr uint64_t kHashStart = 0xcbf29ce484222325ULL;

}  // namespace roicast
