#include "server/store/sqlite_schema.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {

const std::vector<std::string>& SqliteMigrations() {
  // Times are microseconds since 1970, UTC. Artifacts are apart from versions so that lists do not read them.
  // job_events was never read: step 2 drops it.
  static const std::vector<std::string>* const migrations = new std::vector<std::string>{R"sql(
    CREATE TABLE models (
      name TEXT PRIMARY KEY,
      last_version INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE versions (
      model TEXT NOT NULL REFERENCES models (name),
      version INTEGER NOT NULL,
      digest TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      publish_time INTEGER NOT NULL,
      job_id TEXT NOT NULL,
      network TEXT NOT NULL,
      holdout_r2 REAL,
      load_error TEXT NOT NULL,
      PRIMARY KEY (model, version)
    ) WITHOUT ROWID;
    CREATE TABLE artifacts (
      model TEXT NOT NULL,
      version INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      UNIQUE (model, version),
      FOREIGN KEY (model, version) REFERENCES versions (model, version) ON DELETE CASCADE
    );
    CREATE TABLE datasets (
      digest TEXT PRIMARY KEY,
      display_name TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      create_time INTEGER NOT NULL,
      format BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE jobs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      model TEXT NOT NULL,
      state INTEGER NOT NULL,
      spec BLOB NOT NULL,
      progress BLOB NOT NULL,
      report BLOB NOT NULL,
      error_code INTEGER NOT NULL,
      error_message TEXT NOT NULL,
      version INTEGER NOT NULL,
      artifact_digest TEXT NOT NULL,
      create_time INTEGER NOT NULL,
      start_time INTEGER,
      end_time INTEGER,
      request_id TEXT NOT NULL,
      resume_of TEXT NOT NULL
    );
    CREATE UNIQUE INDEX jobs_by_request ON jobs (request_id) WHERE request_id <> '';
    CREATE INDEX jobs_by_state ON jobs (state, number);
    CREATE INDEX jobs_by_model ON jobs (model, number);
    CREATE TABLE job_events (
      job INTEGER NOT NULL REFERENCES jobs (number),
      sequence INTEGER NOT NULL,
      time INTEGER NOT NULL,
      state INTEGER NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (job, sequence)
    ) WITHOUT ROWID;
    CREATE TABLE job_checkpoints (
      job INTEGER PRIMARY KEY REFERENCES jobs (number),
      bytes BLOB NOT NULL
    );
  )sql",
                                                                                         R"sql(
    ALTER TABLE versions ADD COLUMN decided INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE versions ADD COLUMN not_serving TEXT NOT NULL DEFAULT '';
    CREATE TABLE serving_steps (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      model TEXT NOT NULL REFERENCES models (name),
      version INTEGER NOT NULL,
      from_version INTEGER NOT NULL,
      time INTEGER NOT NULL,
      cause INTEGER NOT NULL,
      forced INTEGER NOT NULL,
      holds INTEGER NOT NULL,
      actor TEXT NOT NULL,
      reason TEXT NOT NULL
    );
    CREATE INDEX serving_steps_by_model ON serving_steps (model, number);
    DROP TABLE job_events;
  )sql",
                                                                                         R"sql(
    ALTER TABLE datasets ADD COLUMN reading BLOB NOT NULL DEFAULT x'';
  )sql",
                                                                                         R"sql(
    ALTER TABLE jobs ADD COLUMN error_reason INTEGER NOT NULL DEFAULT 0;
  )sql",
                                                                                         R"sql(
    ALTER TABLE versions ADD COLUMN first_metric REAL;
    ALTER TABLE versions ADD COLUMN first_metric_name TEXT NOT NULL DEFAULT '';
  )sql"};
  return *migrations;
}

namespace {

absl::StatusOr<int64_t> NumberOf(SqliteDatabase& database, absl::string_view sql) {
  SqliteStatement statement = database.Prepare(sql);
  ROICAST_RETURN_IF_ERROR(statement.Step().status());
  return statement.Int(0);
}

absl::Status CheckVersion(int64_t version, int64_t newest) {
  if (version >= 0 && version <= newest) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the store has schema version ", version,
                                                    ", but this release knows versions up to ", newest,
                                                    " only: use the release that wrote it, or a newer one"));
}

}  // namespace

absl::Status CheckSchema(SqliteDatabase& database) {
  ROICAST_ASSIGN_OR_RETURN(const int64_t version, NumberOf(database, "PRAGMA user_version"));
  ROICAST_RETURN_IF_ERROR(CheckVersion(version, static_cast<int64_t>(SqliteMigrations().size())));
  ROICAST_ASSIGN_OR_RETURN(const int64_t tables, NumberOf(database, "SELECT COUNT(*) FROM sqlite_master"));
  ROICAST_ASSIGN_OR_RETURN(
      const int64_t own,
      NumberOf(database, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('models', 'versions')"));
  if (version == 0 ? tables == 0 : own == 2) return absl::OkStatus();
  return absl::FailedPreconditionError("it is a database of another program: give the store another folder");
}

absl::Status Migrate(SqliteDatabase& database, absl::Span<const std::string> migrations) {
  ROICAST_ASSIGN_OR_RETURN(int64_t version, NumberOf(database, "PRAGMA user_version"));
  const int64_t newest = static_cast<int64_t>(migrations.size());
  ROICAST_RETURN_IF_ERROR(CheckVersion(version, newest));
  for (; version < newest; ++version) {
    ROICAST_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(database));
    const absl::Status done = database.Execute(
        absl::StrCat(migrations[static_cast<size_t>(version)], ";PRAGMA user_version = ", version + 1));
    ROICAST_RETURN_IF_ERROR(
        WithContext(done, absl::StrCat("migration from schema version ", version, " to ", version + 1)));
    ROICAST_RETURN_IF_ERROR(transaction.Commit());
  }
  return absl::OkStatus();
}

}  // namespace roicast
