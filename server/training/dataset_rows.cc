#include "server/training/dataset_rows.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "server/training/dataset_reading.h"
#include "server/training/stored_artifact.h"

namespace roicast {

absl::StatusOr<DatasetRows> ReadDatasetRows(Store& store, absl::string_view model, int64_t version,
                                            absl::string_view dataset_digest, int64_t max_rows, const StopCheck& stop,
                                            MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(const StoredArtifact stored, ReadStoredArtifact(store, model, version, memory));
  const Artifact& artifact = stored.artifact;
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord record, VerifiedDataset(store, dataset_digest, stop, memory));
  const TargetSpec& target = artifact.provenance.spec.target;
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadDatasetFor(artifact, record, target, stop, memory));
  DatasetRows read;
  ROICAST_ASSIGN_OR_RETURN(read.rows, RowsForModel(artifact, data, target, stop, memory));
  const int64_t all = read.dataset_rows = read.rows.raw.rows();
  if (all <= max_rows) return read;
  // Until the others are gone.
  ROICAST_RETURN_IF_ERROR(
      read.rows.memory.Grow(read.rows.MemoryBytes() / static_cast<uint64_t>(all) * static_cast<uint64_t>(max_rows)));
  RowMajorMatrix some(max_rows, read.rows.raw.cols());
  std::vector<double> truths;
  for (int64_t i = 0; i < max_rows; ++i) {
    const int64_t row = i * all / max_rows;
    some.row(i) = read.rows.raw.row(row);
    truths.push_back(read.rows.truths[static_cast<size_t>(row)]);
  }
  read.rows.raw = std::move(some);
  read.rows.truths = std::move(truths);
  ROICAST_RETURN_IF_ERROR(read.rows.memory.SetTo(read.rows.MemoryBytes()));
  return read;
}

}  // namespace roicast
