// The tables of the SQLite engine and how older files become newer ones.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/store/sqlite_database.h"

namespace roicast {

// Entry i takes a file from schema version i to i + 1. Entries are never changed once released, only added.
const std::vector<std::string>& SqliteMigrations();

// Whether the file is empty or of a store of this or an older release. FailedPrecondition: of a newer one, or another
// program's.
absl::Status CheckSchema(SqliteDatabase& database);

// Runs the missing steps, each in a transaction of its own with its user_version. A file that is newer than the
// last migration is refused with FailedPrecondition and left as it is.
absl::Status Migrate(SqliteDatabase& database, absl::Span<const std::string> migrations);

}  // namespace roicast
