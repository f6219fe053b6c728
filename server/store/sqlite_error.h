// What an error of SQLite means to the user of a store.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct sqlite3;

namespace roicast {

// cause: an errno. EFBIG, ENOSPC, EDQUOT: StoreFull with the cause. Others: Internal, with `otherwise`.
absl::Status DiskError(int cause, absl::string_view otherwise);

// code: of SQLite, may be extended; OK, a row and the end are OK. database: where it came from; may be null.
// StoreFull: no room. ResourceExhausted: no memory. Aborted: busy. DataLoss: damaged, or no database. PermissionDenied.
// AlreadyExists: a constraint. Internal.
absl::Status SqliteStatus(sqlite3* database, int code);

}  // namespace roicast
