#include "server/services/decision/background_input.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/services/decision/row_input.h"

namespace roicast {

absl::StatusOr<BackgroundInput> BackgroundOf(bool has, const v1::RowInput& rows, const ServedModel& model,
                                             MemoryBudget* memory) {
  BackgroundInput input;
  if (!has) {
    const std::optional<Background>& stored = model.decisions().background;
    if (!stored.has_value()) {
      return WithReason(absl::FailedPreconditionError(absl::StrCat(
                            model.label(),
                            " has no stored background, because it was trained by an older release or on very few "
                            "rows; send rows that are typical, or train again")),
                        v1::NO_BACKGROUND, {{"model", model.name()}, {"version", absl::StrCat(model.version())}});
    }
    input.stored = &*stored;
    return input;
  }
  ROICAST_ASSIGN_OR_RETURN(
      InputRows read, ReadStrictRows(rows, "background", model, {.max_rows = kMaxBackgroundRows, .memory = memory}));
  input.memory = std::move(read.memory);
  Background& given = input.given.emplace();
  given.rows = std::move(read.rows);
  given.weights.assign(static_cast<size_t>(read.count), 1.0f / static_cast<float>(read.count));
  return input;
}

}  // namespace roicast
