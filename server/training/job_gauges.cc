#include "server/training/job_gauges.h"

#include <cstdint>
#include <vector>

namespace roicast {

void UpdateJobGauges(const Store& store, const LiveJobs& jobs, ServerMetrics& metrics) {
  const absl::StatusOr<std::vector<int64_t>> counts = store.CountJobs();
  if (counts.ok()) {
    for (size_t i = 0; i < counts->size(); ++i) {
      metrics.SetTrainingJobs(JobStateName(kAllJobStates[i]), (*counts)[i]);
    }
  }
  metrics.SetTrainingQueueLength(jobs.queued());
}

}  // namespace roicast
