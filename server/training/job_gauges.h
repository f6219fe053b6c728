// How many jobs there are, as metrics.
#pragma once

#include "server/store/store.h"
#include "server/telemetry/metrics.h"
#include "server/training/live_jobs.h"

namespace roicast {

// Sets the gauges of jobs by state, from the store, and of the queue. Reads the store: call it without a lock. Where
// the store cannot be read, the counts by state stay as they are.
void UpdateJobGauges(const Store& store, const LiveJobs& jobs, ServerMetrics& metrics);

}  // namespace roicast
