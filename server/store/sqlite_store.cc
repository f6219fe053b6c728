#include "server/store/sqlite_store.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/store/dataset_files.h"
#include "server/store/dataset_sweep.h"
#include "server/store/file_status.h"
#include "server/store/interrupted_jobs.h"
#include "server/store/promises.h"
#include "server/store/sqlite_connections.h"
#include "server/store/sqlite_datasets.h"
#include "server/store/sqlite_jobs.h"
#include "server/store/sqlite_models.h"
#include "server/store/sqlite_serving.h"
#include "server/store/store_lock.h"
#include "server/store/store_space.h"

namespace roicast {
namespace {

using Settle = SqliteConnections::Settle;

constexpr absl::string_view kDatabaseName = "roicast.db";
constexpr absl::string_view kLogName = "roicast.db-wal";
constexpr absl::string_view kSharedMemoryName = "roicast.db-shm";
constexpr absl::string_view kDatasetsName = "datasets";
constexpr absl::string_view kPromisesName = "promises";
// More than it takes to record whether a version serves. A version is published only if that can be recorded, too.
constexpr int64_t kBytesOfAChoice = 65536;

bool HasBytes(const std::string& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  return !error && size > 0;
}

class SqliteStore final : public Store {
  absl::Time Now() const { return options_.clock->Now(); }
  void Warn(const std::string& message) const {
    if (options_.warn) options_.warn(absl::StrCat("store \"", options_.folder, "\": ", message));
  }
  std::string PathOf(absl::string_view name) const { return absl::StrCat(options_.folder, "/", name); }

  void WarnOfPromises(const absl::Status& status) const {
    Warn(absl::StrCat(status.message(), ": the next start may not notice lost versions"));
  }
  Promises WithVersion(const ModelVersion& version) const {
    Promises promises = promises_;
    promises.last_version[version.model] = version.version;
    return promises;
  }
  Promises WithOneMoreStep() const {
    Promises promises = promises_;
    ++promises.serving_steps;
    return promises;
  }

  // The steps of Open.
  absl::Status OpenDatabase();
  // Compares what is in the database with what was promised.
  absl::Status CheckPromises(const std::optional<Promises>& promised, const Promises& found) const;
  absl::Status Recover();

  // Whether the model may have one more version of this size. ResourceExhausted.
  absl::Status CheckRoom(SqliteDatabase& database, absl::string_view model, int64_t bytes);
  // In the transaction, after all else: what will be promised is ready, so that it cannot fail for want of room.
  absl::Status Prepare(const Promises& promises) const;
  // What a client has been told is in the database file, and promised, before the call returns.
  void KeepPromises(const Promises& promises);

  const SqliteStoreOptions options_;
  const DatasetFiles files_;
  StoreSpace space_;
  std::atomic<int64_t> max_models_, max_versions_;
  std::optional<StoreLock> lock_;
  // Two uploads of one content are kept one after the other: the failure of one must not take the other's file away.
  // Before the connections' mutexes.
  absl::Mutex keep_mutex_;
  SqliteConnections connections_;
  InterruptedJobs interrupted_;  // Changed by Open alone.
  Promises promises_;            // Changed while a write is under way: one after the other.

 public:
  explicit SqliteStore(const SqliteStoreOptions& options)
      : options_(options),
        files_(PathOf(kDatasetsName)),
        space_(options.max_store_bytes, [this] { return SpaceOfFolder(files_.folder()); }),
        max_models_(options.max_models),
        max_versions_(options.max_versions),
        connections_({.path = PathOf(kDatabaseName),
                      .max_database_bytes = options.max_database_bytes,
                      .busy_timeout = options.busy_timeout,
                      .observer = options.observer,
                      .warn = [this](const std::string& message) { Warn(message); },
                      .may_write = [this] { return lock_->Check(); }}) {}

  absl::Status Open();

  absl::Status CatchUp() override {
    if (!behind()) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(connections_.CatchUp("recover"));
    if (!behind()) Warn("there is room on the disk again: what the start had to put off is done");
    return absl::OkStatus();
  }
  bool behind() const override { return connections_.behind(); }

  void SetLimits(const StoreLimits& limits) override {
    space_.SetLimit(limits.max_bytes);
    max_models_.store(limits.max_models, std::memory_order_relaxed);
    max_versions_.store(limits.max_versions, std::memory_order_relaxed);
  }

  absl::StatusOr<ModelVersion> Publish(const PublishRequest& request) override;
  absl::StatusOr<std::vector<ModelVersion>> ListModels(absl::string_view after_model, int limit) const override {
    return connections_.Read("list_models", [&](SqliteDatabase& db) { return SelectModels(db, after_model, limit); });
  }
  absl::StatusOr<std::vector<ModelVersion>> ListVersions(absl::string_view model, int64_t before_version,
                                                         int limit) const override {
    return connections_.Read("list_versions",
                             [&](SqliteDatabase& db) { return SelectVersions(db, model, before_version, limit); });
  }
  absl::StatusOr<ModelVersion> GetVersion(absl::string_view model, int64_t version) const override {
    return connections_.Read("get_version", [&](SqliteDatabase& db) { return SelectVersion(db, model, version); });
  }
  absl::StatusOr<std::string> ReadArtifact(absl::string_view model, int64_t version) const override {
    return connections_.Observed("read_artifact", [&]() -> absl::StatusOr<std::string> {
      ROICAST_ASSIGN_OR_RETURN(StoredArtifact artifact, connections_.ReadAsPart([&](SqliteDatabase& db) {
        return SelectArtifact(db, model, version);
      }));
      // Others read meanwhile: versions are loaded on several threads.
      ROICAST_RETURN_IF_ERROR(CheckArtifact(artifact, model, version));
      return std::move(artifact.bytes);
    });
  }
  absl::Status SetLoadError(absl::string_view model, int64_t version, absl::string_view error) override {
    return connections_.Write("set_load_error", Settle::kLater,
                              [&](SqliteDatabase& db) { return UpdateLoadError(db, model, version, error); });
  }
  absl::StatusOr<ServingStep> RecordServing(const ServingStep& step, absl::string_view left_behind) override {
    return connections_.Write(
        "record_serving", Settle::kNow,
        [&](SqliteDatabase& db) -> absl::StatusOr<ServingStep> {
          ROICAST_ASSIGN_OR_RETURN(ServingStep recorded, InsertServingStep(db, step, left_behind, Now()));
          ROICAST_RETURN_IF_ERROR(Prepare(WithOneMoreStep()));
          return recorded;
        },
        [&](const auto&) { KeepPromises(WithOneMoreStep()); });
  }
  absl::Status RecordNotServing(absl::string_view model, int64_t version, absl::string_view why) override {
    return connections_.Write("record_serving", Settle::kNow,
                              [&](SqliteDatabase& db) { return UpdateNotServing(db, model, version, why); });
  }
  absl::StatusOr<std::vector<ServingStep>> ServingSteps(absl::string_view model, int limit) const override {
    return connections_.Read("list_serving", [&](SqliteDatabase& db) { return SelectServingSteps(db, model, limit); });
  }
  absl::StatusOr<std::vector<ModelVersion>> UndecidedVersions() const override {
    return connections_.Read("list_serving", [&](SqliteDatabase& db) { return SelectUndecidedVersions(db); });
  }

  absl::StatusOr<std::unique_ptr<DatasetWriter>> NewDataset(absl::string_view display_name,
                                                            const DatasetFormat& format) override;
  absl::StatusOr<DatasetRecord> GetDataset(absl::string_view digest) const override;
  absl::Status VerifyDataset(absl::string_view digest, const StopCheck& stop) const override;
  absl::StatusOr<std::string> RecordReading(absl::string_view digest, absl::string_view reading) override;

  absl::StatusOr<JobRecord> CreateJob(const NewJob& job) override {
    return connections_.Write("create_job", Settle::kNow, [&](SqliteDatabase& db) -> absl::StatusOr<JobRecord> {
      // A job that could not publish in the end is not begun; one that is there already is no new one.
      const absl::Status room = CheckRoom(db, job.model, 0);
      if (!room.ok() && job.request_id.empty()) return room;
      if (!room.ok()) {
        absl::StatusOr<JobRecord> known = SelectJobByRequestId(db, job.request_id);
        return absl::IsNotFound(known.status()) ? room : known;
      }
      return InsertJob(db, job, Now());
    });
  }
  absl::StatusOr<JobRecord> GetJob(absl::string_view id) const override {
    return connections_.Read("get_job", [&](SqliteDatabase& db) { return interrupted_.Told(SelectJob(db, id)); });
  }
  absl::StatusOr<JobRecord> FindJobByRequestId(absl::string_view request_id) const override {
    return connections_.Read(
        "find_job", [&](SqliteDatabase& db) { return interrupted_.Told(SelectJobByRequestId(db, request_id)); });
  }
  absl::StatusOr<std::vector<JobRecord>> ListJobs(absl::string_view model, absl::string_view before_id,
                                                  int limit) const override {
    return connections_.Read(
        "list_jobs", [&](SqliteDatabase& db) { return interrupted_.Told(SelectJobs(db, model, before_id, limit)); });
  }
  absl::StatusOr<std::vector<JobRecord>> JobsInState(JobState state) const override {
    return connections_.Read("list_jobs", [&](SqliteDatabase& db) { return interrupted_.InState(db, state); });
  }
  absl::StatusOr<std::vector<int64_t>> CountJobs() const override {
    return connections_.Read("count_jobs", [&](SqliteDatabase& db) { return interrupted_.Counts(db); });
  }
  absl::StatusOr<JobRecord> UpdateJob(absl::string_view id, const JobUpdate& update) override {
    // Progress and checkpoints come often.
    const bool ends = update.state.has_value() && IsFinal(*update.state);
    return connections_.Write("update_job", ends ? Settle::kNow : Settle::kLater,
                              [&](SqliteDatabase& db) { return ChangeJob(db, id, update, Now()); });
  }
  absl::StatusOr<std::string> ReadCheckpoint(absl::string_view id) const override {
    return connections_.Read("read_checkpoint", [&](SqliteDatabase& db) { return SelectCheckpoint(db, id); });
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
  // SQLite would open what it cannot write, and fail at the first write without the path.
  for (const absl::string_view name : {kDatabaseName, kLogName, kSharedMemoryName, kDatasetsName}) {
    ROICAST_RETURN_IF_ERROR(CheckWritable(PathOf(name)));
  }
  ROICAST_RETURN_IF_ERROR(OpenDatabase());
  return Recover();
}

absl::Status SqliteStore::OpenDatabase() {
  absl::StatusOr<std::optional<Promises>> promised = ReadPromises(PathOf(kPromisesName));
  if (absl::IsDataLoss(promised.status())) {
    Warn(absl::StrCat(promised.status().message(), ": whether versions are missing cannot be told"));
    promised = std::optional<Promises>();
  }
  ROICAST_RETURN_IF_ERROR(promised.status());
  if (!HasBytes(PathOf(kDatabaseName))) {
    // SQLite would create the one and delete the other.
    if (HasBytes(PathOf(kLogName))) {
      return absl::FailedPreconditionError(absl::StrCat(
          kDatabaseName, " is missing, but its log ", kLogName,
          " is there: put the database back, or move the log to another folder to begin with an empty store"));
    }
    ROICAST_RETURN_IF_ERROR(CheckPromises(*promised, Promises()));
  }
  const absl::Status opened = connections_.Open([&](SqliteDatabase& database) -> absl::Status {
    ROICAST_ASSIGN_OR_RETURN(promises_, SelectPromises(database));
    return CheckPromises(*promised, promises_);
  });
  ROICAST_RETURN_IF_ERROR(WithContext(opened, kDatabaseName));
  if (promised->has_value() && !MissingOf(**promised, promises_).empty()) {
    Warn(absl::StrCat("published, and not there any more: ", MissingOf(**promised, promises_)));
    ROICAST_RETURN_IF_ERROR(connections_.Write("recover", Settle::kNow,
                                               [&](SqliteDatabase& db) { return RaiseLastVersions(db, **promised); }));
    for (const auto& [model, version] : (*promised)->last_version) {
      promises_.last_version[model] = std::max(promises_.last_version[model], version);
    }
  }
  if (*promised != promises_) {
    const absl::Status written = WritePromises(PathOf(kPromisesName), promises_);
    if (!written.ok()) WarnOfPromises(written);
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::CheckPromises(const std::optional<Promises>& promised, const Promises& found) const {
  if (!promised.has_value() || options_.accept_lost_versions) return absl::OkStatus();
  const std::string missing = MissingOf(*promised, found);
  if (missing.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "published, and not there any more: ", missing,
      ": the database is damaged, or an older one was put in its place. Put the newest backup back, or start with "
      "--accept_lost_versions true to go on without them"));
}

absl::Status SqliteStore::CheckRoom(SqliteDatabase& database, absl::string_view model, int64_t bytes) {
  ROICAST_RETURN_IF_ERROR(
      CheckVersionLimits(database, model, {.max_models = max_models_, .max_versions = max_versions_}));
  ROICAST_ASSIGN_OR_RETURN(const int64_t used, database.UsedBytes());
  space_.SetDatabase(used);
  return space_.CheckForDatabase(bytes);
}

absl::Status SqliteStore::Prepare(const Promises& promises) const {
  const absl::Status prepared = PreparePromises(PathOf(kPromisesName), promises);
  if (prepared.ok()) return prepared;
  return WithMessage(prepared, absl::StrCat(prepared.message(), ": nothing was written"));
}

void SqliteStore::KeepPromises(const Promises& promises) {
  promises_ = promises;
  const absl::Status kept = KeepPreparedPromises(PathOf(kPromisesName));
  if (!kept.ok()) WarnOfPromises(kept);
}

absl::Status SqliteStore::Recover() {
  absl::flat_hash_map<std::string, int64_t> known;
  std::vector<JobRecord> running;
  ROICAST_RETURN_IF_ERROR(connections_.ReadAsPart([&](SqliteDatabase& db) -> absl::Status {
    ROICAST_ASSIGN_OR_RETURN(running, SelectJobsInState(db, JobState::kRunning));
    ROICAST_ASSIGN_OR_RETURN(known, SelectDatasetSizes(db));
    ROICAST_ASSIGN_OR_RETURN(const int64_t used, db.UsedBytes());
    space_.SetDatabase(used);
    return absl::OkStatus();
  }));
  // First, as it makes room.
  ROICAST_ASSIGN_OR_RETURN(const DatasetSweep sweep, SweepDatasets(files_, known));
  for (const std::string& message : sweep.Messages(files_.folder())) Warn(message);
  space_.SetFiles(SpaceOfFolder(files_.folder()));
  connections_.WriteFirst([now = Now()](SqliteDatabase& db) { return InterruptRunningJobs(db, now); });
  const absl::Status recovered = connections_.CatchUp("recover");
  if (ReasonOf(recovered) != v1::STORE_FULL) return recovered;
  interrupted_.Tell(running, Now());
  Warn(absl::StrCat(recovered.message(),
                    ": until there is room, this server predicts, and refuses what has to be stored",
                    running.empty() ? "" : "; jobs that ran are told as interrupted: ", interrupted_.Ids()));
  return absl::OkStatus();
}

absl::StatusOr<ModelVersion> SqliteStore::Publish(const PublishRequest& request) {
  if (request.model.empty()) return absl::InvalidArgumentError("publish: expected a model's name, got an empty one");
  if (request.artifact.empty()) return absl::InvalidArgumentError("publish: the artifact is empty");
  if (static_cast<int64_t>(request.artifact.size()) > options_.max_artifact_bytes) {
    return RequestTooLarge("artifact bytes", options_.max_artifact_bytes,
                           static_cast<int64_t>(request.artifact.size()));
  }
  const std::string digest = Sha256Hex(request.artifact);
  return connections_.Write(
      "publish", Settle::kNow,
      [&](SqliteDatabase& db) -> absl::StatusOr<ModelVersion> {
        ROICAST_RETURN_IF_ERROR(CheckRoom(db, request.model, static_cast<int64_t>(request.artifact.size())));
        ROICAST_ASSIGN_OR_RETURN(ModelVersion version, InsertVersion(db, request, digest, Now()));
        if (!request.job_id.empty()) ROICAST_RETURN_IF_ERROR(FinishJobWithVersion(db, request, version, Now()));
        ROICAST_RETURN_IF_ERROR(db.ReserveFile(kBytesOfAChoice));
        ROICAST_RETURN_IF_ERROR(Prepare(WithVersion(version)));
        return version;
      },
      [&](const absl::StatusOr<ModelVersion>& published) { KeepPromises(WithVersion(*published)); });
}

absl::StatusOr<std::unique_ptr<DatasetWriter>> SqliteStore::NewDataset(absl::string_view display_name,
                                                                       const DatasetFormat& format) {
  ROICAST_RETURN_IF_ERROR(lock_->Check());
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<DatasetTempFile> file,
                           DatasetTempFile::Create(files_, format, options_.max_dataset_bytes, space_));
  return std::make_unique<SqliteDatasetWriter>(*this, std::move(file), display_name, format);
}

absl::StatusOr<DatasetRecord> SqliteStore::KeepDataset(DatasetTempFile& file, const std::string& display_name,
                                                       const DatasetFormat& format) {
  if (file.size_bytes() == 0) return absl::InvalidArgumentError("dataset: expected some bytes, got none");
  const std::string digest = file.Digest();
  DatasetRecord dataset;
  dataset.digest = digest;
  dataset.display_name = display_name;
  dataset.size_bytes = file.size_bytes();
  dataset.create_time = Now();
  dataset.format = format;
  ROICAST_RETURN_IF_ERROR(lock_->Check());
  absl::MutexLock keep_lock(&keep_mutex_);
  const absl::Status known =
      connections_.Read("get_dataset", [&](SqliteDatabase& db) { return SelectDataset(db, files_, digest).status(); });
  if (!known.ok() && !absl::IsNotFound(known)) return known;
  // Also of a dataset that is there: its file may be damaged, and this one is as its digest says.
  ROICAST_RETURN_IF_ERROR(file.Keep(digest));
  absl::StatusOr<DatasetRecord> kept =
      connections_.Write("create_dataset", Settle::kNow, [&](SqliteDatabase& db) -> absl::StatusOr<DatasetRecord> {
        ROICAST_RETURN_IF_ERROR(InsertDataset(db, dataset));
        return SelectDataset(db, files_, digest);
      });
  // Nothing refers to the file, and a full disk needs its space.
  if (!kept.ok() && absl::IsNotFound(known) && ::unlink(files_.PathOf(digest).c_str()) == 0) {
    space_.GiveBack(SpaceOfFile(file.size_bytes()));
  }
  return kept;
}

absl::StatusOr<DatasetRecord> SqliteStore::GetDataset(absl::string_view digest) const {
  return connections_.Read("get_dataset", [&](SqliteDatabase& db) -> absl::StatusOr<DatasetRecord> {
    ROICAST_ASSIGN_OR_RETURN(DatasetRecord dataset, SelectDataset(db, files_, digest));
    ROICAST_RETURN_IF_ERROR(files_.Check(dataset));
    return dataset;
  });
}

absl::StatusOr<std::string> SqliteStore::RecordReading(absl::string_view digest, absl::string_view reading) {
  return connections_.Write("record_reading", Settle::kNow, [&](SqliteDatabase& db) -> absl::StatusOr<std::string> {
    ROICAST_RETURN_IF_ERROR(UpdateReading(db, digest, reading));
    ROICAST_ASSIGN_OR_RETURN(const DatasetRecord dataset, SelectDataset(db, files_, digest));
    return dataset.reading;
  });
}

absl::Status SqliteStore::VerifyDataset(absl::string_view digest, const StopCheck& stop) const {
  ROICAST_ASSIGN_OR_RETURN(const DatasetRecord dataset, GetDataset(digest));
  return connections_.Observed("verify_dataset", [&] { return files_.Verify(dataset, stop); });
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
  for (const auto& [name, value] : {std::pair("max_store_bytes", max_store_bytes), std::pair("max_models", max_models),
                                    std::pair("max_versions", max_versions)}) {
    if (value < 0) return absl::InvalidArgumentError(absl::StrCat(name, ": expected ≥ 0, got ", value));
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
