// The kernel's figures about this process, under the names that Prometheus clients use.
#pragma once

#include <vector>

#include "prometheus/metric_family.h"

namespace roicast {

// Appends process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds, process_threads
// and process_start_time_seconds. Omits what /proc does not provide.
void CollectProcess(std::vector<prometheus::MetricFamily>& families);

}  // namespace roicast
