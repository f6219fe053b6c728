// Trains independent networks on several threads.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/network/trainer.h"

namespace roicast {

struct FitRequest {
  TrainingRows train;
  NetworkOptions network;
  TrainingOptions options;
};

// Train for each request; results in their order, which do not depend on the number of threads, ≥ 1. first_start: of
// the first request. poll: called on the calling thread every few milliseconds, with the results that are complete from
// the first one on without a gap; what it returns holds for all that are under way. After kCancel the others are
// Cancelled. The threads inherit the priority of the calling one, and have ended on return.
std::vector<absl::StatusOr<TrainingResult>> FitInParallel(
    absl::Span<const FitRequest> requests, int threads, const TrainingStart& first_start,
    const std::function<TrainingSignal(absl::Span<const absl::StatusOr<TrainingResult>>)>& poll);

}  // namespace roicast
