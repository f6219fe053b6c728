#include "server/telemetry/memory_metrics.h"

#include <string>
#include <utility>

namespace roicast {

void CollectMemory(const MemoryBudget& budget, std::vector<prometheus::MetricFamily>& families) {
  prometheus::MetricFamily held, refusals, whole;
  held.name = "roicast_memory_bytes";
  held.help = "Memory that counts against the budget, in bytes, by kind.";
  held.type = prometheus::MetricType::Gauge;
  refusals.name = "roicast_memory_refusals_total";
  refusals.help = "What was refused because the memory budget had no room for it, by kind.";
  refusals.type = prometheus::MetricType::Counter;
  whole.name = "roicast_memory_budget_bytes";
  whole.help = "The memory budget, in bytes.";
  whole.type = prometheus::MetricType::Gauge;
  whole.metric.emplace_back().gauge.value = static_cast<double>(budget.bytes());
  for (size_t i = 0; i < kMemoryUses; ++i) {
    const auto use = static_cast<MemoryUse>(i);
    prometheus::ClientMetric bytes, refused;
    bytes.label = refused.label = {{"kind", std::string(MemoryUseName(use))}};
    bytes.gauge.value = static_cast<double>(budget.held(use));
    refused.counter.value = static_cast<double>(budget.refusals(use));
    held.metric.push_back(std::move(bytes));
    refusals.metric.push_back(std::move(refused));
  }
  families.push_back(std::move(held));
  families.push_back(std::move(whole));
  families.push_back(std::move(refusals));
}

}  // namespace roicast
