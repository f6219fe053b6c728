#include "server/store/interrupted_jobs.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "server/store/sqlite_jobs.h"

namespace roicast {

void InterruptedJobs::Tell(const std::vector<JobRecord>& running, absl::Time now) {
  end_time_ = now;
  for (const JobRecord& job : running) ids_.insert(job.id);
}

std::string InterruptedJobs::Ids() const { return absl::StrJoin(ids_, ", "); }

void InterruptedJobs::Tell(JobRecord& job) const {
  if (job.state == JobState::kRunning && ids_.count(job.id) > 0) Interrupt(job, end_time_);
}

absl::StatusOr<JobRecord> InterruptedJobs::Told(absl::StatusOr<JobRecord> job) const {
  if (job.ok()) Tell(*job);
  return job;
}

absl::StatusOr<std::vector<JobRecord>> InterruptedJobs::Told(absl::StatusOr<std::vector<JobRecord>> jobs) const {
  if (!jobs.ok()) return jobs;
  for (JobRecord& job : *jobs) Tell(job);
  return jobs;
}

absl::StatusOr<std::vector<JobRecord>> InterruptedJobs::InState(SqliteDatabase& database, JobState state) const {
  ROICAST_ASSIGN_OR_RETURN(std::vector<JobRecord> jobs, SelectJobsInState(database, state));
  if (ids_.empty() || (state != JobState::kRunning && state != JobState::kInterrupted)) return jobs;
  if (state == JobState::kInterrupted) {
    ROICAST_ASSIGN_OR_RETURN(std::vector<JobRecord> running, SelectJobsInState(database, JobState::kRunning));
    std::move(running.begin(), running.end(), std::back_inserter(jobs));
  }
  for (JobRecord& job : jobs) Tell(job);
  const auto other = [state](const JobRecord& job) { return job.state != state; };
  jobs.erase(std::remove_if(jobs.begin(), jobs.end(), other), jobs.end());
  // Ids are numbers with as many digits as they need, but six at least.
  std::sort(jobs.begin(), jobs.end(), [](const JobRecord& a, const JobRecord& b) {
    return std::make_pair(a.id.size(), a.id) < std::make_pair(b.id.size(), b.id);
  });
  return jobs;
}

absl::StatusOr<std::vector<int64_t>> InterruptedJobs::Counts(SqliteDatabase& database) const {
  ROICAST_ASSIGN_OR_RETURN(std::vector<int64_t> counts, SelectJobCounts(database));
  if (ids_.empty()) return counts;
  for (size_t i = 0; i < counts.size(); ++i) {
    const JobState state = kAllJobStates[i];
    if (state != JobState::kRunning && state != JobState::kInterrupted) continue;
    ROICAST_ASSIGN_OR_RETURN(const std::vector<JobRecord> jobs, InState(database, state));
    counts[i] = static_cast<int64_t>(jobs.size());
  }
  return counts;
}

}  // namespace roicast
