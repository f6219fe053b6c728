// Training jobs as rows. Each function runs in the caller's transaction; see store.h for what they promise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace roicast {

absl::StatusOr<JobRecord> InsertJob(SqliteDatabase& database, const NewJob& job, absl::Time now);
absl::StatusOr<JobRecord> SelectJob(SqliteDatabase& database, absl::string_view id);
absl::StatusOr<JobRecord> SelectJobByRequestId(SqliteDatabase& database, absl::string_view request_id);
absl::StatusOr<std::vector<JobRecord>> SelectJobs(SqliteDatabase& database, absl::string_view model,
                                                  absl::string_view before_id, int limit);
absl::StatusOr<std::vector<JobRecord>> SelectJobsInState(SqliteDatabase& database, JobState state);
absl::StatusOr<std::vector<int64_t>> SelectJobCounts(SqliteDatabase& database);
absl::StatusOr<JobRecord> ChangeJob(SqliteDatabase& database, absl::string_view id, const JobUpdate& update,
                                    absl::Time now);
// RUNNING → SUCCEEDED with the published version; drops the checkpoint. FailedPrecondition: it is not RUNNING.
absl::Status FinishJobWithVersion(SqliteDatabase& database, const PublishRequest& request, const ModelVersion& version,
                                  absl::Time now);
// RUNNING → INTERRUPTED, for all jobs: no job runs when a store opens.
absl::Status InterruptRunningJobs(SqliteDatabase& database, absl::Time now);
// The same for one record: as it is once InterruptRunningJobs has run.
void Interrupt(JobRecord& job, absl::Time now);
absl::StatusOr<std::string> SelectCheckpoint(SqliteDatabase& database, absl::string_view id);

}  // namespace roicast
