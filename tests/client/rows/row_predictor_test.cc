#include "client/rows/row_predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::roicast::testing::FakeServer;

std::shared_ptr<ChannelPool> Connect(const std::string& target) {
  ChannelOptions options;
  options.target = target;
  return *ChannelPool::Create(options);
}

absl::Status FillSpend(RowBuilder& row) { return row.SetNumber("spend", 12); }

// A server whose schema has `digest`, and whose ROI is the value at the position of "spend".
class ChangingServer {
 public:
  ChangingServer() {
    server_.on_get_model = [this](const v1::GetModelRequest&, v1::Model* model) {
      ++fetches;
      *model = FakeServer::SmallModel();
      model->mutable_schema()->set_digest(DigestNow());
      // The new schema has another order.
      if (version == 2) model->mutable_schema()->mutable_features()->SwapElements(0, 1);
      return grpc::Status::OK;
    };
    server_.on_predict = [this](grpc::ServerContext*, const v1::PredictRequest& request,
                                v1::PredictResponse* response) {
      ++calls;
      if (request.dense_row().schema_digest() != DigestNow()) {
        return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::SCHEMA_MISMATCH, "another schema");
      }
      response->set_roi(request.dense_row().values(version == 2 ? 1 : 0));
      response->mutable_served_by()->set_version(version);
      return grpc::Status::OK;
    };
    server_.Start();
  }
  const std::string& target() const { return server_.target(); }

  std::atomic<int> version{1};
  std::atomic<int> fetches{0};
  std::atomic<int> calls{0};

 private:
  std::string DigestNow() const { return version == 2 ? "second" : "first"; }

  FakeServer server_;
};

TEST(RowPredictor, FetchesTheSchemaOnceAndSendsDenseRows) {
  ChangingServer server;
  RowPredictor predictor(Connect(server.target()));
  for (int i = 0; i < 3; ++i) {
    const auto response = predictor.Predict(FillSpend);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->roi(), 12);
  }
  EXPECT_EQ(server.fetches, 1);
  EXPECT_EQ(server.calls, 3);
}

TEST(RowPredictor, ANewSchemaIsFetchedAndTheRowEncodedAgain) {
  ChangingServer server;
  RowPredictor predictor(Connect(server.target()));
  ASSERT_TRUE(predictor.Predict(FillSpend).ok());
  server.version = 2;
  const auto response = predictor.Predict(FillSpend);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->roi(), 12);
  EXPECT_EQ(response->served_by().version(), 2);
  EXPECT_EQ(server.fetches, 2);
  EXPECT_EQ(server.calls, 3);
}

TEST(RowPredictor, ThreadsThatMeetANewSchemaTogetherFetchItOnce) {
  ChangingServer server;
  RowPredictor predictor(Connect(server.target()));
  const auto stale = predictor.schemas().Get();
  ASSERT_TRUE(stale.ok());
  server.version = 2;
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto fresh = predictor.schemas().Refresh(*stale);
      if (fresh.ok() && (*fresh)->digest() == "second") ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(server.fetches, 2);
}

TEST(RowPredictor, AMismatchThatStaysIsReturned) {
  FakeServer server;
  std::atomic<int> calls{0};
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse*) {
    ++calls;
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::SCHEMA_MISMATCH, "another schema");
  };
  server.Start();
  RowPredictor predictor(Connect(server.target()));
  EXPECT_EQ(predictor.Predict(FillSpend).status().message(), "another schema");
  EXPECT_EQ(calls, 2);
}

TEST(RowPredictor, WhatFillRefusesIsNotSent) {
  ChangingServer server;
  RowPredictor predictor(Connect(server.target()));
  const auto response = predictor.Predict([](RowBuilder& row) { return row.SetNumber("spent", 1); });
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.calls, 0);
}

TEST(SchemaCache, AFailedFetchIsTriedAgain) {
  FakeServer server;
  std::atomic<int> fetches{0};
  server.on_get_model = [&](const v1::GetModelRequest& request, v1::Model* model) {
    EXPECT_EQ(request.model().name(), "mine");
    if (++fetches == 1) return FakeServer::Error(grpc::StatusCode::NOT_FOUND, v1::MODEL_NOT_FOUND, "no model");
    *model = FakeServer::SmallModel();
    return grpc::Status::OK;
  };
  server.Start();
  v1::ModelRef model;
  model.set_name("mine");
  SchemaCache cache(Connect(server.target()), model);
  EXPECT_EQ(cache.Get().status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(cache.Get().ok());
  ASSERT_TRUE(cache.Get().ok());
  EXPECT_EQ(fetches, 2);
}

}  // namespace
}  // namespace roicast::client
