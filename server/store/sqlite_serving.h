// Which version serves, as rows. Each function runs in the caller's transaction; see store.h for what they promise.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace roicast {

absl::StatusOr<ServingStep> InsertServingStep(SqliteDatabase& database, const ServingStep& step,
                                              absl::string_view left_behind, absl::Time now);
absl::StatusOr<std::vector<ServingStep>> SelectServingSteps(SqliteDatabase& database, absl::string_view model,
                                                            int limit);

}  // namespace roicast
