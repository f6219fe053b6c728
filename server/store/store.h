// Where models, versions, datasets and training jobs live. One server at a time owns a store.
//
// Job specs, progress and reports are opaque bytes to the store (server/training stores serialized roicast.v1
// messages).
//
// Errors of every method, besides those listed with it: ResourceExhausted (the disk or the store's quota is full;
// nothing was written and the store stays usable), DataLoss (the stored data is corrupted), Aborted (the
// store stayed busy), Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/stop_check.h"

namespace roicast {

// Of a job's spec. Older releases took larger ones.
inline constexpr int64_t kMaxSpecBytes = int64_t{1} << 20;
// Of the jobs that are read at once for a list.
inline constexpr int64_t kMaxListBytes = int64_t{8} << 20;

// Called after each operation. `operation` is one of a closed set of names, such as "publish". Called on the
// caller's thread; must be thread-safe and must not call the store.
using StoreObserver =
    std::function<void(absl::string_view operation, absl::StatusCode outcome, absl::Duration latency)>;

// A published version, without its artifact.
struct ModelVersion {
  std::string model;
  int64_t version = 0;     // From 1; never reused, not even after a deletion.
  std::string digest;      // SHA-256 of the artifact file, 64 lower-case hexadecimal digits.
  int64_t size_bytes = 0;  // Size of the artifact file.
  absl::Time publish_time;
  std::string job_id;     // Empty for imports.
  std::string network;    // For lists, such as "36 → 32 SiLU → 1".
  double holdout_r2 = 0;  // For lists, on the transformed scale; NaN if nothing was held out.
  // For lists: R² in the target's own unit, or the AUC, on rows that were not learnt from; NaN: there were none.
  double first_metric = std::numeric_limits<double>::quiet_NaN();
  std::string first_metric_name;  // "R²" or "AUC"; empty: published before it was recorded.
  std::string load_error;         // Why it cannot be served; empty if it can, or was never tried.
  // Whether it serves was decided. False between its publication and the decision, and after a crash in between.
  bool decided = false;
  // Why it was not to serve, or was to serve no longer; kUndecided while that is open. Empty: it serves, or did until
  // another version took over.
  std::string not_serving;
};

inline constexpr char kUndecided[] =
    "it is not decided yet whether it serves; the server decides it once it can, at the latest when it starts again";

// Why a version began to serve. The database stores the numbers.
enum class ServingCause {
  kRule = 1,     // By itself, when it was published.
  kHand = 2,     // A person wanted it.
  kUpgrade = 3,  // It served before this was recorded.
};

// A recorded change of the version that serves. The last one of a model is what has to serve.
struct ServingStep {
  std::string model;
  int64_t version = 0;
  int64_t from_version = 0;  // The one that was recorded before; 0: none. Filled in by the store.
  absl::Time time;           // Filled in by the store.
  ServingCause cause = ServingCause::kRule;
  bool forced = false;  // The rule would have refused it.
  bool holds = false;   // Newer versions do not take over by themselves.
  std::string actor;    // The job, or the address of the client, that caused it. May be empty.
  std::string reason;   // For people. May be empty.
};

// A request to store the next version of a model.
struct PublishRequest {
  std::string model;     // Required.
  std::string artifact;  // The artifact file. Required.
  std::string network;
  double holdout_r2 = 0;
  double first_metric = std::numeric_limits<double>::quiet_NaN();
  std::string first_metric_name;
  // The RUNNING job that made it: the same transaction turns it to SUCCEEDED and drops its checkpoint. Empty: an
  // import.
  std::string job_id;
  std::string job_progress;
  std::string job_report;
};

// What the uploader says about a dataset's file. What is unset is detected.
struct DatasetFormat {
  char delimiter = '\0';  // '\0': detected.
  bool no_header = false;
  std::vector<std::string> missing_values;  // Empty: the defaults of the reader.
  std::string more;                         // Opaque: what else is said. Empty: nothing.

  friend bool operator==(const DatasetFormat&, const DatasetFormat&) = default;
};

// A stored table.
struct DatasetRecord {
  std::string digest;  // SHA-256 of format and content, 64 lower-case hexadecimal digits.
  std::string display_name;
  int64_t size_bytes = 0;
  absl::Time create_time;  // When it was first stored.
  DatasetFormat format;
  std::string reading;  // Opaque: how it was read first; empty until RecordReading.
  std::string path;     // The file. Immutable.
};

// Writes a dataset piece by piece, in constant memory. Destroying it before Finish discards the dataset.
// Not thread-safe. Must not outlive its store.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;
  // ResourceExhausted past the size limit: the message has the limit. After an error, only destroy the writer.
  virtual absl::Status Append(absl::string_view bytes) = 0;
  // Makes it durable and known. If the same content in the same format is stored already, returns that record.
  // InvalidArgument if nothing was appended. Call at most once.
  virtual absl::StatusOr<DatasetRecord> Finish() = 0;
};

// The database stores the numbers.
enum class JobState { kQueued = 1, kRunning = 2, kSucceeded = 3, kFailed = 4, kCancelled = 5, kInterrupted = 6 };
inline constexpr JobState kAllJobStates[] = {JobState::kQueued, JobState::kRunning,   JobState::kSucceeded,
                                             JobState::kFailed, JobState::kCancelled, JobState::kInterrupted};
// "queued", "running" …
absl::string_view JobStateName(JobState state);
// True if the job will not change any more.
bool IsFinal(JobState state);

struct JobRecord {
  std::string id;  // Such as "job-000017"; ordered by creation.
  std::string model;
  JobState state = JobState::kQueued;
  std::string spec;      // Opaque.
  std::string progress;  // Opaque; the last one written.
  std::string report;    // Opaque; left out of lists.
  absl::Status error;    // FAILED, INTERRUPTED: why.
  int64_t version = 0;   // SUCCEEDED: what it published.
  std::string artifact_digest;
  std::string not_serving;  // SUCCEEDED: that version's.
  absl::Time create_time;
  std::optional<absl::Time> start_time;
  std::optional<absl::Time> end_time;
  std::string request_id;
  std::string resume_of;        // The job whose checkpoint it began with.
  bool has_checkpoint = false;  // A checkpoint is stored.
};

struct NewJob {
  std::string model;
  std::string spec;
  // Not empty: a second job with the same request_id is not created; the first one is returned.
  std::string request_id;
  // Not empty: the checkpoint of this job is copied to the new one.
  std::string resume_of;
};

// Changes to a job. Unset fields stay as they are.
struct JobUpdate {
  std::optional<JobState> expected_state;  // Aborted, with nothing written, if the job is in another state.
  std::optional<JobState> state;           // Written with start_time or end_time.
  std::optional<absl::Time> end_time;      // Of a final state that is written later than it was reached; else now.
  std::optional<std::string> progress;
  std::optional<absl::Status> error;
  std::optional<std::string> checkpoint;  // Empty: the checkpoint is dropped.
};

// What a store may hold; 0: no limit.
struct StoreLimits {
  int64_t max_bytes = 0;     // Database, datasets and uploads under way together.
  int64_t max_models = 0;    // That have versions.
  int64_t max_versions = 0;  // Of each model.
};

// Thread-safe. Each method is one transaction.
class Store {
 public:
  virtual ~Store() = default;

  // From the next upload, publication or job on. What is there stays. Nothing is written.
  virtual void SetLimits(const StoreLimits& limits) = 0;

  // Whether a full disk has kept the start from something that it does as soon as there is room: in CatchUp, or before
  // the next write. Never waits.
  virtual bool behind() const = 0;
  // Nothing if the start is not behind. ResourceExhausted: there is still no room.
  virtual absl::Status CatchUp() = 0;

  // --- models
  // Stores the artifact as the model's next version. InvalidArgument: empty model or artifact. ResourceExhausted:
  // artifact over the size limit. FailedPrecondition: the job is no longer RUNNING.
  virtual absl::StatusOr<ModelVersion> Publish(const PublishRequest& request) = 0;
  // The newest version of each model, by name, names > after_model.
  virtual absl::StatusOr<std::vector<ModelVersion>> ListModels(absl::string_view after_model, int limit) const = 0;
  // Versions of a model, newest first, versions < before_version (0: from the newest). NotFound: no such model.
  virtual absl::StatusOr<std::vector<ModelVersion>> ListVersions(absl::string_view model, int64_t before_version,
                                                                 int limit) const = 0;
  // version 0: the newest. NotFound.
  virtual absl::StatusOr<ModelVersion> GetVersion(absl::string_view model, int64_t version) const = 0;
  // The artifact file. NotFound; DataLoss if its digest is not the published one.
  virtual absl::StatusOr<std::string> ReadArtifact(absl::string_view model, int64_t version) const = 0;
  // Records why a version cannot be served; empty: it can. NotFound.
  virtual absl::Status SetLoadError(absl::string_view model, int64_t version, absl::string_view error) = 0;

  // --- which version serves
  // Appends the step, with from_version and time, and clears the version's not_serving. left_behind, unless empty:
  // becomes the not_serving of from_version. NotFound: the version.
  virtual absl::StatusOr<ServingStep> RecordServing(const ServingStep& step, absl::string_view left_behind) = 0;
  // Records why a version does not start to serve (not empty). NotFound: the version.
  virtual absl::Status RecordNotServing(absl::string_view model, int64_t version, absl::string_view why) = 0;
  // The model's last steps, newest first; none if nothing ever served.
  virtual absl::StatusOr<std::vector<ServingStep>> ServingSteps(absl::string_view model, int limit) const = 0;
  // Versions of all models of which it was not decided whether they serve, by model, oldest first.
  virtual absl::StatusOr<std::vector<ModelVersion>> UndecidedVersions() const = 0;

  // --- datasets
  virtual absl::StatusOr<std::unique_ptr<DatasetWriter>> NewDataset(absl::string_view display_name,
                                                                    const DatasetFormat& format) = 0;
  // NotFound; DataLoss if the file is missing or has another size.
  virtual absl::StatusOr<DatasetRecord> GetDataset(absl::string_view digest) const = 0;
  // Reads the whole file and compares its digest. NotFound, DataLoss.
  virtual absl::Status VerifyDataset(absl::string_view digest, const StopCheck& stop = nullptr) const = 0;

  // Records how the dataset is read, unless that is recorded already; returns what is recorded then. NotFound.
  virtual absl::StatusOr<std::string> RecordReading(absl::string_view digest, absl::string_view reading) = 0;

  // --- jobs
  // QUEUED; or the first job with the same request_id, as it is. NotFound: resume_of is unknown. FailedPrecondition:
  // resume_of has no checkpoint.
  virtual absl::StatusOr<JobRecord> CreateJob(const NewJob& job) = 0;
  // NotFound.
  virtual absl::StatusOr<JobRecord> GetJob(absl::string_view id) const = 0;
  // The job with this request_id (not empty). NotFound.
  virtual absl::StatusOr<JobRecord> FindJobByRequestId(absl::string_view request_id) const = 0;
  // Newest first, of one model (empty: all), older than before_id (empty: from the newest). Reports are left out, and
  // specs of more than kMaxSpecBytes. Fewer than `limit` if their specs and progress have more than kMaxListBytes: then
  // the last one is that which passes it. InvalidArgument: before_id is not a job id.
  virtual absl::StatusOr<std::vector<JobRecord>> ListJobs(absl::string_view model, absl::string_view before_id,
                                                          int limit) const = 0;
  // Oldest first, all of them. Reports are left out, and specs of more than kMaxSpecBytes.
  virtual absl::StatusOr<std::vector<JobRecord>> JobsInState(JobState state) const = 0;
  // How many jobs are in each state, in the order of kAllJobStates.
  virtual absl::StatusOr<std::vector<int64_t>> CountJobs() const = 0;
  // The job after it. NotFound, Aborted.
  virtual absl::StatusOr<JobRecord> UpdateJob(absl::string_view id, const JobUpdate& update) = 0;
  // NotFound: no such job, or it has no checkpoint.
  virtual absl::StatusOr<std::string> ReadCheckpoint(absl::string_view id) const = 0;
};

}  // namespace roicast
