#include "server/store/sqlite_error.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

int64_t FileSize(const char* path) {
  struct stat info {};
  return path != nullptr && ::stat(path, &info) == 0 ? info.st_size : 0;
}

// Why a write may have failed. SQLite does not always keep the errno of the call: then the limits tell. 0: none is met.
int FullCause(sqlite3* database) {
  if (database == nullptr) return 0;
  const int system_error = sqlite3_system_errno(database);
  if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG) return system_error;
  const char* const path = sqlite3_db_filename(database, "main");
  if (path == nullptr || *path == '\0') return 0;
  // The largest step in which SQLite lets a file grow is that of its shared memory.
  constexpr int64_t kStepBytes = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    const int64_t largest = std::max({FileSize(path), FileSize(sqlite3_filename_wal(path)), kStepBytes});
    if (largest + kStepBytes > static_cast<int64_t>(limit.rlim_cur)) return EFBIG;
  }
  struct statvfs disk {};
  if (::statvfs(path, &disk) == 0 && static_cast<int64_t>(disk.f_bavail * disk.f_frsize) < kStepBytes) return ENOSPC;
  return 0;
}

}  // namespace

absl::Status DiskError(int cause, absl::string_view otherwise) {
  switch (cause) {
    case EFBIG:
      return StoreFull(
          "a file of the database would grow beyond what this process may write (ulimit -f, RLIMIT_FSIZE): nothing was "
          "written");
    case ENOSPC:
      return StoreFull("the disk is full: nothing was written");
    case EDQUOT:
      return StoreFull("the disk quota is used up: nothing was written");
    default:
      return absl::InternalError(otherwise);
  }
}

absl::Status SqliteStatus(sqlite3* database, int code) {
  const int primary = code & 0xff;
  const std::string detail =
      absl::StrCat("sqlite: ", database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  const int system_error = database != nullptr ? sqlite3_system_errno(database) : 0;
  switch (primary) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_FULL: {
      const int cause = FullCause(database);
      if (cause == EFBIG || cause == EDQUOT) return DiskError(cause, detail);
      return StoreFull("the disk or the store's quota is full: nothing was written");
    }
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_NOMEM) return absl::ResourceExhaustedError(detail);
      return DiskError(FullCause(database), absl::StrCat(detail, " (code ", code, ", errno ", system_error, ")"));
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return absl::ResourceExhaustedError(detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::AbortedError(absl::StrCat("the store is busy: ", detail));
    case SQLITE_CORRUPT:
      return absl::DataLossError(absl::StrCat("the database file is damaged: ", detail));
    case SQLITE_NOTADB:
      return absl::DataLossError("the file is not a roicast database");
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return absl::PermissionDeniedError(detail);
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(detail);
    default:
      return absl::InternalError(detail);
  }
}

}  // namespace roicast
