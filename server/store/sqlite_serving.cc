#include "server/store/sqlite_serving.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "server/store/sqlite_models.h"

namespace roicast {

absl::StatusOr<ServingStep> InsertServingStep(SqliteDatabase& database, const ServingStep& step,
                                              absl::string_view left_behind, absl::Time now) {
  ServingStep recorded = step;
  recorded.time = absl::FromUnixMicros(absl::ToUnixMicros(now));
  recorded.from_version = 0;
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ServingStep> last, SelectServingSteps(database, step.model, 1));
  if (!last.empty()) {
    recorded.from_version = last.front().version;
    // Later, though the clock may have gone back.
    recorded.time = std::max(recorded.time, last.front().time);
  }
  ROICAST_RETURN_IF_ERROR(UpdateNotServing(database, step.model, step.version, ""));
  if (!left_behind.empty() && recorded.from_version != 0) {
    const absl::Status left = UpdateNotServing(database, step.model, recorded.from_version, left_behind);
    // It may have been deleted.
    if (!absl::IsNotFound(left)) ROICAST_RETURN_IF_ERROR(left);
  }
  ROICAST_RETURN_IF_ERROR(
      database
          .Prepare(
              "INSERT INTO serving_steps (model, version, from_version, time, cause, forced, holds, actor, reason) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
          .BindText(recorded.model)
          .BindInt(recorded.version)
          .BindInt(recorded.from_version)
          .BindTime(recorded.time)
          .BindInt(static_cast<int64_t>(recorded.cause))
          .BindInt(recorded.forced ? 1 : 0)
          .BindInt(recorded.holds ? 1 : 0)
          .BindText(recorded.actor)
          .BindText(recorded.reason)
          .Run());
  return recorded;
}

absl::StatusOr<std::vector<ServingStep>> SelectServingSteps(SqliteDatabase& database, absl::string_view model,
                                                            int limit) {
  SqliteStatement statement = database.Prepare(
      "SELECT model, version, from_version, time, cause, forced, holds, actor, reason FROM serving_steps "
      "WHERE model = ? ORDER BY number DESC LIMIT ?");
  statement.BindText(model).BindInt(limit);
  std::vector<ServingStep> steps;
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return steps;
    ServingStep step;
    step.model = statement.Bytes(0);
    step.version = statement.Int(1);
    step.from_version = statement.Int(2);
    step.time = statement.Time(3).value_or(absl::UnixEpoch());
    step.cause = static_cast<ServingCause>(statement.Int(4));
    step.forced = statement.Int(5) != 0;
    step.holds = statement.Int(6) != 0;
    step.actor = statement.Bytes(7);
    step.reason = statement.Bytes(8);
    steps.push_back(std::move(step));
  }
}

}  // namespace roicast
