#include "server/store/sqlite_connections.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "server/store/sqlite_schema.h"

namespace roicast {
namespace {

constexpr uintmax_t kLongLogBytes = uintmax_t{4} << 20;
// Free on the disk before files are made again that a start had no room for: so that they do not come and go.
constexpr uint64_t kBytesForSharing = uint64_t{1} << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteConnections::Connect() const {
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                           SqliteDatabase::Open(options_.path, options_.busy_timeout, index_));
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

absl::Status SqliteConnections::ConnectIfClosed(std::unique_ptr<SqliteDatabase>& connection) const {
  if (connection != nullptr) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database, Connect());
  ROICAST_RETURN_IF_ERROR(Prepare(*database));
  connection = std::move(database);
  return absl::OkStatus();
}

absl::Status SqliteConnections::ConnectFirst(const std::function<absl::Status(SqliteDatabase&)>& check) {
  ROICAST_ASSIGN_OR_RETURN(writer_, Connect());
  ROICAST_RETURN_IF_ERROR(CheckSchema(*writer_));
  ROICAST_RETURN_IF_ERROR(check(*writer_));
  ROICAST_RETURN_IF_ERROR(Prepare(*writer_));
  ROICAST_RETURN_IF_ERROR(Migrate(*writer_, SqliteMigrations()));
  return ConnectIfClosed(reader_);
}

absl::Status SqliteConnections::Reconnect(SqliteDatabase::LogIndex index) {
  reader_.reset();
  writer_.reset();
  index_ = index;
  ROICAST_RETURN_IF_ERROR(ConnectIfClosed(writer_));
  return ConnectIfClosed(reader_);
}

absl::Status SqliteConnections::Open(const std::function<absl::Status(SqliteDatabase&)>& check) {
  absl::MutexLock writer_lock(&writer_mutex_);
  absl::MutexLock reader_lock(&reader_mutex_);
  absl::Status opened = ConnectFirst(check);
  if (IsFull(opened)) {
    reader_.reset();
    writer_.reset();
    index_ = SqliteDatabase::LogIndex::kMemory;
    const absl::Status full = std::exchange(opened, ConnectFirst(check));
    if (opened.ok()) {
      behind_ = true;
      // Nobody uses it, and every page counts.
      ::unlink(absl::StrCat(options_.path, "-shm").c_str());
      options_.warn(absl::StrCat(full.message(), ": until there is room, no other process can read ", options_.path,
                                 ", a backup neither"));
    }
  }
  ROICAST_RETURN_IF_ERROR(opened);
  opened_ = true;
  unsettled_ = true;
  return absl::OkStatus();
}

SqliteConnections::~SqliteConnections() {
  absl::MutexLock writer_lock(&writer_mutex_);
  const bool settled = opened_ && writer_ != nullptr && options_.may_write().ok() && CheckPlace().ok() && SettleLog();
  absl::MutexLock reader_lock(&reader_mutex_);
  if (!settled) return;
  // SQLite deletes the log, which is empty.
  writer_->KeepLogOnClose(false);
  if (reader_ != nullptr) reader_->KeepLogOnClose(false);
}

void SqliteConnections::WriteFirst(std::function<absl::Status(SqliteDatabase&)> first) {
  absl::MutexLock writer_lock(&writer_mutex_);
  write_first_ = std::move(first);
  behind_ = true;
}

absl::Status SqliteConnections::CatchUp(absl::string_view operation) {
  if (!behind()) return absl::OkStatus();
  ROICAST_RETURN_IF_ERROR(Write(operation, Settle::kNow, [](SqliteDatabase&) { return absl::OkStatus(); }));
  absl::MutexLock writer_lock(&writer_mutex_);
  absl::MutexLock reader_lock(&reader_mutex_);
  if (index_ == SqliteDatabase::LogIndex::kMemory) {
    struct statvfs disk {};
    if (::statvfs(options_.path.c_str(), &disk) != 0 || disk.f_bavail * disk.f_frsize < kBytesForSharing) {
      return absl::OkStatus();
    }
    const absl::Status shared = Reconnect(SqliteDatabase::LogIndex::kFile);
    // What cannot be opened now is opened by the next call.
    if (!shared.ok()) return Reconnect(SqliteDatabase::LogIndex::kMemory);
  }
  behind_ = false;
  return absl::OkStatus();
}

absl::Status SqliteConnections::CheckPlace() {
  if (!writer_->HasMoved()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("\"", options_.path,
                   "\" was deleted, moved or replaced while this server used it: nothing is written any more; put it "
                   "back, or stop this server, restore the newest backup and start again"));
}

bool SqliteConnections::IsFull(const absl::Status& status) { return ReasonOf(status) == v1::STORE_FULL; }

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
