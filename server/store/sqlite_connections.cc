#include "server/store/sqlite_connections.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "server/store/sqlite_schema.h"

namespace roicast {
namespace {

constexpr uintmax_t kLongLogBytes = uintmax_t{4} << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteConnections::Connect() const {
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                           SqliteDatabase::Open(options_.path, options_.busy_timeout));
  database->KeepLogOnClose(true);
  return database;
}

absl::Status SqliteConnections::Prepare(SqliteDatabase& database) const {
  ROICAST_RETURN_IF_ERROR(
      database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                       "PRAGMA wal_autocheckpoint = 0"));
  if (options_.max_database_bytes == 0) return absl::OkStatus();
  SqliteStatement page_size = database.Prepare("PRAGMA page_size");
  ROICAST_RETURN_IF_ERROR(page_size.Step().status());
  return database.Execute(
      absl::StrCat("PRAGMA max_page_count = ", std::max<int64_t>(1, options_.max_database_bytes / page_size.Int(0))));
}

absl::Status SqliteConnections::Open(const std::function<absl::Status(SqliteDatabase&)>& check) {
  absl::MutexLock writer_lock(&writer_mutex_);
  ROICAST_ASSIGN_OR_RETURN(writer_, Connect());
  ROICAST_RETURN_IF_ERROR(CheckSchema(*writer_));
  ROICAST_RETURN_IF_ERROR(check(*writer_));
  ROICAST_RETURN_IF_ERROR(Prepare(*writer_));
  ROICAST_RETURN_IF_ERROR(Migrate(*writer_, SqliteMigrations()));
  absl::MutexLock reader_lock(&reader_mutex_);
  ROICAST_ASSIGN_OR_RETURN(reader_, Connect());
  ROICAST_RETURN_IF_ERROR(Prepare(*reader_));
  opened_ = true;
  unsettled_ = true;
  return absl::OkStatus();
}

SqliteConnections::~SqliteConnections() {
  absl::MutexLock writer_lock(&writer_mutex_);
  const bool settled = opened_ && options_.may_write().ok() && SettleLog();
  absl::MutexLock reader_lock(&reader_mutex_);
  if (!settled) return;
  // SQLite deletes the log, which is empty.
  writer_->KeepLogOnClose(false);
  reader_->KeepLogOnClose(false);
}

bool SqliteConnections::IsFull(const absl::Status& status) {
  return ReasonOf(status) == v1::STORE_FULL;
}

bool SqliteConnections::LogIsLong() const {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(absl::StrCat(options_.path, "-wal"), error);
  return !error && bytes > kLongLogBytes;
}

absl::StatusOr<bool> SqliteConnections::MoveAndEmptyLog() {
  // What a commit reserved may be gone, and an older release reserved nothing.
  ROICAST_RETURN_IF_ERROR(writer_->ReserveFile());
  {
    // Reads of this process that began before the last write have ended; later ones read the whole log and are in
    // nobody's way. What is read elsewhere would let SQLite copy a part only.
    absl::MutexLock reader_lock(&reader_mutex_);
    if (writer_->OthersRead()) return false;
  }
  // Most of the work is done while others read. Then no reader of this process is in the way of emptying the log.
  ROICAST_RETURN_IF_ERROR(writer_->MoveLog().status());
  absl::MutexLock reader_lock(&reader_mutex_);
  return writer_->EmptyLog();
}

bool SqliteConnections::SettleLog() {
  const absl::StatusOr<bool> emptied = MoveAndEmptyLog();
  unsettled_ = !emptied.ok() || !*emptied;
  if (!emptied.ok() && settling_.ok()) {
    options_.warn(absl::StrCat("the database's log cannot be moved into its file: ", emptied.status().message(),
                               "; until it can, nothing more is published"));
  }
  settling_ = emptied.status();
  return !unsettled_;
}

absl::Status SqliteConnections::CheckSettling() {
  if (settling_.ok() || SettleLog()) return absl::OkStatus();
  return WithContext(settling_, "the database's log cannot be moved into its file");
}

}  // namespace roicast
