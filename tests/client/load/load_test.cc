#include "client/load/load.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

std::shared_ptr<ChannelPool> Connect(const std::string& target, int connections = 1) {
  ChannelOptions options;
  options.target = target;
  options.connections = connections;
  return *ChannelPool::Create(options);
}

LoadOptions Short() {
  LoadOptions options;
  options.duration = absl::Milliseconds(300);
  options.warm_up = absl::Milliseconds(20);
  options.in_flight = 4;
  return options;
}

const std::atomic<bool> kGoOn{false};

TEST(Load, ClosedLoopRespectsItsCallsInFlight) {
  testing::FakeServer server;
  std::atomic<int> in_flight{0}, most{0};
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse*) {
    const int now = ++in_flight;
    int seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    --in_flight;
    return grpc::Status::OK;
  };
  server.Start();
  const auto result = RunPredictLoad(*Connect(server.target(), 2), std::vector<v1::PredictRequest>(3), Short(), kGoOn);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->calls, 0);
  EXPECT_EQ(result->failed(), 0);
  EXPECT_EQ(result->latency.count(), result->calls);
  EXPECT_GT(result->latency.Quantile(0.5), 0);
  EXPECT_LE(most, 4);
}

TEST(Load, OpenLoopStartsTheScheduledNumberOfCalls) {
  testing::FakeServer server;
  server.Start();
  LoadOptions options = Short();
  options.rate = 200;
  const auto result = RunPredictLoad(*Connect(server.target()), std::vector<v1::PredictRequest>(1), options, kGoOn);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(static_cast<double>(result->calls), 60, 1);
}

// Calls that come due while the server stalls count from when they were due.
TEST(Load, OpenLoopShowsAStallInFull) {
  testing::FakeServer server;
  std::atomic<int> calls{0};
  std::atomic<int64_t> stall_end{0};
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse*) {
    if (++calls == 5) stall_end = absl::ToUnixMillis(absl::Now()) + 150;
    while (absl::ToUnixMillis(absl::Now()) < stall_end) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::OK;
  };
  server.Start();
  LoadOptions options = Short();
  options.warm_up = absl::ZeroDuration();
  options.rate = 100;
  const auto result = RunPredictLoad(*Connect(server.target()), std::vector<v1::PredictRequest>(1), options, kGoOn);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(static_cast<double>(result->calls), 30, 1);
  // About 15 of the 30 calls were due within the stall; a closed loop would have shown one slow call.
  EXPECT_GE(result->latency.Quantile(0.8), 40'000'000);
  EXPECT_GE(result->latency.max(), 140'000'000);
}

// Regression: the run continued until every scheduled call was made, and reported the requested rate.
TEST(Load, OpenLoopBeyondCapacityEndsOnTimeAndSaysSo) {
  testing::FakeServer server;
  server.Start();
  LoadOptions options = Short();
  options.rate = 5e6;
  v1::StreamPredictRequest item;
  item.mutable_predict();
  const auto channels = Connect(server.target());
  const auto unary = RunPredictLoad(*channels, std::vector<v1::PredictRequest>(1), options, kGoOn);
  const auto stream = RunStreamLoad(*channels, {item}, options, kGoOn);
  for (const auto* result : {&unary, &stream}) {
    ASSERT_TRUE(result->ok()) << result->status();
    // All that were due in 0.3 s, started or not.
    EXPECT_NEAR(static_cast<double>((*result)->calls), 1.5e6, 10);
    EXPECT_GT((*result)->not_started, 0);
    EXPECT_EQ((*result)->latency.count() + (*result)->failed(), (*result)->calls);
    EXPECT_LT((*result)->calls_per_second(), 4e6);
  }
}

TEST(Load, CountsFailuresByCode) {
  testing::FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full");
  };
  server.Start();
  const auto result = RunBatchLoad(*Connect(server.target()), std::vector<v1::BatchPredictRequest>(1), Short(), kGoOn);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->failed(), 0);
  EXPECT_EQ(result->failed(), result->calls);
  EXPECT_EQ(result->errors.at("RESOURCE_EXHAUSTED"), result->calls);
  EXPECT_EQ(result->first_error, "full");
}

// A stream that was cut off while the load warmed up ended it with no calls and no failures.
TEST(Load, FailuresCountWhileItWarmsUp) {
  testing::FakeServer server;
  std::atomic<int> calls{0};
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse*) {
    return ++calls == 1 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut") : grpc::Status::OK;
  };
  server.Start();
  LoadOptions options = Short();
  options.in_flight = 1;
  options.warm_up = absl::Milliseconds(100);
  const auto result = RunPredictLoad(*Connect(server.target()), std::vector<v1::PredictRequest>(1), options, kGoOn);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->failed(), 1);
  EXPECT_EQ(result->first_error, "cut");
}

TEST(Load, StreamsInBothLoops) {
  testing::FakeServer server;
  server.Start();
  v1::StreamPredictRequest item;
  item.mutable_predict();
  for (const double rate : {0.0, 200.0}) {
    LoadOptions options = Short();
    options.rate = rate;
    const auto result = RunStreamLoad(*Connect(server.target(), 2), {item}, options, kGoOn);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->failed(), 0) << result->first_error;
    if (rate > 0) {
      EXPECT_NEAR(static_cast<double>(result->calls), 60, 2);
    } else {
      EXPECT_GT(result->calls, 0);
    }
  }
}

TEST(Load, StopsOnRequest) {
  testing::FakeServer server;
  server.Start();
  LoadOptions options = Short();
  options.duration = absl::Hours(1);
  const std::atomic<bool> stop{true};
  const auto channels = Connect(server.target());
  EXPECT_TRUE(RunPredictLoad(*channels, std::vector<v1::PredictRequest>(1), options, stop).ok());
  options.rate = 10;
  EXPECT_TRUE(RunPredictLoad(*channels, std::vector<v1::PredictRequest>(1), options, stop).ok());
}

TEST(Load, RefusesImpossibleOptions) {
  LoadOptions options;
  options.in_flight = 0;
  EXPECT_EQ(RunPredictLoad(*Connect("localhost:1"), std::vector<v1::PredictRequest>(1), options, kGoOn).status(),
            absl::InvalidArgumentError("in_flight: expected 1 to 100000, got 0"));
  EXPECT_EQ(RunPredictLoad(*Connect("localhost:1"), {}, {}, kGoOn).status(),
            absl::InvalidArgumentError("requests: expected at least one"));
}

}  // namespace
}  // namespace roicast::client
