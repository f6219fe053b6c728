// The metrics of the memory budget.
#pragma once

#include <vector>

#include "base/memory_budget.h"
#include "prometheus/metric_family.h"

namespace roicast {

// Appends roicast_memory_bytes, roicast_memory_budget_bytes and roicast_memory_refusals_total, all kinds included.
void CollectMemory(const MemoryBudget& budget, std::vector<prometheus::MetricFamily>& families);

}  // namespace roicast
