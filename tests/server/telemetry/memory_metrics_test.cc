#include "server/telemetry/memory_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "prometheus/text_serializer.h"
#include "server/telemetry/metrics.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MemoryMetrics, SayWhatIsHeldAndRefusedByKind) {
  prometheus::Registry registry;
  ServerMetrics metrics(registry, {"1.2.3", "g++ 12", "avx2"});
  MemoryBudget budget(1000, 0);
  metrics.SetMemoryBudget(&budget);
  const auto tables = budget.Claim(MemoryUse::kTables, 700);
  EXPECT_FALSE(budget.Claim(MemoryUse::kModels, 301).ok());
  const std::string text = prometheus::TextSerializer().Serialize(metrics.Collect());
  for (const char* line :
       {"# TYPE roicast_memory_bytes gauge\n", "roicast_memory_bytes{kind=\"tables\"} 700\n",
        "roicast_memory_bytes{kind=\"models\"} 0\n",
        "# TYPE roicast_memory_budget_bytes gauge\nroicast_memory_budget_bytes 1000\n",
        "# TYPE roicast_memory_refusals_total counter\n", "roicast_memory_refusals_total{kind=\"models\"} 1\n",
        "roicast_memory_refusals_total{kind=\"tables\"} 0\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MemoryMetrics, AreNotThereWithoutABudget) {
  prometheus::Registry registry;
  ServerMetrics metrics(registry, {"1.2.3", "g++ 12", "avx2"});
  EXPECT_THAT(prometheus::TextSerializer().Serialize(metrics.Collect()), Not(HasSubstr("roicast_memory")));
}

}  // namespace
}  // namespace roicast
