#include "server/store/sqlite_jobs.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Between the spec and the report.
constexpr absl::string_view kJobColumns =
    "progress, error_code, error_message, version, artifact_digest, create_time, "
    "start_time, end_time, request_id, resume_of, error_reason, "
    "EXISTS (SELECT 1 FROM job_checkpoints WHERE job = number), "
    "EXISTS (SELECT 1 FROM versions AS v WHERE v.model = jobs.model AND v.version = jobs.version AND decided = 0), "
    "(SELECT not_serving FROM versions AS v WHERE v.model = jobs.model AND v.version = jobs.version), ";

// For one job.
std::string WholeJob() { return absl::StrCat("number, model, state, spec, ", kJobColumns, "report"); }

// For lists, which do not read what is large.
std::string ListedJob() {
  return absl::StrCat("number, model, state, CASE WHEN length(spec) > ", kMaxSpecBytes, " THEN x'' ELSE spec END, ",
                      kJobColumns, "''");
}

std::string JobId(int64_t number) { return absl::StrFormat("job-%06d", number); }

absl::StatusOr<int64_t> JobNumber(absl::string_view id) {
  absl::string_view digits = id;
  int64_t number = 0;
  if (!absl::ConsumePrefix(&digits, "job-") || !absl::SimpleAtoi(digits, &number) || JobId(number) != id) {
    return absl::InvalidArgumentError(absl::StrCat("expected a job id such as \"job-000017\", got \"", id, "\""));
  }
  return number;
}

JobRecord ReadJob(const SqliteStatement& row) {
  JobRecord job;
  job.id = JobId(row.Int(0));
  job.model = row.Bytes(1);
  job.state = static_cast<JobState>(row.Int(2));
  job.spec = row.Bytes(3);
  job.progress = row.Bytes(4);
  job.error = absl::Status(static_cast<absl::StatusCode>(row.Int(5)), row.Bytes(6));
  const auto reason = static_cast<v1::ErrorReason>(row.Int(14));
  if (reason != v1::ERROR_REASON_UNSPECIFIED) job.error = WithReason(std::move(job.error), reason, {});
  job.version = row.Int(7);
  job.artifact_digest = row.Bytes(8);
  job.create_time = row.Time(9).value_or(absl::UnixEpoch());
  job.start_time = row.Time(10);
  job.end_time = row.Time(11);
  job.request_id = row.Bytes(12);
  job.resume_of = row.Bytes(13);
  job.has_checkpoint = row.Int(15) != 0;
  job.not_serving = row.Int(16) != 0 ? kUndecided : row.Bytes(17);
  job.report = row.Bytes(18);
  return job;
}

// Ends with the job with which they have more than max_bytes.
absl::StatusOr<std::vector<JobRecord>> ReadJobs(SqliteStatement& statement,
                                                int64_t max_bytes = std::numeric_limits<int64_t>::max()) {
  std::vector<JobRecord> jobs;
  int64_t bytes = 0;
  while (bytes <= max_bytes) {
    ROICAST_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) break;
    jobs.push_back(ReadJob(statement));
    bytes += static_cast<int64_t>(jobs.back().spec.size() + jobs.back().progress.size());
  }
  return jobs;
}

absl::StatusOr<std::optional<JobRecord>> FindJob(SqliteDatabase& database, int64_t number) {
  SqliteStatement statement = database.Prepare(absl::StrCat("SELECT ", WholeJob(), " FROM jobs WHERE number = ?"));
  ROICAST_ASSIGN_OR_RETURN(const bool row, statement.BindInt(number).Step());
  if (!row) return std::optional<JobRecord>();
  return std::make_optional(ReadJob(statement));
}

absl::Status WriteCheckpoint(SqliteDatabase& database, int64_t number, absl::string_view bytes) {
  if (bytes.empty()) return database.Prepare("DELETE FROM job_checkpoints WHERE job = ?").BindInt(number).Run();
  return database.Prepare("INSERT OR REPLACE INTO job_checkpoints (job, bytes) VALUES (?, ?)")
      .BindInt(number)
      .BindBlob(bytes)
      .Run();
}

// Writes all that can change.
absl::Status WriteJob(SqliteDatabase& database, int64_t number, const JobRecord& job) {
  return database
      .Prepare(
          "UPDATE jobs SET state = ?, progress = ?, report = ?, error_code = ?, error_message = ?, error_reason = ?, "
          "version = ?, artifact_digest = ?, start_time = ?, end_time = ? WHERE number = ?")
      .BindInt(static_cast<int64_t>(job.state))
      .BindBlob(job.progress)
      .BindBlob(job.report)
      .BindInt(static_cast<int64_t>(job.error.code()))
      .BindText(job.error.message())
      .BindInt(ReasonOf(job.error))
      .BindInt(job.version)
      .BindText(job.artifact_digest)
      .BindTime(job.start_time)
      .BindTime(job.end_time)
      .BindInt(number)
      .Run();
}

// The clock may have gone back meanwhile: no job starts before it was created, or ends before it started.
void Enter(JobRecord& job, JobState state, absl::Time now) {
  job.state = state;
  if (state == JobState::kRunning) job.start_time = std::max(now, job.create_time);
  if (IsFinal(state)) job.end_time = std::max(now, job.start_time.value_or(job.create_time));
}

}  // namespace

absl::StatusOr<JobRecord> InsertJob(SqliteDatabase& database, const NewJob& job, absl::Time now) {
  if (!job.request_id.empty()) {
    absl::StatusOr<JobRecord> known = SelectJobByRequestId(database, job.request_id);
    if (!absl::IsNotFound(known.status())) return known;
  }
  std::string checkpoint;
  if (!job.resume_of.empty()) {
    absl::StatusOr<std::string> stored = SelectCheckpoint(database, job.resume_of);
    if (absl::IsNotFound(stored.status())) {
      ROICAST_RETURN_IF_ERROR(SelectJob(database, job.resume_of).status());
      return JobNotResumable(job.resume_of, "it has no checkpoint");
    }
    ROICAST_ASSIGN_OR_RETURN(checkpoint, std::move(stored));
  }
  ROICAST_RETURN_IF_ERROR(
      database
          .Prepare(
              "INSERT INTO jobs (model, state, spec, progress, report, error_code, error_message, version, "
              "artifact_digest, create_time, request_id, resume_of) VALUES (?, ?, ?, x'', x'', 0, '', 0, '', ?, ?, ?)")
          .BindText(job.model)
          .BindInt(static_cast<int64_t>(JobState::kQueued))
          .BindBlob(job.spec)
          .BindTime(now)
          .BindText(job.request_id)
          .BindText(job.resume_of)
          .Run());
  const int64_t number = database.LastInsertRowId();
  if (!checkpoint.empty()) ROICAST_RETURN_IF_ERROR(WriteCheckpoint(database, number, checkpoint));
  return SelectJob(database, JobId(number));
}

absl::StatusOr<JobRecord> SelectJob(SqliteDatabase& database, absl::string_view id) {
  const absl::StatusOr<int64_t> number = JobNumber(id);
  if (!number.ok()) return JobNotFound(id);
  ROICAST_ASSIGN_OR_RETURN(std::optional<JobRecord> job, FindJob(database, *number));
  if (!job.has_value()) return JobNotFound(id);
  return *std::move(job);
}

absl::StatusOr<JobRecord> SelectJobByRequestId(SqliteDatabase& database, absl::string_view request_id) {
  SqliteStatement statement =
      database.Prepare(absl::StrCat("SELECT ", WholeJob(), " FROM jobs WHERE request_id = ? AND request_id <> ''"));
  ROICAST_ASSIGN_OR_RETURN(const bool row, statement.BindText(request_id).Step());
  if (!row) return absl::NotFoundError(absl::StrCat("there is no job with request_id \"", request_id, "\""));
  return ReadJob(statement);
}

absl::StatusOr<std::vector<JobRecord>> SelectJobs(SqliteDatabase& database, absl::string_view model,
                                                  absl::string_view before_id, int limit) {
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!before_id.empty()) {
    ROICAST_ASSIGN_OR_RETURN(before, JobNumber(before_id));
  }
  SqliteStatement statement =
      database.Prepare(absl::StrCat("SELECT ", ListedJob(), " FROM jobs WHERE number < ?",
                                    model.empty() ? "" : " AND model = ?", " ORDER BY number DESC LIMIT ?"));
  statement.BindInt(before);
  if (!model.empty()) statement.BindText(model);
  statement.BindInt(limit);
  return ReadJobs(statement, kMaxListBytes);
}

absl::StatusOr<std::vector<JobRecord>> SelectJobsInState(SqliteDatabase& database, JobState state) {
  SqliteStatement statement =
      database.Prepare(absl::StrCat("SELECT ", ListedJob(), " FROM jobs WHERE state = ? ORDER BY number"));
  statement.BindInt(static_cast<int64_t>(state));
  return ReadJobs(statement);
}

absl::StatusOr<std::vector<int64_t>> SelectJobCounts(SqliteDatabase& database) {
  std::vector<int64_t> counts;
  for (const JobState state : kAllJobStates) {
    SqliteStatement statement = database.Prepare("SELECT COUNT(*) FROM jobs WHERE state = ?");
    ROICAST_RETURN_IF_ERROR(statement.BindInt(static_cast<int64_t>(state)).Step().status());
    counts.push_back(statement.Int(0));
  }
  return counts;
}

absl::StatusOr<JobRecord> ChangeJob(SqliteDatabase& database, absl::string_view id, const JobUpdate& update,
                                    absl::Time now) {
  ROICAST_ASSIGN_OR_RETURN(JobRecord job, SelectJob(database, id));
  ROICAST_ASSIGN_OR_RETURN(const int64_t number, JobNumber(id));
  if (update.expected_state.has_value() && job.state != *update.expected_state) {
    return absl::AbortedError(absl::StrCat("job \"", id, "\": expected to be ", JobStateName(*update.expected_state),
                                           ", is ", JobStateName(job.state)));
  }
  if (update.state.has_value()) Enter(job, *update.state, update.end_time.value_or(now));
  if (update.progress.has_value()) job.progress = *update.progress;
  if (update.error.has_value()) job.error = *update.error;
  ROICAST_RETURN_IF_ERROR(WriteJob(database, number, job));
  if (update.checkpoint.has_value()) ROICAST_RETURN_IF_ERROR(WriteCheckpoint(database, number, *update.checkpoint));
  return SelectJob(database, id);
}

absl::Status FinishJobWithVersion(SqliteDatabase& database, const PublishRequest& request, const ModelVersion& version,
                                  absl::Time now) {
  ROICAST_ASSIGN_OR_RETURN(JobRecord job, SelectJob(database, request.job_id));
  ROICAST_ASSIGN_OR_RETURN(const int64_t number, JobNumber(request.job_id));
  if (job.state != JobState::kRunning) {
    return absl::FailedPreconditionError(
        absl::StrCat("job \"", job.id, "\" is ", JobStateName(job.state), ": only a running job can publish"));
  }
  Enter(job, JobState::kSucceeded, now);
  job.progress = request.job_progress;
  job.report = request.job_report;
  job.version = version.version;
  job.artifact_digest = version.digest;
  ROICAST_RETURN_IF_ERROR(WriteJob(database, number, job));
  return WriteCheckpoint(database, number, "");
}

void Interrupt(JobRecord& job, absl::Time now) {
  Enter(job, JobState::kInterrupted, now);
  job.error =
      WithReason(absl::AbortedError("the server stopped while the job ran, or before it could store how the job ended"),
                 v1::TRAINING_INTERRUPTED, {});
}

absl::Status InterruptRunningJobs(SqliteDatabase& database, absl::Time now) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<JobRecord> running, SelectJobsInState(database, JobState::kRunning));
  for (const JobRecord& listed : running) {
    // Its report as well.
    ROICAST_ASSIGN_OR_RETURN(JobRecord job, SelectJob(database, listed.id));
    ROICAST_ASSIGN_OR_RETURN(const int64_t number, JobNumber(job.id));
    Interrupt(job, now);
    ROICAST_RETURN_IF_ERROR(WriteJob(database, number, job));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SelectCheckpoint(SqliteDatabase& database, absl::string_view id) {
  const absl::StatusOr<int64_t> number = JobNumber(id);
  if (!number.ok()) return JobNotFound(id);
  SqliteStatement statement = database.Prepare("SELECT bytes FROM job_checkpoints WHERE job = ?");
  ROICAST_ASSIGN_OR_RETURN(const bool row, statement.BindInt(*number).Step());
  if (!row) return absl::NotFoundError(absl::StrCat("job \"", id, "\" has no checkpoint"));
  return statement.Bytes(0);
}

}  // namespace roicast
