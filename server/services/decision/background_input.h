// The typical rows that a request is answered against: its own, or those stored in training.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "model/explanation/background.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

struct BackgroundInput {
  // Of the request.
  std::optional<Background> given;
  // Of the model; nullptr: `given` has it.
  const Background* stored = nullptr;
  // What the rows of `given` take.
  MemoryClaim memory;

  const Background& get() const { return stored != nullptr ? *stored : *given; }
};

// has: whether the request brings rows, which draw from `memory`. Errors: those of ReadStrictRows; FailedPrecondition
// with the reason NO_BACKGROUND.
absl::StatusOr<BackgroundInput> BackgroundOf(bool has, const v1::RowInput& rows, const ServedModel& model,
                                             MemoryBudget* memory);

}  // namespace roicast
