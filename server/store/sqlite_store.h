// The store in one folder of one machine:
//   roicast.db          SQLite, write-ahead log, synchronous=FULL: what a method has returned survives a power cut
//   promises            which versions were published, to notice when the database has lost some
//   datasets/<digest>.csv
//   datasets/orphaned/  files of datasets that the database does not know
//   lock                held by the server that owns the folder; has its pid
// docs/store.md has the tables and what happens when a process dies.
#pragma once

#include <cstdint>
#include <functional>
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
  std::string folder;                                      // Created if it is missing. Required.
  int64_t max_dataset_bytes = defaults::kMaxDatasetBytes;  // > 0; per dataset.
  int64_t max_artifact_bytes = int64_t{256} << 20;         // 1 to 1e9 less 1 MiB: SQLite's limit for a value.
  int64_t max_database_bytes = 0;                          // Quota of roicast.db, rounded down to pages; 0: none.
  int64_t max_store_bytes = defaults::kMaxStoreBytes;      // Database, datasets and uploads together; 0: no limit.
  int64_t max_models = defaults::kMaxModels;               // That have versions; 0: no limit.
  int64_t max_versions = defaults::kMaxVersions;           // Of each model; 0: no limit.
  // Open although versions are missing that were published; they are named in a warning, and their numbers stay taken.
  bool accept_lost_versions = false;
  absl::Duration busy_timeout = absl::Seconds(10);  // How long to wait for a lock of the file; > 0.
  StoreObserver observer{};                         // May be empty.
  // What operators have to know, in one line. Any thread; must not call the store. May be empty.
  std::function<void(const std::string& message)> warn{};
  const Clock* clock = &Clock::System();  // Outlives the store.

  absl::Status Validate() const;
};

// Opens or creates; migrates older files; marks jobs that were RUNNING as INTERRUPTED; removes unfinished uploads, and
// sets dataset files aside that the database does not know. Touches nothing that a store did not write.
// On a full disk it opens a database that is there and needs no migration: what is stored can be read, jobs that were
// RUNNING are told as INTERRUPTED, and Store::CatchUp writes that once there is room.
// FailedPrecondition: in use by another process, written by a newer release, not a folder, or a log without its
// database. PermissionDenied: not writable. DataLoss: roicast.db is not a database or damaged, or versions are missing
// that were published. Each message names the folder.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const SqliteStoreOptions& options);

}  // namespace roicast
