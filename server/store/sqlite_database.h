// A connection to an SQLite file, its statements and transactions, with absl::Status for errors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace roicast {

// One prepared statement. Bind parameters (numbered from 1) in order, then Step through the rows. A statement that
// failed to prepare, bind or step keeps its first error, and Step returns it.
// Not thread-safe; must not outlive its database.
class SqliteStatement {
 public:
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  SqliteStatement& BindInt(int64_t value);
  SqliteStatement& BindText(absl::string_view value);
  SqliteStatement& BindBlob(absl::string_view value);
  // NaN is stored as NULL.
  SqliteStatement& BindDouble(double value);
  // Microseconds since 1970; unset is stored as NULL.
  SqliteStatement& BindTime(std::optional<absl::Time> value);

  // True: there is a row. False: done.
  absl::StatusOr<bool> Step();
  // Steps a statement that gives no rows.
  absl::Status Run();

  // Columns of the current row, numbered from 0.
  int64_t Int(int column) const;
  // Text or blob, copied.
  std::string Bytes(int column) const;
  // NULL is NaN.
  double Double(int column) const;
  std::optional<absl::Time> Time(int column) const;

 private:
  friend class SqliteDatabase;
  explicit SqliteStatement(sqlite3* database) : database_(database) {}
  void Keep(int code);

  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  int next_parameter_ = 1;
  absl::Status error_;
};

// Not thread-safe: one connection per mutex.
class SqliteDatabase {
 public:
  // Where the index of the write-ahead log lives.
  enum class LogIndex {
    kFile,    // In <path>-shm, which takes 32 KiB of the disk, even to read. Other processes can use the database.
    kMemory,  // In this process, whose connections have the database to themselves.
  };

  // Creates the file if it is missing. All connections of the process have the same kind of index. DataLoss: not an
  // SQLite file, or damaged.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path, absl::Duration busy_timeout,
                                                              LogIndex index = LogIndex::kFile);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // Any number of statements without parameters; rows are ignored.
  absl::Status Execute(const std::string& sql);
  SqliteStatement Prepare(absl::string_view sql);
  int64_t LastInsertRowId() const;
  // Rows that the last statement changed.
  int64_t Changes() const;

  // Of the pages in use, this transaction's own included; pages that deletions freed are not.
  absl::StatusOr<int64_t> UsedBytes();

  // Whether the file that is open is not the one at its path any more.
  bool HasMoved();

  // Of all pages, this transaction's own included: what the file has once the log is moved into it.
  absl::StatusOr<int64_t> ContentBytes();
  // Of the file itself, which may be larger or smaller.
  absl::StatusOr<int64_t> FileBytes();
  // Takes the room in the file for all that is in the log and in this transaction, so that moving the log cannot fail
  // for want of room; and for more_bytes that come in pages next. ResourceExhausted: the disk is full or a limit met;
  // the file is as it was.
  absl::Status ReserveFile(int64_t more_bytes = 0);
  // Gives room back beyond so many bytes, which must not be less than the content.
  absl::Status ShrinkFile(int64_t bytes);
  // Whether any connection, of this process or another, reads the log now.
  bool OthersRead();

  // Copies the write-ahead log into the file, as far as nobody reads older pages, and syncs the file. Always true.
  absl::StatusOr<bool> MoveLog();
  // The same, and truncates the log to nothing. False: another connection reads it. Does not wait for that one.
  absl::StatusOr<bool> EmptyLog();
  // Whether the log stays when this is the last connection and closes; else it is moved into the file and deleted.
  void KeepLogOnClose(bool keep);

 private:
  SqliteDatabase(sqlite3* database, absl::Duration busy_timeout) : database_(database), busy_timeout_(busy_timeout) {}
  absl::StatusOr<bool> Checkpoint(int mode);
  // Of as many pages as a pragma tells.
  absl::StatusOr<int64_t> PagesBytes(absl::string_view pragma);

  sqlite3* const database_;
  const absl::Duration busy_timeout_;
};

// BEGIN IMMEDIATE … COMMIT; rolls back when destroyed without Commit. What is committed has its room in the file.
class SqliteTransaction {
 public:
  static absl::StatusOr<SqliteTransaction> Begin(SqliteDatabase& database);
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();
  absl::Status Commit();

 private:
  explicit SqliteTransaction(SqliteDatabase* database) : database_(database) {}

  SqliteDatabase* database_;
  int64_t file_bytes_before_ = 0;
};

}  // namespace roicast
