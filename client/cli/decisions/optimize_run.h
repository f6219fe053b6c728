// One period: the question and the answer of `roicast optimize`, and of `roicast plan` without periods.
#pragma once

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/decisions/budget_flags.h"

namespace roicast::client {

// Asks, prints and writes. Returns the exit code: kRefused if no split can meet the limits.
absl::StatusOr<int> OptimizeAndPrint(const CommandContext& context, const BudgetFlags& flags);

}  // namespace roicast::client
