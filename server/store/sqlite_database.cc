#include "server/store/sqlite_database.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/store/sqlite_error.h"

namespace roicast {
namespace {

constexpr int kReserveStepBytes = 512;  // SQLite's smallest page.

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
                                                                     absl::Duration busy_timeout, LogIndex index) {
  sqlite3* handle = nullptr;
  // "Unix VFSes", sqlite.org/vfs.html: unix-excl keeps the index on the heap, for all connections of the process.
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      index == LogIndex::kMemory ? "unix-excl" : nullptr);
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

absl::StatusOr<int64_t> SqliteDatabase::PagesBytes(absl::string_view pragma) {
  int64_t bytes = 1;
  for (const absl::string_view name : {pragma, absl::string_view("page_size")}) {
    SqliteStatement statement = Prepare(absl::StrCat("PRAGMA ", name));
    ROICAST_RETURN_IF_ERROR(statement.Step().status());
    bytes *= statement.Int(0);
  }
  return bytes;
}

absl::StatusOr<int64_t> SqliteDatabase::ContentBytes() { return PagesBytes("page_count"); }

absl::StatusOr<int64_t> SqliteDatabase::FileBytes() {
  sqlite3_file* file = nullptr;
  sqlite3_int64 bytes = 0;
  int code = sqlite3_file_control(database_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (code == SQLITE_OK) code = file->pMethods->xFileSize(file, &bytes);
  if (code != SQLITE_OK) return SqliteStatus(database_, code);
  return bytes;
}

absl::Status SqliteDatabase::ReserveFile(int64_t more_bytes) {
  ROICAST_ASSIGN_OR_RETURN(int64_t wanted, ContentBytes());
  if (more_bytes > 0) {
    ROICAST_ASSIGN_OR_RETURN(const int64_t free, PagesBytes("freelist_count"));
    ROICAST_ASSIGN_OR_RETURN(const int64_t quota, PagesBytes("max_page_count"));
    wanted += std::max<int64_t>(0, more_bytes - free);
    if (wanted > quota) return SqliteStatus(nullptr, SQLITE_FULL);
  }
  ROICAST_ASSIGN_OR_RETURN(const int64_t there, FileBytes());
  if (wanted <= there) return absl::OkStatus();
  const char* const path = sqlite3_db_filename(database_, "main");
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      wanted > static_cast<int64_t>(limit.rlim_cur)) {
    return DiskError(EFBIG, "");
  }
  // Without a step the hint is ignored.
  int step = kReserveStepBytes;
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_CHUNK_SIZE, &step);
  if (sqlite3_file_control(database_, "main", SQLITE_FCNTL_SIZE_HINT, &wanted) == SQLITE_OK) return absl::OkStatus();
  // The cause is not told, and a part may have been taken.
  const absl::Status given_back = ShrinkFile(there);
  struct statvfs disk {};
  const bool full = ::statvfs(path, &disk) == 0 && static_cast<int64_t>(disk.f_bavail * disk.f_frsize) < wanted - there;
  if (!full && !given_back.ok()) return given_back;
  return full ? DiskError(ENOSPC, "") : StoreFull("the disk or its quota is full: nothing was written");
}

absl::Status SqliteDatabase::ShrinkFile(int64_t bytes) {
  ROICAST_ASSIGN_OR_RETURN(const int64_t there, FileBytes());
  if (there <= bytes) return absl::OkStatus();
  sqlite3_file* file = nullptr;
  int code = sqlite3_file_control(database_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (code == SQLITE_OK) code = file->pMethods->xTruncate(file, bytes);
  return SqliteStatus(database_, code);
}

bool SqliteDatabase::HasMoved() {
  int moved = 0;
  return sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

bool SqliteDatabase::OthersRead() {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) != SQLITE_OK ||
      file->pMethods->iVersion < 2) {
    return true;
  }
  // "WAL-Index File Format", sqlite.org/walformat.html: lock 3 + i is WAL_READ_LOCK(i). Readers of i = 0 do not read
  // the log, and SQLite copies nothing while there are any.
  constexpr int kFirstReadLock = 4, kReadLocks = 4;
  for (int lock = kFirstReadLock; lock < kFirstReadLock + kReadLocks; ++lock) {
    const int code = file->pMethods->xShmLock(file, lock, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
    if (code == SQLITE_BUSY) return true;
    if (code == SQLITE_OK) file->pMethods->xShmLock(file, lock, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  }
  return false;
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
  SqliteTransaction transaction(&database);
  ROICAST_ASSIGN_OR_RETURN(transaction.file_bytes_before_, database.FileBytes());
  return transaction;
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), file_bytes_before_(other.file_bytes_before_) {}

SqliteTransaction::~SqliteTransaction() {
  if (database_ == nullptr) return;
  // After a full disk SQLite may have rolled back by itself; then this fails.
  static_cast<void>(database_->Execute("ROLLBACK"));
  const absl::StatusOr<int64_t> file_bytes = database_->FileBytes();
  if (!file_bytes.ok() || *file_bytes <= file_bytes_before_ || !database_->Execute("BEGIN IMMEDIATE").ok()) return;
  // Under the lock, so that nobody grows the content meanwhile.
  const absl::StatusOr<int64_t> content = database_->ContentBytes();
  if (content.ok()) static_cast<void>(database_->ShrinkFile(std::max(*content, file_bytes_before_)));
  static_cast<void>(database_->Execute("ROLLBACK"));
}

absl::Status SqliteTransaction::Commit() {
  ROICAST_RETURN_IF_ERROR(database_->ReserveFile());
  ROICAST_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace roicast
