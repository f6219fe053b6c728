// Tidies the folder of the datasets when a store opens. Only files that the store wrote are touched, and only
// unfinished uploads are deleted: a file of a dataset that the database does not know may be all that is left of it, as
// when the database was lost or an older one was put in its place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/store/dataset_files.h"

namespace roicast {

struct DatasetSweep {
  std::vector<std::string> set_aside;     // Names of files that were moved to orphaned/.
  std::vector<std::string> brought_back;  // Names of files that were moved from there: their records are back.
  std::vector<std::string> errors;        // What could not be moved or deleted, and why.

  // Lines for people; none if nothing was done.
  std::vector<std::string> Messages(const std::string& folder) const;
};

// Creates the folder. `known`: the size of each recorded dataset, by digest. Errors: the folder cannot be created or
// listed.
absl::StatusOr<DatasetSweep> SweepDatasets(const DatasetFiles& files,
                                           const absl::flat_hash_map<std::string, int64_t>& known);

}  // namespace roicast
