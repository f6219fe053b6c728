// The machinery under PredictionService: calls of bytes, in order, and an end that loses none.
#include "server/services/prediction/prediction_endpoint.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "roicast/v1/prediction.grpc.pb.h"
#include "server/transport/transport_server.h"

namespace roicast {
namespace {

v1::PredictRequest RequestFor(const std::string& model) {
  v1::PredictRequest request;
  request.mutable_model()->set_name(model);
  return request;
}

template <typename Message>
void FinishWith(const Message& message, UnaryCall& call) {
  std::string bytes = message.SerializeAsString();
  call.Finish(absl::OkStatus(), bytes);
}

template <typename Message>
Message Parsed(absl::string_view bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

// Answers with the model's name; "no" is refused.
class NameHandler : public UnaryHandler {
 public:
  void Handle(UnaryCall& call) override {
    const std::string name = Parsed<v1::PredictRequest>(call.request()).model().name();
    if (name == "no") {
      call.Finish(absl::NotFoundError("no such model"));
      return;
    }
    v1::PredictResponse response;
    response.mutable_served_by()->set_model(name);
    FinishWith(response, call);
  }
};

// Holds calls until AnswerAll.
class HoldingHandler : public UnaryHandler {
 public:
  void Handle(UnaryCall& call) override {
    absl::MutexLock lock(&mutex_);
    held_.push_back(&call);
  }
  void WaitFor(size_t calls) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return held_.size() >= calls; };
    mutex_.Await(absl::Condition(&enough));
  }
  // Returns the number of calls whose client has disconnected.
  int AnswerAll() {
    absl::MutexLock lock(&mutex_);
    int cancelled = 0;
    for (UnaryCall* call : held_) {
      cancelled += call->cancelled() ? 1 : 0;
      FinishWith(v1::BatchPredictResponse(), *call);
    }
    held_.clear();
    return cancelled;
  }
  void WaitForCancellation() {
    absl::MutexLock lock(&mutex_);
    while (!held_.front()->cancelled()) std::this_thread::yield();
  }

 private:
  absl::Mutex mutex_;
  std::vector<UnaryCall*> held_;
};

// Answers each item with its number; even items from another thread, and later than the odd ones after them. Items
// called "held" are answered when the test says so.
class CountingStreamHandler : public StreamHandler {
 public:
  absl::Status Begin(const StreamCall&) override {
    return refuse_ ? absl::ResourceExhaustedError("full") : absl::OkStatus();
  }
  void Handle(StreamItem& item) override {
    const std::string name = Parsed<v1::StreamPredictRequest>(item.request()).predict().model().name();
    v1::StreamPredictResponse response;
    response.mutable_predict()->mutable_served_by()->set_model(name);
    if (name == "held") {
      absl::MutexLock lock(&mutex_);
      held_.push_back(&item);
      return;
    }
    if (name.back() % 2 == 0) {
      threads_.emplace_back([&item, response] { item.Answer(response.SerializeAsString()); });
    } else {
      item.Answer(response.SerializeAsString());
    }
  }
  void Refuse(StreamItem& item, const absl::Status&) override { item.Answer({}); }
  void End(const StreamCall&, const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    ends_.push_back(status.code());
  }
  std::vector<absl::StatusCode> WaitForEnds(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return ends_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
    return ends_;
  }
  // Waits for this many held items and answers them, the last one first.
  void AnswerHeldBackwards(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return held_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
    for (; !held_.empty(); held_.pop_back()) held_.back()->Answer({});
  }
  size_t WaitForHeld(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return held_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
    return held_.size();
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::atomic<bool> refuse_{false};

 private:
  absl::Mutex mutex_;
  std::vector<absl::StatusCode> ends_;
  std::vector<StreamItem*> held_;
  std::vector<std::thread> threads_;
};

class PredictionEndpointTest : public testing::TestWithParam<int> {
 protected:
  PredictionEndpointTest() : server_({.listen = {"127.0.0.1:0"}, .threads = GetParam()}, &metrics_) {
    endpoint_ = std::make_unique<PredictionEndpoint>(
        &predict_, &batch_, &stream_, StreamMethod::Options{.call = {.max_request_bytes = size_t{16} << 20}},
        &server_.grpc(), &server_.loops());
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    stub_ = v1::PredictionService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_.port()), grpc::InsecureChannelCredentials()));
  }
  ~PredictionEndpointTest() override {
    server_.Shutdown(absl::Seconds(20));
    stream_.Join();
  }

  NameHandler predict_;
  HoldingHandler batch_;
  CountingStreamHandler stream_;
  TransportMetrics metrics_;
  TransportServer server_;
  std::unique_ptr<PredictionEndpoint> endpoint_;
  std::unique_ptr<v1::PredictionService::Stub> stub_;
};

INSTANTIATE_TEST_SUITE_P(Threads, PredictionEndpointTest, testing::Values(1, 3));

TEST_P(PredictionEndpointTest, AnswersEveryCallWithItsOwnAnswer) {
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 500; ++i) {
        grpc::ClientContext context;
        v1::PredictResponse response;
        const std::string name = absl::StrCat("m-", client, "-", i);
        const grpc::Status status = stub_->Predict(&context, RequestFor(name), &response);
        if (status.ok() && response.served_by().model() == name) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 2000);
}

// Requests above 64 KiB are inflated off the loop, and answers above that are not deflated on it.
TEST_P(PredictionEndpointTest, TakesAndGivesGzip) {
  // Once it is answered, what was sent before is counted.
  const auto send_another = [&] {
    grpc::ClientContext context;
    v1::PredictResponse response;
    ASSERT_TRUE(stub_->Predict(&context, RequestFor("x"), &response).ok());
  };
  for (const size_t size : {10, 5000, 300000}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    v1::PredictResponse response;
    const std::string name(size, 'n');
    send_another();
    const int64_t sent_before = metrics_.bytes_sent;
    const grpc::Status status = stub_->Predict(&context, RequestFor(name), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.served_by().model(), name);
    send_another();
    const auto sent = static_cast<size_t>(metrics_.bytes_sent - sent_before);
    EXPECT_EQ(sent > size, size != 5000) << sent << " bytes sent for " << size;
  }
}

TEST_P(PredictionEndpointTest, PassesOnTheHandlersStatus) {
  grpc::ClientContext context;
  v1::PredictResponse response;
  const grpc::Status status = stub_->Predict(&context, RequestFor("no"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no such model");
}

TEST_P(PredictionEndpointTest, ACallThatIsHeldDoesNotBlockOthers) {
  std::thread held([&] {
    grpc::ClientContext context;
    v1::BatchPredictResponse response;
    EXPECT_TRUE(stub_->BatchPredict(&context, {}, &response).ok());
  });
  batch_.WaitFor(1);
  grpc::ClientContext context;
  v1::PredictResponse response;
  EXPECT_TRUE(stub_->Predict(&context, RequestFor("a"), &response).ok());
  EXPECT_EQ(batch_.AnswerAll(), 0);
  held.join();
}

TEST_P(PredictionEndpointTest, AHandlerIsNotifiedThatTheClientDisconnected) {
  grpc::ClientContext context;
  std::thread held([&] {
    v1::BatchPredictResponse response;
    EXPECT_EQ(stub_->BatchPredict(&context, {}, &response).error_code(), grpc::StatusCode::CANCELLED);
  });
  batch_.WaitFor(1);
  context.TryCancel();
  batch_.WaitForCancellation();
  EXPECT_EQ(batch_.AnswerAll(), 1);
  held.join();
}

TEST_P(PredictionEndpointTest, AStreamAnswersInTheOrderOfItsItems) {
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  constexpr int kItems = 1000;
  std::thread writer([&] {
    for (int i = 0; i < kItems; ++i) {
      v1::StreamPredictRequest request;
      *request.mutable_predict() = RequestFor(absl::StrCat(i));
      ASSERT_TRUE(stream->Write(request));
    }
    stream->WritesDone();
  });
  v1::StreamPredictResponse response;
  for (int i = 0; i < kItems; ++i) {
    ASSERT_TRUE(stream->Read(&response)) << i;
    ASSERT_EQ(response.predict().served_by().model(), absl::StrCat(i));
  }
  EXPECT_FALSE(stream->Read(&response));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(stream_.WaitForEnds(1), testing::ElementsAre(absl::StatusCode::kOk));
}

// The first answer was written with a hint to buffer it if the second one was there already; nothing then sent it, and
// the stream stood still.
TEST_P(PredictionEndpointTest, AFirstAnswerThatComesAfterTheSecondIsSentAtOnce) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest request;
  *request.mutable_predict() = RequestFor("held");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Write(request));
  stream_.AnswerHeldBackwards(2);
  v1::StreamPredictResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_TRUE(stream->Read(&response));
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

// A client that sent and did not read held 64 items of 64 MB each.
TEST_P(PredictionEndpointTest, AStreamReadsNoFurtherThanItsBytesAllow) {
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  constexpr size_t kItems = 12;
  constexpr size_t kHeldAtOnce = 4;  // 16 MiB of items a little over 4 MiB.
  v1::StreamPredictRequest request;
  *request.mutable_predict() = RequestFor("held");
  request.mutable_predict()->mutable_campaign()->set_region(std::string(size_t{4} << 20, 'r'));
  std::thread writer([&] {
    for (size_t i = 0; i < kItems; ++i) ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
  });
  for (size_t answered = 0; answered < kItems; answered += kHeldAtOnce) {
    stream_.WaitForHeld(kHeldAtOnce);
    // Time for a further item, if there were one.
    for (int i = 0; i < 50; ++i) {
      grpc::ClientContext other;
      v1::PredictResponse response;
      ASSERT_TRUE(stub_->Predict(&other, RequestFor("a"), &response).ok());
    }
    EXPECT_EQ(stream_.WaitForHeld(kHeldAtOnce), kHeldAtOnce);
    stream_.AnswerHeldBackwards(kHeldAtOnce);
    v1::StreamPredictResponse response;
    for (size_t i = 0; i < kHeldAtOnce; ++i) ASSERT_TRUE(stream->Read(&response));
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(PredictionEndpointTest, AnEmptyStreamEndsWell) {
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  stream->WritesDone();
  v1::StreamPredictResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(PredictionEndpointTest, ARefusedStreamEndsAtOnceAndIsNotReportedAsEnded) {
  stream_.refuse_ = true;
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "full");
  stream_.refuse_ = false;
  grpc::ClientContext second;
  EXPECT_TRUE([&] {
    const auto other = stub_->StreamPredict(&second);
    other->WritesDone();
    return other->Finish().ok();
  }());
  EXPECT_THAT(stream_.WaitForEnds(1), testing::ElementsAre(absl::StatusCode::kOk));
}

TEST_P(PredictionEndpointTest, AStreamThatTheClientLeavesIsReported) {
  {
    grpc::ClientContext context;
    const auto stream = stub_->StreamPredict(&context);
    v1::StreamPredictRequest request;
    *request.mutable_predict() = RequestFor("1");
    ASSERT_TRUE(stream->Write(request));
    v1::StreamPredictResponse response;
    ASSERT_TRUE(stream->Read(&response));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_THAT(stream_.WaitForEnds(1), testing::ElementsAre(absl::StatusCode::kCancelled));
}

TEST_P(PredictionEndpointTest, EndStreamsAnswersWhatWasReadAndThenEndsWithTheStatus) {
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest request;
  *request.mutable_predict() = RequestFor("1");
  ASSERT_TRUE(stream->Write(request));
  v1::StreamPredictResponse response;
  ASSERT_TRUE(stream->Read(&response));
  endpoint_->EndStreams(absl::UnavailableError("draining"));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_P(PredictionEndpointTest, ShutdownWaitsForCallsUnderWay) {
  grpc::Status status;
  std::thread held([&] {
    grpc::ClientContext context;
    v1::BatchPredictResponse response;
    status = stub_->BatchPredict(&context, {}, &response);
  });
  batch_.WaitFor(1);
  std::thread shutdown([&] { server_.Shutdown(absl::Seconds(60)); });
  batch_.AnswerAll();
  held.join();
  shutdown.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

// gRPC's C++ library sends a WINDOW_UPDATE for nearly every small answer: 20,000 a second were taken for a flood, and
// busy clients lost their connections several times a second.
TEST(TransportServer, FramesThatAnswersExplainAreNoFlood) {
  NameHandler predict;
  HoldingHandler batch;
  CountingStreamHandler stream;
  TransportMetrics metrics;
  TransportServer::Options options{.listen = {"127.0.0.1:0"}};
  options.http2.max_useless_frames = 10;
  TransportServer server(options, &metrics);
  PredictionEndpoint endpoint(&predict, &batch, &stream, {}, &server.grpc(), &server.loops());
  ASSERT_TRUE(server.Start().ok());
  const auto stub = v1::PredictionService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server.port()), grpc::InsecureChannelCredentials()));
  for (int i = 0; i < 2000; ++i) {
    grpc::ClientContext context;
    v1::PredictResponse response;
    const grpc::Status status = stub->Predict(&context, RequestFor("a"), &response);
    ASSERT_TRUE(status.ok()) << i << ": " << status.error_message();
  }
  EXPECT_EQ(metrics.count(Cut::kFloodWindowUpdate) + metrics.count(Cut::kFloodPing), 0);
  server.Shutdown(absl::Seconds(20));
}

// One frame holds the answers of many items, and the client gives back the window of each.
TEST(TransportServer, ABusyStreamIsNoFlood) {
  NameHandler predict;
  HoldingHandler batch;
  CountingStreamHandler handler;
  TransportMetrics metrics;
  TransportServer::Options options{.listen = {"127.0.0.1:0"}};
  options.http2.max_useless_frames = 10;
  TransportServer server(options, &metrics);
  PredictionEndpoint endpoint(&predict, &batch, &handler, {}, &server.grpc(), &server.loops());
  ASSERT_TRUE(server.Start().ok());
  const auto stub = v1::PredictionService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server.port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->StreamPredict(&context);
  v1::StreamPredictRequest item;
  *item.mutable_predict() = RequestFor("a");
  constexpr int kInFlight = 64, kItems = 20'000;
  for (int i = 0; i < kInFlight; ++i) ASSERT_TRUE(stream->Write(item));
  v1::StreamPredictResponse response;
  for (int i = 0; i < kItems; ++i) {
    ASSERT_TRUE(stream->Read(&response)) << i;
    if (i < kItems - kInFlight) {
      ASSERT_TRUE(stream->Write(item)) << i;
    }
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(metrics.count(Cut::kFloodWindowUpdate) + metrics.count(Cut::kFloodPing), 0);
  server.Shutdown(absl::Seconds(20));
}

TEST(TransportServer, ATakenPortIsRefusedWithTheReason) {
  TransportMetrics metrics;
  TransportServer first({.listen = {"127.0.0.1:0"}}, &metrics);
  ASSERT_TRUE(first.Start().ok());
  const std::string address = absl::StrCat("127.0.0.1:", first.port());
  TransportServer second({.listen = {address}}, &metrics);
  const absl::Status status = second.Start();
  EXPECT_EQ(status, absl::FailedPreconditionError(
                        absl::StrCat("cannot listen on ", address,
                                     ": the port is taken: stop the process that has it, or choose another port")));
}

}  // namespace
}  // namespace roicast
