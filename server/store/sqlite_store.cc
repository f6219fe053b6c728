#include "server/store/sqlite_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/store/dataset_files.h"
#include "server/store/file_status.h"
#include "server/store/sqlite_database.h"
#include "server/store/sqlite_jobs.h"
#include "server/store/sqlite_models.h"
#include "server/store/sqlite_schema.h"
#include "server/store/sqlite_serving.h"
#include "server/store/store_lock.h"

namespace roicast {
namespace {

absl::StatusCode CodeOf(const absl::Status& status) { return status.code(); }
template <typename T>
absl::StatusCode CodeOf(const absl::StatusOr<T>& result) {
  return result.status().code();
}

constexpr absl::string_view kDatasetColumns = "digest, display_name, size_bytes, create_time, format, reading";

absl::StatusOr<DatasetRecord> ReadDataset(const SqliteStatement& row, const DatasetFiles& files) {
  DatasetRecord dataset;
  dataset.digest = row.Bytes(0);
  dataset.display_name = row.Bytes(1);
  dataset.size_bytes = row.Int(2);
  dataset.create_time = row.Time(3).value_or(absl::UnixEpoch());
  dataset.path = files.PathOf(dataset.digest);
  ROICAST_ASSIGN_OR_RETURN(dataset.format, DecodeDatasetFormat(row.Bytes(4)));
  dataset.reading = row.Bytes(5);
  return dataset;
}

absl::StatusOr<DatasetRecord> SelectDataset(SqliteDatabase& database, const DatasetFiles& files,
                                            absl::string_view digest) {
  SqliteStatement statement =
      database.Prepare(absl::StrCat("SELECT ", kDatasetColumns, " FROM datasets WHERE digest = ?"));
  ROICAST_ASSIGN_OR_RETURN(const bool row, statement.BindText(digest).Step());
  if (!row) return DatasetNotFound(digest);
  return ReadDataset(statement, files);
}

// Readers do not wait for a writer: write-ahead logging gives each connection its own view.
struct Connection {
  mutable absl::Mutex mutex;
  std::unique_ptr<SqliteDatabase> database;
};

class SqliteStore final : public Store {
  // First, because what these return is deduced.
  absl::Time Now() const { return options_.clock->Now(); }
  absl::Status OpenConnections();
  absl::Status Recover();

  template <typename F>
  auto Observed(absl::string_view operation, F&& run) const {
    const auto begin = std::chrono::steady_clock::now();
    auto result = run();
    if (options_.observer) {
      options_.observer(operation, CodeOf(result), absl::FromChrono(std::chrono::steady_clock::now() - begin));
    }
    return result;
  }
  template <typename F>
  auto Read(absl::string_view operation, F&& run) const {
    return Observed(operation, [&] {
      absl::MutexLock lock(&reader_.mutex);
      return run(*reader_.database);
    });
  }
  // Runs in a transaction that is kept when `run` succeeds.
  template <typename F>
  auto Write(absl::string_view operation, F&& run) {
    using Result = decltype(run(std::declval<SqliteDatabase&>()));
    return Observed(operation, [&]() -> Result {
      absl::MutexLock lock(&writer_.mutex);
      ROICAST_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
      Result result = run(*writer_.database);
      if (!result.ok()) return result;
      ROICAST_RETURN_IF_ERROR(transaction.Commit());
      return result;
    });
  }

  const SqliteStoreOptions options_;
  const DatasetFiles files_;
  std::optional<StoreLock> lock_;
  // Two uploads of one content are kept one after the other: the failure of one must not take the other's file away.
  // Before the connections' mutexes.
  absl::Mutex keep_mutex_;
  Connection writer_;
  Connection reader_;

 public:
  explicit SqliteStore(const SqliteStoreOptions& options)
      : options_(options), files_(absl::StrCat(options.folder, "/datasets")) {}

  absl::Status Open();

  absl::StatusOr<ModelVersion> Publish(const PublishRequest& request) override;
  absl::StatusOr<std::vector<ModelVersion>> ListModels(absl::string_view after_model, int limit) const override {
    return Read("list_models", [&](SqliteDatabase& db) { return SelectModels(db, after_model, limit); });
  }
  absl::StatusOr<std::vector<ModelVersion>> ListVersions(absl::string_view model, int64_t before_version,
                                                         int limit) const override {
    return Read("list_versions", [&](SqliteDatabase& db) { return SelectVersions(db, model, before_version, limit); });
  }
  absl::StatusOr<ModelVersion> GetVersion(absl::string_view model, int64_t version) const override {
    return Read("get_version", [&](SqliteDatabase& db) { return SelectVersion(db, model, version); });
  }
  absl::StatusOr<std::string> ReadArtifact(absl::string_view model, int64_t version) const override {
    return Read("read_artifact", [&](SqliteDatabase& db) { return SelectArtifact(db, model, version); });
  }
  absl::Status SetLoadError(absl::string_view model, int64_t version, absl::string_view error) override {
    return Write("set_load_error", [&](SqliteDatabase& db) { return UpdateLoadError(db, model, version, error); });
  }
  absl::StatusOr<ServingStep> RecordServing(const ServingStep& step, absl::string_view left_behind) override {
    return Write("record_serving", [&](SqliteDatabase& db) { return InsertServingStep(db, step, left_behind, Now()); });
  }
  absl::Status RecordNotServing(absl::string_view model, int64_t version, absl::string_view why) override {
    return Write("record_serving", [&](SqliteDatabase& db) { return UpdateNotServing(db, model, version, why); });
  }
  absl::StatusOr<std::vector<ServingStep>> ServingSteps(absl::string_view model, int limit) const override {
    return Read("list_serving", [&](SqliteDatabase& db) { return SelectServingSteps(db, model, limit); });
  }
  absl::StatusOr<std::vector<ModelVersion>> UndecidedVersions() const override {
    return Read("list_serving", [&](SqliteDatabase& db) { return SelectUndecidedVersions(db); });
  }

  absl::StatusOr<std::unique_ptr<DatasetWriter>> NewDataset(absl::string_view display_name,
                                                            const DatasetFormat& format) override;
  absl::StatusOr<DatasetRecord> GetDataset(absl::string_view digest) const override;
  absl::Status VerifyDataset(absl::string_view digest) const override;
  absl::StatusOr<std::string> RecordReading(absl::string_view digest, absl::string_view reading) override;

  absl::StatusOr<JobRecord> CreateJob(const NewJob& job) override {
    return Write("create_job", [&](SqliteDatabase& db) { return InsertJob(db, job, Now()); });
  }
  absl::StatusOr<JobRecord> GetJob(absl::string_view id) const override {
    return Read("get_job", [&](SqliteDatabase& db) { return SelectJob(db, id); });
  }
  absl::StatusOr<JobRecord> FindJobByRequestId(absl::string_view request_id) const override {
    return Read("find_job", [&](SqliteDatabase& db) { return SelectJobByRequestId(db, request_id); });
  }
  absl::StatusOr<std::vector<JobRecord>> ListJobs(absl::string_view model, absl::string_view before_id,
                                                  int limit) const override {
    return Read("list_jobs", [&](SqliteDatabase& db) { return SelectJobs(db, model, before_id, limit); });
  }
  absl::StatusOr<std::vector<JobRecord>> JobsInState(JobState state) const override {
    return Read("list_jobs", [&](SqliteDatabase& db) { return SelectJobsInState(db, state); });
  }
  absl::StatusOr<std::vector<int64_t>> CountJobs() const override {
    return Read("count_jobs", [&](SqliteDatabase& db) { return SelectJobCounts(db); });
  }
  absl::StatusOr<JobRecord> UpdateJob(absl::string_view id, const JobUpdate& update) override {
    return Write("update_job", [&](SqliteDatabase& db) { return ChangeJob(db, id, update, Now()); });
  }
  absl::StatusOr<std::string> ReadCheckpoint(absl::string_view id) const override {
    return Read("read_checkpoint", [&](SqliteDatabase& db) { return SelectCheckpoint(db, id); });
  }

  // DatasetWriter::Finish.
  absl::StatusOr<DatasetRecord> KeepDataset(DatasetTempFile& file, const std::string& display_name,
                                            const DatasetFormat& format);
};

class SqliteDatasetWriter final : public DatasetWriter {
 public:
  SqliteDatasetWriter(SqliteStore& store, std::unique_ptr<DatasetTempFile> file, absl::string_view display_name,
                      const DatasetFormat& format)
      : store_(store), file_(std::move(file)), display_name_(display_name), format_(format) {}

  absl::Status Append(absl::string_view bytes) override { return file_->Append(bytes); }
  absl::StatusOr<DatasetRecord> Finish() override { return store_.KeepDataset(*file_, display_name_, format_); }

 private:
  SqliteStore& store_;
  const std::unique_ptr<DatasetTempFile> file_;
  const std::string display_name_;
  const DatasetFormat format_;
};

absl::Status SqliteStore::Open() {
  std::error_code error;
  const std::filesystem::file_status kind = std::filesystem::status(options_.folder, error);
  if (std::filesystem::exists(kind) && !std::filesystem::is_directory(kind)) {
    return absl::FailedPreconditionError("it is not a folder");
  }
  std::filesystem::create_directories(options_.folder, error);
  if (error) return FileStatus(error.value(), "create the folder");
  if (::access(options_.folder.c_str(), W_OK | X_OK) != 0) return FileStatus(errno, "write to the folder");
  ROICAST_ASSIGN_OR_RETURN(lock_, StoreLock::Acquire(absl::StrCat(options_.folder, "/lock")));
  ROICAST_RETURN_IF_ERROR(WithContext(OpenConnections(), "roicast.db"));
  return Recover();
}

absl::Status SqliteStore::OpenConnections() {
  const std::string path = absl::StrCat(options_.folder, "/roicast.db");
  for (Connection* connection : {&writer_, &reader_}) {
    absl::MutexLock lock(&connection->mutex);
    ROICAST_ASSIGN_OR_RETURN(connection->database, SqliteDatabase::Open(path, options_.busy_timeout));
    SqliteDatabase& database = *connection->database;
    ROICAST_RETURN_IF_ERROR(
        database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                         "PRAGMA journal_size_limit = 67108864"));
    if (options_.max_database_bytes > 0) {
      SqliteStatement page_size = database.Prepare("PRAGMA page_size");
      ROICAST_RETURN_IF_ERROR(page_size.Step().status());
      ROICAST_RETURN_IF_ERROR(database.Execute(absl::StrCat(
          "PRAGMA max_page_count = ", std::max<int64_t>(1, options_.max_database_bytes / page_size.Int(0)))));
    }
    if (connection == &writer_) ROICAST_RETURN_IF_ERROR(Migrate(database, SqliteMigrations()));
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::Recover() {
  absl::flat_hash_set<std::string> known;
  {
    absl::MutexLock lock(&reader_.mutex);
    SqliteStatement statement = reader_.database->Prepare("SELECT digest FROM datasets");
    while (true) {
      ROICAST_ASSIGN_OR_RETURN(const bool row, statement.Step());
      if (!row) break;
      known.insert(statement.Bytes(0));
    }
  }
  ROICAST_RETURN_IF_ERROR(files_.Prepare(known));
  return Write("recover", [&](SqliteDatabase& db) { return InterruptRunningJobs(db, Now()); });
}

absl::StatusOr<ModelVersion> SqliteStore::Publish(const PublishRequest& request) {
  if (request.model.empty()) return absl::InvalidArgumentError("publish: expected a model's name, got an empty one");
  if (request.artifact.empty()) return absl::InvalidArgumentError("publish: the artifact is empty");
  if (static_cast<int64_t>(request.artifact.size()) > options_.max_artifact_bytes) {
    return RequestTooLarge("artifact bytes", options_.max_artifact_bytes,
                           static_cast<int64_t>(request.artifact.size()));
  }
  const std::string digest = Sha256Hex(request.artifact);
  return Write("publish", [&](SqliteDatabase& db) -> absl::StatusOr<ModelVersion> {
    ROICAST_ASSIGN_OR_RETURN(ModelVersion version, InsertVersion(db, request, digest, Now()));
    if (!request.job_id.empty()) ROICAST_RETURN_IF_ERROR(FinishJobWithVersion(db, request, version, Now()));
    return version;
  });
}

absl::StatusOr<std::unique_ptr<DatasetWriter>> SqliteStore::NewDataset(absl::string_view display_name,
                                                                       const DatasetFormat& format) {
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<DatasetTempFile> file,
                           DatasetTempFile::Create(files_, format, options_.max_dataset_bytes));
  return std::make_unique<SqliteDatasetWriter>(*this, std::move(file), display_name, format);
}

absl::StatusOr<DatasetRecord> SqliteStore::KeepDataset(DatasetTempFile& file, const std::string& display_name,
                                                       const DatasetFormat& format) {
  if (file.size_bytes() == 0) return absl::InvalidArgumentError("dataset: expected some bytes, got none");
  const std::string digest = file.Digest();
  absl::MutexLock keep_lock(&keep_mutex_);
  absl::StatusOr<DatasetRecord> known = GetDataset(digest);
  if (known.ok()) return known;
  // The known file is missing or truncated: the new copy replaces it.
  if (!absl::IsNotFound(known.status()) && !absl::IsDataLoss(known.status())) return known.status();
  ROICAST_RETURN_IF_ERROR(file.Keep(digest));
  absl::StatusOr<DatasetRecord> kept =
      Write("create_dataset", [&](SqliteDatabase& db) -> absl::StatusOr<DatasetRecord> {
        ROICAST_RETURN_IF_ERROR(db.Prepare(absl::StrCat("INSERT INTO datasets (", kDatasetColumns,
                                                        ") VALUES (?, ?, ?, ?, ?, '') ON CONFLICT DO NOTHING"))
                                    .BindText(digest)
                                    .BindText(display_name)
                                    .BindInt(file.size_bytes())
                                    .BindTime(Now())
                                    .BindBlob(EncodeDatasetFormat(format))
                                    .Run());
        return SelectDataset(db, files_, digest);
      });
  // Nothing refers to the file, and a full disk needs its space.
  if (!kept.ok() && absl::IsNotFound(known.status())) static_cast<void>(::unlink(files_.PathOf(digest).c_str()));
  return kept;
}

absl::StatusOr<DatasetRecord> SqliteStore::GetDataset(absl::string_view digest) const {
  return Read("get_dataset", [&](SqliteDatabase& db) -> absl::StatusOr<DatasetRecord> {
    ROICAST_ASSIGN_OR_RETURN(DatasetRecord dataset, SelectDataset(db, files_, digest));
    ROICAST_RETURN_IF_ERROR(files_.Check(dataset));
    return dataset;
  });
}

absl::StatusOr<std::string> SqliteStore::RecordReading(absl::string_view digest, absl::string_view reading) {
  return Write("record_reading", [&](SqliteDatabase& db) -> absl::StatusOr<std::string> {
    ROICAST_RETURN_IF_ERROR(db.Prepare("UPDATE datasets SET reading = ? WHERE digest = ? AND length(reading) = 0")
                                .BindBlob(reading)
                                .BindText(digest)
                                .Run());
    ROICAST_ASSIGN_OR_RETURN(const DatasetRecord dataset, SelectDataset(db, files_, digest));
    return dataset.reading;
  });
}

absl::Status SqliteStore::VerifyDataset(absl::string_view digest) const {
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord dataset, GetDataset(digest));
  return Observed("verify_dataset", [&] { return files_.Verify(dataset); });
}

}  // namespace

absl::Status SqliteStoreOptions::Validate() const {
  if (folder.empty()) return absl::InvalidArgumentError("store: expected a folder, got an empty name");
  if (max_dataset_bytes <= 0) {
    return absl::InvalidArgumentError(absl::StrCat("max_dataset_bytes: expected > 0, got ", max_dataset_bytes));
  }
  constexpr int64_t kLargestArtifact = 1'000'000'000 - (1 << 20);
  if (max_artifact_bytes < 1 || max_artifact_bytes > kLargestArtifact) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_artifact_bytes: expected 1 to ", kLargestArtifact, ", got ", max_artifact_bytes));
  }
  if (max_database_bytes < 0) {
    return absl::InvalidArgumentError(absl::StrCat("max_database_bytes: expected ≥ 0, got ", max_database_bytes));
  }
  if (busy_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("busy_timeout: expected > 0, got ", absl::FormatDuration(busy_timeout)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const SqliteStoreOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  auto store = std::make_unique<SqliteStore>(options);
  ROICAST_RETURN_IF_ERROR(WithContext(store->Open(), absl::StrCat("store \"", options.folder, "\"")));
  return store;
}

}  // namespace roicast
