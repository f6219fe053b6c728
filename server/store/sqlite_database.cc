#include "server/store/sqlite_database.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"

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

absl::Status DiskError(int cause, absl::string_view otherwise) {
  switch (cause) {
    case EFBIG:
      return absl::ResourceExhaustedError(
          "a file of the database would grow beyond what this process may write (ulimit -f, RLIMIT_FSIZE): nothing was "
          "written");
    case ENOSPC:
      return absl::ResourceExhaustedError("the disk is full: nothing was written");
    case EDQUOT:
      return absl::ResourceExhaustedError("the disk quota is used up: nothing was written");
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
      return absl::ResourceExhaustedError("the disk or the store's quota is full: nothing was written");
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

}  // namespace

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_parameter_(other.next_parameter_),
      error_(std::move(other.error_)) {}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

void SqliteStatement::Keep(int code) {
  if (code != SQLITE_OK && error_.ok()) error_ = SqliteStatus(database_, code);
}

SqliteStatement& SqliteStatement::BindInt(int64_t value) {
  if (error_.ok()) Keep(sqlite3_bind_int64(statement_, next_parameter_++, value));
  return *this;
}

SqliteStatement& SqliteStatement::BindText(absl::string_view value) {
  // data() of an empty view may be null, which SQLite would take for NULL.
  const char* data = value.empty() ? "" : value.data();
  if (error_.ok()) {
    Keep(sqlite3_bind_text64(statement_, next_parameter_++, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  return *this;
}

SqliteStatement& SqliteStatement::BindBlob(absl::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  // Not copied: the caller's bytes outlive the statement, and artifacts are large.
  if (error_.ok()) Keep(sqlite3_bind_blob64(statement_, next_parameter_++, data, value.size(), SQLITE_STATIC));
  return *this;
}

SqliteStatement& SqliteStatement::BindDouble(double value) {
  if (error_.ok()) {
    Keep(std::isnan(value) ? sqlite3_bind_null(statement_, next_parameter_)
                           : sqlite3_bind_double(statement_, next_parameter_, value));
    ++next_parameter_;
  }
  return *this;
}

SqliteStatement& SqliteStatement::BindTime(std::optional<absl::Time> value) {
  if (value.has_value()) return BindInt(absl::ToUnixMicros(*value));
  if (error_.ok()) Keep(sqlite3_bind_null(statement_, next_parameter_++));
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  if (!error_.ok()) return error_;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Keep(sqlite3_extended_errcode(database_));
  if (error_.ok()) Keep(code);
  return error_;
}

absl::Status SqliteStatement::Run() {
  ROICAST_ASSIGN_OR_RETURN(const bool row, Step());
  ROICAST_CHECK(!row);
  return absl::OkStatus();
}

int64_t SqliteStatement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string SqliteStatement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return size == 0 ? std::string() : std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

double SqliteStatement::Double(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement_, column);
}

std::optional<absl::Time> SqliteStatement::Time(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return absl::FromUnixMicros(Int(column));
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path,
                                                                     absl::Duration busy_timeout) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle, busy_timeout));
  if (code != SQLITE_OK) return WithContext(SqliteStatus(handle, code), path);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(absl::ToInt64Milliseconds(busy_timeout)));
  return database;
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close_v2(database_); }

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  return SqliteStatus(database_, sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr));
}

SqliteStatement SqliteDatabase::Prepare(absl::string_view sql) {
  SqliteStatement statement(database_);
  statement.Keep(
      sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement.statement_, nullptr));
  return statement;
}

int64_t SqliteDatabase::LastInsertRowId() const { return sqlite3_last_insert_rowid(database_); }

int64_t SqliteDatabase::Changes() const { return sqlite3_changes64(database_); }

absl::StatusOr<int64_t> SqliteDatabase::UsedBytes() {
  int64_t numbers[3] = {};
  int64_t* number = numbers;
  for (const char* name : {"PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size"}) {
    SqliteStatement statement = Prepare(name);
    ROICAST_RETURN_IF_ERROR(statement.Step().status());
    *number++ = statement.Int(0);
  }
  return (numbers[0] - numbers[1]) * numbers[2];
}

absl::StatusOr<bool> SqliteDatabase::Checkpoint(int mode) {
  const int code = sqlite3_wal_checkpoint_v2(database_, "main", mode, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return SqliteStatus(database_, code);
  return true;
}

absl::StatusOr<bool> SqliteDatabase::MoveLog() { return Checkpoint(SQLITE_CHECKPOINT_PASSIVE); }

absl::StatusOr<bool> SqliteDatabase::EmptyLog() {
  sqlite3_busy_timeout(database_, 0);
  absl::StatusOr<bool> emptied = Checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  sqlite3_busy_timeout(database_, static_cast<int>(absl::ToInt64Milliseconds(busy_timeout_)));
  return emptied;
}

void SqliteDatabase::KeepLogOnClose(bool keep) {
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

absl::StatusOr<SqliteTransaction> SqliteTransaction::Begin(SqliteDatabase& database) {
  ROICAST_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  return SqliteTransaction(&database);
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

SqliteTransaction::~SqliteTransaction() {
  // After a full disk SQLite may have rolled back by itself; then this fails, and nothing is left to do.
  if (database_ != nullptr) static_cast<void>(database_->Execute("ROLLBACK"));
}

absl::Status SqliteTransaction::Commit() {
  ROICAST_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace roicast
