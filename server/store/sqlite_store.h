// The store in one folder of one machine:
//   roicast.db          SQLite, write-ahead log, synchronous=FULL: what a method has returned survives a power cut
//   datasets/<digest>.csv
//   lock                held by the server that owns the folder; has its pid
// docs/store.md has the tables and what happens when a process dies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/flag_defaults.h"
#include "server/store/store.h"

namespace roicast {

struct SqliteStoreOptions {
  std::string folder;                                      // Created where it is missing. Required.
  int64_t max_dataset_bytes = defaults::kMaxDatasetBytes;  // > 0; per dataset.
  int64_t max_artifact_bytes = int64_t{256} << 20;         // 1 to 1e9 less 1 MiB: SQLite's limit for a value.
  int64_t max_database_bytes = 0;                          // Quota of roicast.db, rounded down to pages; 0: none.
  absl::Duration busy_timeout = absl::Seconds(10);         // How long to wait for a lock of the file; > 0.
  StoreObserver observer{};                                // May be empty.
  const Clock* clock = &Clock::System();                   // Outlives the store.

  absl::Status Validate() const;
};

// Opens or creates; migrates older files; marks jobs that were RUNNING as INTERRUPTED; removes leftovers of uploads.
// FailedPrecondition: in use by another process, written by a newer release, or not a folder. PermissionDenied: not
// writable. DataLoss: roicast.db is not a database or damaged. Each message names the folder.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const SqliteStoreOptions& options);

}  // namespace roicast
