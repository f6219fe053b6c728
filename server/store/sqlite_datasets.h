// Records of datasets as rows. Each function runs in the caller's transaction; see store.h for what they promise.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/dataset_files.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace roicast {

// Nothing if its digest is recorded already.
absl::Status InsertDataset(SqliteDatabase& database, const DatasetRecord& dataset);
// With its path among `files`. NotFound.
absl::StatusOr<DatasetRecord> SelectDataset(SqliteDatabase& database, const DatasetFiles& files,
                                            absl::string_view digest);
// The size of each, by digest.
absl::StatusOr<absl::flat_hash_map<std::string, int64_t>> SelectDatasetSizes(SqliteDatabase& database);
// Nothing if a reading is recorded already.
absl::Status UpdateReading(SqliteDatabase& database, absl::string_view digest, absl::string_view reading);

}  // namespace roicast
