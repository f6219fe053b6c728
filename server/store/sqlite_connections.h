// The two connections of a store to its database: readers do not wait for a writer. Write-ahead logging gives each
// connection its own view.
//
// What the log holds is moved into the database file after each write that a client is told of, and the log is emptied:
// whatever becomes of the log, published versions do not live in it. SQLite's own checkpoints are off. They leave the
// log as it is, and then a log that is cut or damaged would put old pages over newer ones of the file.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace roicast {

// Thread-safe but for Open.
class SqliteConnections {
 public:
  struct Options {
    std::string path;  // Of the database file.
    int64_t max_database_bytes = 0;
    absl::Duration busy_timeout;
    StoreObserver observer;
    std::function<void(const std::string& message)> warn;  // Not empty.
    std::function<absl::Status()> may_write;  // Not empty. Asked before each write; its error is the write's.
  };

  explicit SqliteConnections(Options options) : options_(std::move(options)) {}
  // Moves the log into the file if it may write, and if that can be done wholly; else the log stays.
  ~SqliteConnections();
  SqliteConnections(const SqliteConnections&) = delete;
  SqliteConnections& operator=(const SqliteConnections&) = delete;

  // `check` looks at the database before anything of it is changed; its error is Open's, and leaves the file and the
  // log as they were. Needs no room on the disk if the database is there, and of this release: then it is open to this
  // process alone. `check` may run twice.
  absl::Status Open(const std::function<absl::Status(SqliteDatabase&)>& check);

  // What has to be written before anything else: a part of each transaction until one is kept. Before other threads.
  void WriteFirst(std::function<absl::Status(SqliteDatabase&)> first);
  // Whether CatchUp has something to do: what has to be written first, or the database is open to this process alone.
  bool behind() const { return behind_.load(std::memory_order_relaxed); }
  // Does it as far as there is room. ResourceExhausted: there is none to write.
  absl::Status CatchUp(absl::string_view operation);

  template <typename F>
  auto Read(absl::string_view operation, F&& run) const {
    return Observed(operation, [&] { return ReadAsPart(run); });
  }
  // As part of an operation that is observed as a whole.
  template <typename F>
  std::invoke_result_t<F&, SqliteDatabase&> ReadAsPart(F&& run) const {
    absl::MutexLock lock(&reader_mutex_);
    ROICAST_RETURN_IF_ERROR(ConnectIfClosed(reader_));
    return run(*reader_);
  }

  // Whether a write has to be in the database file before it returns.
  enum class Settle { kNow, kLater };

  // Runs in a transaction that is kept when `run` succeeds; `run` may run twice. `then`, with its result, before
  // another write begins.
  template <typename F, typename G>
  auto Write(absl::string_view operation, Settle settle, F&& run, G&& then) {
    using Result = decltype(run(std::declval<SqliteDatabase&>()));
    return Observed(operation, [&]() -> Result {
      absl::MutexLock lock(&writer_mutex_);
      ROICAST_RETURN_IF_ERROR(options_.may_write());
      ROICAST_RETURN_IF_ERROR(ConnectIfClosed(writer_));
      ROICAST_RETURN_IF_ERROR(CheckPlace());
      if (settle == Settle::kNow) ROICAST_RETURN_IF_ERROR(CheckSettling());
      Result result = InTransaction(run);
      // A log that may not grow, and one on a full disk, may still be emptied.
      if (IsFull(StatusOf(result)) && SettleLog()) result = InTransaction(run);
      // It has grown by what was refused, and others need the room.
      if (IsFull(StatusOf(result))) SettleLog();
      if (!result.ok()) return result;
      if (settle == Settle::kNow) unsettled_ = true;
      if (unsettled_ || LogIsLong()) SettleLog();
      then(result);
      return result;
    });
  }
  template <typename F>
  auto Write(absl::string_view operation, Settle settle, F&& run) {
    return Write(operation, settle, std::forward<F>(run), [](const auto&) {});
  }

  template <typename F>
  auto Observed(absl::string_view operation, F&& run) const {
    const auto begin = std::chrono::steady_clock::now();
    auto result = run();
    if (options_.observer) {
      options_.observer(operation, StatusOf(result).code(), absl::FromChrono(std::chrono::steady_clock::now() - begin));
    }
    return result;
  }

 private:
  static const absl::Status& StatusOf(const absl::Status& status) { return status; }
  template <typename T>
  static const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }

  template <typename F>
  std::invoke_result_t<F&, SqliteDatabase&> InTransaction(F&& run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_) {
    ROICAST_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_));
    if (write_first_) ROICAST_RETURN_IF_ERROR(write_first_(*writer_));
    auto result = run(*writer_);
    if (!result.ok()) return result;
    ROICAST_RETURN_IF_ERROR(transaction.Commit());
    write_first_ = nullptr;
    return result;
  }

  absl::StatusOr<std::unique_ptr<SqliteDatabase>> Connect() const;
  absl::Status Prepare(SqliteDatabase& database) const;
  // One of the two, after Reconnect could not open it.
  absl::Status ConnectIfClosed(std::unique_ptr<SqliteDatabase>& connection) const;
  absl::Status ConnectFirst(const std::function<absl::Status(SqliteDatabase&)>& check)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_, reader_mutex_);
  // Both, with an index of this kind: no connection of the other kind may be open meanwhile.
  absl::Status Reconnect(SqliteDatabase::LogIndex index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_, reader_mutex_);
  // FailedPrecondition: the file was deleted or moved, and what is written to it would be lost.
  absl::Status CheckPlace() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  // The disk, a limit of the process or of the database's size was met; not a limit of the store's own.
  static bool IsFull(const absl::Status& status);
  // Many progress reports have come since the last write that was settled.
  bool LogIsLong() const;
  // Moves the log into the file and empties it. False: something is in the way, such as a backup that reads. The next
  // write tries again; what was written is durable in the log. Nothing is copied unless all can be: a file with a part
  // of the log is damaged without it.
  bool SettleLog() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::StatusOr<bool> MoveAndEmptyLog() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  // After a log could not be moved: tries again. An error, not that somebody reads, is what a write is refused with.
  absl::Status CheckSettling() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);

  const Options options_;
  mutable absl::Mutex writer_mutex_ ABSL_ACQUIRED_BEFORE(reader_mutex_);
  std::unique_ptr<SqliteDatabase> writer_ ABSL_GUARDED_BY(writer_mutex_);
  bool unsettled_ ABSL_GUARDED_BY(writer_mutex_) = false;
  absl::Status settling_ ABSL_GUARDED_BY(writer_mutex_);  // Why the log could not be moved the last time.
  bool opened_ ABSL_GUARDED_BY(writer_mutex_) = false;
  std::function<absl::Status(SqliteDatabase&)> write_first_ ABSL_GUARDED_BY(writer_mutex_);
  std::atomic<bool> behind_{false};
  mutable absl::Mutex reader_mutex_;
  mutable std::unique_ptr<SqliteDatabase> reader_ ABSL_GUARDED_BY(reader_mutex_);
  // Of both connections. Written with both mutexes held, read with either.
  SqliteDatabase::LogIndex index_ = SqliteDatabase::LogIndex::kFile;
};

}  // namespace roicast
