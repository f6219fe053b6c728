// Rows of a stored dataset, as a version of a model takes them.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "model/training/evaluate_artifact.h"
#include "server/store/store.h"

namespace roicast {

struct DatasetRows {
  RowsWithTruths rows;
  int64_t dataset_rows = 0;  // of which `rows` are max_rows, evenly spread, if there are more
};

// memory: what the table, its rows and the version draw from. Truths are of the target that the version was trained on.
// Errors: those of ReadStoredArtifact, VerifiedDataset, ReadDatasetFor, RowsForModel and `stop`.
absl::StatusOr<DatasetRows> ReadDatasetRows(Store& store, absl::string_view model, int64_t version,
                                            absl::string_view dataset_digest, int64_t max_rows, const StopCheck& stop,
                                            MemoryBudget* memory);

}  // namespace roicast
