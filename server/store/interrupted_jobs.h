// The jobs that ran when the last server died. A start marks them as INTERRUPTED in the database; as long as a full
// disk keeps it from that, they are told as if it had.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace roicast {

// Const methods are safe to call concurrently. A job that was interrupted never runs again, so that its id may stay
// here once the database has its state.
class InterruptedJobs {
 public:
  // `running` are all jobs that are stored as RUNNING; `now` is when they end, as in InterruptRunningJobs.
  void Tell(const std::vector<JobRecord>& running, absl::Time now);
  // Separated by commas.
  std::string Ids() const;

  absl::StatusOr<JobRecord> Told(absl::StatusOr<JobRecord> job) const;
  absl::StatusOr<std::vector<JobRecord>> Told(absl::StatusOr<std::vector<JobRecord>> jobs) const;
  // As SelectJobsInState and SelectJobCounts.
  absl::StatusOr<std::vector<JobRecord>> InState(SqliteDatabase& database, JobState state) const;
  absl::StatusOr<std::vector<int64_t>> Counts(SqliteDatabase& database) const;

 private:
  void Tell(JobRecord& job) const;

  std::set<std::string> ids_;
  absl::Time end_time_;
};

}  // namespace roicast
