#include "client/prediction_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "client/prediction_stream.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

std::shared_ptr<ChannelPool> Connect(const std::string& target) {
  ChannelOptions options;
  options.target = target;
  return *ChannelPool::Create(options);
}

v1::Campaign WithSpend(double spend) {
  v1::Campaign campaign;
  campaign.set_spend(spend);
  return campaign;
}

TEST(PredictionClient, PredictsOneCampaign) {
  testing::FakeServer server;
  server.Start();
  const absl::StatusOr<v1::PredictResponse> response =
      PredictionClient(Connect(server.target())).Predict(WithSpend(12));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->roi(), 12);
}

TEST(PredictionClient, PassesOnCodeAndMessageOfARefusal) {
  testing::FakeServer server;
  server.on_predict = [](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse*) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "in flight: limit 10, got 11");
  };
  server.Start();
  EXPECT_EQ(PredictionClient(Connect(server.target())).Predict(WithSpend(1)).status(),
            absl::ResourceExhaustedError("in flight: limit 10, got 11"));
}

TEST(PredictionClient, SendsTheDeadlineAndStopsAtIt) {
  testing::FakeServer server;
  std::atomic<bool> had_deadline{false};
  server.on_predict = [&](grpc::ServerContext* context, const v1::PredictRequest&, v1::PredictResponse*) {
    had_deadline = context->deadline() < std::chrono::system_clock::now() + std::chrono::minutes(1);
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  server.Start();
  CallOptions options;
  options.timeout = absl::Milliseconds(100);
  const absl::Status status = PredictionClient(Connect(server.target()), options).Predict(WithSpend(1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(had_deadline);
}

TEST(PredictionClient, AnswersAsynchronously) {
  testing::FakeServer server;
  server.Start();
  std::vector<std::promise<float>> answers(50);
  {
    const PredictionClient client(Connect(server.target()));
    for (size_t i = 0; i < answers.size(); ++i) {
      v1::PredictRequest request;
      *request.mutable_campaign() = WithSpend(static_cast<double>(i));
      client.PredictAsync(request, [&answers, i](absl::StatusOr<v1::PredictResponse> response) {
        answers[i].set_value(response.ok() ? response->roi() : -1);
      });
    }
  }
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].get_future().get(), static_cast<float>(i));
}

TEST(PredictionClient, SaysUnavailableIfNobodyListens) {
  std::string target;
  {
    testing::FakeServer gone;
    gone.Start();
    target = gone.target();
  }
  CallOptions options;
  options.max_attempts = 2;
  const absl::Status status = PredictionClient(Connect(target), options).Predict(WithSpend(1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

// Calls that fail at once gave the connection no time, and gRPC noticed after up to 10 s that the server was back.
TEST(PredictionClient, ARestartedServerIsReachedWithinOneCall) {
  auto server = std::make_unique<testing::FakeServer>();
  server->Start();
  const std::string target = server->target();
  const auto channels = Connect(target);
  CallOptions once;
  once.max_attempts = 1;
  const PredictionClient client(channels, once);
  ASSERT_TRUE(client.Predict(WithSpend(1)).ok());
  server.reset();
  absl::Status status;
  do {
    status = client.Predict(WithSpend(1)).status();
  } while (status.ok());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  testing::FakeServer restarted;
  restarted.Start(std::stoi(target.substr(target.find(':') + 1)));
  CallOptions patient;
  patient.timeout = absl::Seconds(4);
  patient.max_attempts = 1000;
  const auto response = PredictionClient(channels, patient).Predict(WithSpend(7));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->roi(), 7);
}

TEST(PredictionClient, SendsABatchOfColumns) {
  testing::FakeServer server;
  v1::BatchPredictRequest seen;
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest& request, v1::BatchPredictResponse*) {
    seen = request;
    return grpc::Status::OK;
  };
  server.Start();
  v1::Columns columns;
  columns.add_columns()->set_name("spend");
  EXPECT_TRUE(PredictionClient(Connect(server.target())).BatchPredict(ColumnsRequest(columns)).ok());
  EXPECT_EQ(seen.columns().columns(0).name(), "spend");
}

TEST(PredictionClient, CancelEndsWhatIsInFlightAndNothingLater) {
  testing::FakeServer server;
  std::atomic<bool> hang{true};
  absl::BlockingCounter called(2);
  server.on_predict = [&](grpc::ServerContext* context, const v1::PredictRequest&, v1::PredictResponse*) {
    if (!hang.load()) return grpc::Status::OK;
    called.DecrementCount();
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  server.Start();
  CallOptions options;
  options.timeout = absl::InfiniteDuration();
  const PredictionClient client(Connect(server.target()), options);
  absl::BlockingCounter answered(2);
  std::atomic<int> cancelled{0};
  for (int i = 0; i < 2; ++i) {
    client.PredictAsync({}, [&](const absl::StatusOr<v1::PredictResponse>& answer) {
      if (absl::IsCancelled(answer.status())) ++cancelled;
      answered.DecrementCount();
    });
  }
  called.Wait();
  client.CancelInFlight();
  answered.Wait();
  EXPECT_EQ(cancelled, 2);
  hang = false;
  EXPECT_TRUE(client.Predict(v1::Campaign()).ok());
}

TEST(PredictionStream, AnswersInOrderWithAStatusForEach) {
  testing::FakeServer server;
  server.on_predict = [](grpc::ServerContext*, const v1::PredictRequest& request, v1::PredictResponse* response) {
    if (request.campaign().spend() == 3) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "spend: no threes");
    response->set_roi(static_cast<float>(request.campaign().spend()));
    return grpc::Status::OK;
  };
  server.Start();
  const auto channels = Connect(server.target());
  PredictionStream stream(*channels, absl::Now() + absl::Seconds(30));
  for (int i = 0; i < 10; ++i) {
    v1::StreamPredictRequest request;
    *request.mutable_predict()->mutable_campaign() = WithSpend(i);
    ASSERT_TRUE(stream.Send(request));
  }
  stream.DoneSending();
  v1::StreamPredictResponse response;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(stream.Receive(response));
    if (i == 3) {
      EXPECT_EQ(response.status().code(), 3);
      EXPECT_EQ(response.status().message(), "spend: no threes");
    } else {
      EXPECT_EQ(response.predict().roi(), static_cast<float>(i));
    }
  }
  EXPECT_FALSE(stream.Receive(response));
  EXPECT_TRUE(stream.Finish().ok());
}

TEST(PredictionStream, LeavingItOpenDoesNotHang) {
  testing::FakeServer server;
  server.Start();
  const auto channels = Connect(server.target());
  PredictionStream stream(*channels, absl::InfiniteFuture());
  EXPECT_TRUE(stream.Send(v1::StreamPredictRequest()));
}

}  // namespace
}  // namespace roicast::client
