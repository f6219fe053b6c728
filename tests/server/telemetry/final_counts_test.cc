#include "server/telemetry/final_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "prometheus/registry.h"
#include "server/telemetry/metrics.h"
#include "tests/testing/fake_clock.h"

namespace roicast {
namespace {

TEST(FinalCounts, EveryCounterThatIsNotZeroIsALine) {
  prometheus::Registry registry;
  ServerMetrics metrics(registry, {"1.2.3", "g++ 12", "avx2"});
  metrics.AddMethod("PredictionService/Predict").Observe(absl::StatusCode::kInternal, absl::Seconds(1));
  metrics.ObserveModelLoad(false, absl::Seconds(1));
  metrics.ObserveStore("publish", absl::StatusCode::kOk, absl::Seconds(1));
  metrics.ObserveTrainingDuration("failed", absl::Seconds(1));
  std::ostringstream out;
  FakeClock clock(absl::FromUnixMillis(1'769'860'800'123));
  LogOptions options;
  options.out = &out;
  options.clock = &clock;
  LogFinalCounts(metrics, Logger(options));
  const std::string time = "2026-01-31T12:00:00.123Z info last value series=";
  EXPECT_EQ(
      out.str(),
      time + "roicast_model_load_failures_total value=1\n" + time +
          "\"roicast_training_duration_seconds_count{outcome=\\\"failed\\\"}\" value=1\n" + time +
          "\"roicast_rpc_requests_total{method=\\\"PredictionService/Predict\\\",code=\\\"INTERNAL\\\"}\" value=1\n");
}

}  // namespace
}  // namespace roicast
