// Concurrent use of one server: predictions of all shapes, training, publishing, requests for old versions, metrics. In
// the sanitizer presets the server is instrumented too: a race or leak makes it exit with another code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Concurrency, PredictTrainPublishAndScrapeAtOnce) {
  TempDir folder;
  auto server = ServerProcess::Start(folder.File("store"));
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  const auto first = TrainCampaignModel(api, 300);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto artifact = api.Export();
  ASSERT_TRUE(artifact.ok()) << artifact.status();

  std::atomic<bool> stop{false};
  std::atomic<int64_t> predictions{0}, scrapes{0};
  std::vector<std::thread> threads;
  const auto repeat = [&](std::function<void(Api&)> call) {
    threads.emplace_back([&, call] {
      Api own(server->NewChannel());
      while (!stop) call(own);
    });
  };
  for (int i = 0; i < 2; ++i) {
    repeat([&](Api& own) {
      v1::PredictRequest request;
      *request.mutable_campaign() = SomeCampaign();
      if (predictions % 5 == 0) request.mutable_model()->set_version(1);
      const auto response = own.Predict(request);
      ASSERT_TRUE(response.ok()) << response.status();
      EXPECT_TRUE(std::isfinite(response->roi()));
      ++predictions;
    });
  }
  repeat([&](Api& own) {
    v1::BatchPredictRequest request;
    for (int i = 0; i < 3000; ++i) *request.mutable_campaigns()->add_campaigns() = SomeCampaign();
    const auto response = own.BatchPredict(request);
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_EQ(response->roi_size(), 3000);
    for (int i = 1; i < 3000; ++i) ASSERT_EQ(response->roi(i), response->roi(0));
  });
  repeat([&](Api& own) {
    grpc::ClientContext context;
    SetDeadline(context);
    auto stream = own.prediction().StreamPredict(&context);
    v1::StreamPredictRequest item;
    *item.mutable_predict()->mutable_campaign() = SomeCampaign();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(stream->Write(item));
    stream->WritesDone();
    v1::StreamPredictResponse answer;
    int answers = 0;
    while (stream->Read(&answer)) ++answers;
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(answers, 20);
  });
  repeat([&](Api&) {
    const auto metrics = server->HttpGet("/metrics");
    ASSERT_TRUE(metrics.ok()) << metrics.status();
    ++scrapes;
  });
  // Publish new versions by training and by import while the other threads keep running.
  for (int round = 0; round < 4; ++round) {
    const auto trained = TrainCampaignModel(api, 300 + round);
    ASSERT_TRUE(trained.ok()) << trained.status();
    const auto imported = api.Import("default", *artifact);
    ASSERT_TRUE(imported.ok()) << imported.status();
    EXPECT_TRUE(imported->serving()) << imported->not_serving();
    // There and back, while the other threads predict.
    for (const int64_t version : {int64_t{1}, imported->version()}) {
      const auto served = api.Serve("default", version);
      ASSERT_TRUE(served.ok()) << served.status();
      EXPECT_TRUE(served->serving());
    }
  }
  const int64_t before = predictions;
  while (!HasFailure() && (predictions < before + 50 || scrapes < 2)) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();

  const auto model = api.GetModel();
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->version(), 9);
  EXPECT_TRUE(model->serving());
  const auto code = server->Stop();
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0) << server->log();
  EXPECT_THAT(server->log(), Not(HasSubstr("Sanitizer")));
}

}  // namespace
}  // namespace roicast::testing
