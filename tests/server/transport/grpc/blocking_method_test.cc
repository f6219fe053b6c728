#include "server/transport/grpc/blocking_method.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/transport_server.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMegabyte = size_t{1} << 20;

// A server with one method, on a port of its own.
std::unique_ptr<TransportServer> Serve(absl::string_view path, GrpcMethod* method, TransportMetrics* metrics) {
  TransportServer::Options options;
  options.listen = {"127.0.0.1:0"};
  auto server = std::make_unique<TransportServer>(options, metrics);
  server->grpc().Add(path, method);
  EXPECT_EQ(server->Start(), absl::OkStatus());
  return server;
}

// A call whose answers nobody reads.
class UnreadCall {
 public:
  explicit UnreadCall(grpc::GenericStub& stub) : call_(stub.PrepareCall(&context_, "/test/Flood", &queue_)) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    call_->StartCall(nullptr);
    Next();
    const grpc::Slice nothing;
    call_->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(), nullptr);
    Next();
  }
  ~UnreadCall() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) continue;
  }
  // Reads what there is, until the end.
  grpc::Status Finish() {
    grpc::ByteBuffer message;
    do {
      call_->Read(&message, nullptr);
    } while (Next());
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Next();
    return status;
  }

 private:
  bool Next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// Exports of many clients that read none of them filled the memory: a message or more for each call.
TEST(BlockingMethod, AnswersThatNobodyReadAreBoundedForAllCallsTogether) {
  constexpr int kCalls = 8;
  TransportMetrics metrics;
  WorkerPool pool{WorkerPool::Options()};
  BlockingMethod::Options options;
  options.call.held.max_bytes = int64_t{5} << 20;
  absl::Mutex mutex;
  int done = 0;
  int refused = 0;
  BlockingMethod method(
      [&](BlockingCall& call) {
        std::string request;
        call.Read(&request);
        // One call after the other, or the first halves of all use up what is kept. It fits into the window of a call,
        // so that none waits here.
        absl::MutexLock lock(&mutex);
        for (int i = 0; i < 2; ++i) call.Write(std::string(kMegabyte, 'x'));
        ++done;
        refused += call.WriteError().ok() ? 0 : 1;
        return call.WriteError();
      },
      &pool, options);
  const auto server = Serve("/test/Flood", &method, &metrics);
  {
    grpc::GenericStub stub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server->port()), grpc::InsecureChannelCredentials()));
    std::vector<std::unique_ptr<UnreadCall>> calls;
    for (int i = 0; i < kCalls; ++i) calls.push_back(std::make_unique<UnreadCall>(stub));
    const auto all_done = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return done == kCalls; };
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&all_done));
      EXPECT_GE(refused, 1);
      EXPECT_LT(refused, kCalls);
      EXPECT_GE(metrics.count(Cut::kBytesHeld), refused);
    }
    EXPECT_LE(metrics.bytes_held.load(), options.call.held.max_bytes);
    int exhausted = 0;
    for (const auto& call : calls) {
      const grpc::Status status = call->Finish();
      if (status.ok()) continue;
      EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
      EXPECT_THAT(status.error_message(), HasSubstr("bytes held for clients"));
      ++exhausted;
    }
    EXPECT_EQ(exhausted, refused);
  }
  server->Shutdown(absl::Seconds(20));
  EXPECT_EQ(metrics.bytes_held.load(), 0);
}

TEST(BlockingMethod, AnswersThatTheMemoryBudgetHasNoRoomForAreRefused) {
  TransportMetrics metrics;
  MemoryBudget memory(3 * kMegabyte, 0);
  memory.Follow(MemoryUse::kMessages, &metrics.bytes_held);
  const auto others = memory.Claim(MemoryUse::kTables, 2 * kMegabyte);
  WorkerPool pool{WorkerPool::Options()};
  BlockingMethod::Options options;
  options.call.held.memory = &memory;
  BlockingMethod method(
      [](BlockingCall& call) {
        std::string request;
        call.Read(&request);
        call.Write(std::string(2 * kMegabyte, 'x'));
        return call.WriteError();
      },
      &pool, options);
  const auto server = Serve("/test/Flood", &method, &metrics);
  {
    grpc::GenericStub stub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server->port()), grpc::InsecureChannelCredentials()));
    UnreadCall call(stub);
    const grpc::Status status = call.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("bytes of memory: limit 3145728, got 4194"));
    EXPECT_THAT(status.error_message(), HasSubstr("(the server's --memory_budget); try again later"));
  }
  server->Shutdown(absl::Seconds(20));
  EXPECT_EQ(metrics.bytes_held.load(), 0);
}

TEST(BlockingMethod, OneConnectionsUnreadAnswersLeaveRoomForAnother) {
  TransportMetrics metrics;
  WorkerPool pool{WorkerPool::Options()};
  BlockingMethod::Options options;
  options.call.held.max_bytes_per_connection = 2 * kMegabyte;
  absl::Mutex mutex;
  int refused = 0;
  BlockingMethod method(
      [&](BlockingCall& call) {
        std::string request;
        call.Read(&request);
        absl::MutexLock lock(&mutex);
        for (int i = 0; i < 2; ++i) call.Write(std::string(kMegabyte, 'x'));
        refused += call.WriteError().ok() ? 0 : 1;
        return call.WriteError();
      },
      &pool, options);
  const auto server = Serve("/test/Flood", &method, &metrics);
  {
    const std::string address = absl::StrCat("127.0.0.1:", server->port());
    grpc::ChannelArguments own_connection;
    own_connection.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = [&] {
      return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), own_connection);
    };
    grpc::GenericStub greedy(channel()), modest(channel());
    std::vector<std::unique_ptr<UnreadCall>> unread;
    for (int i = 0; i < 4; ++i) unread.push_back(std::make_unique<UnreadCall>(greedy));
    const auto is_refused = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return refused > 0; };
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&is_refused));
    }
    EXPECT_GE(metrics.count(Cut::kConnectionBytes), 1);
    EXPECT_TRUE(UnreadCall(modest).Finish().ok());
    EXPECT_EQ(metrics.count(Cut::kBytesHeld), 0);
  }
  server->Shutdown(absl::Seconds(20));
  EXPECT_EQ(metrics.bytes_held.load(), 0);
}

TEST(BlockingMethod, AnswersAreCompressedForAClientThatCompresses) {
  TransportMetrics metrics;
  WorkerPool pool{WorkerPool::Options()};
  const std::string answer(kMegabyte, 'x');
  BlockingMethod method(
      [&answer](BlockingCall& call) {
        std::string request;
        call.Read(&request);
        call.Write(answer);
        return call.WriteError();
      },
      &pool, BlockingMethod::Options());
  const auto server = Serve("/test/Export", &method, &metrics);
  grpc::GenericStub stub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server->port()), grpc::InsecureChannelCredentials()));
  const auto bytes_sent = [&](grpc_compression_algorithm algorithm) {
    const int64_t before = metrics.bytes_sent.load();
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    grpc::CompletionQueue queue;
    grpc::Slice request(std::string(100, 'y'));
    grpc::ByteBuffer received;
    grpc::Status status;
    const auto call = stub.PrepareUnaryCall(&context, "/test/Export", grpc::ByteBuffer(&request, 1), &queue);
    call->StartCall();
    call->Finish(&received, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    EXPECT_TRUE(status.ok()) << status.error_message();
    grpc::Slice whole;
    EXPECT_TRUE(received.DumpToSingleSlice(&whole).ok());
    EXPECT_TRUE(std::string(whole.begin(), whole.end()) == answer);
    return metrics.bytes_sent.load() - before;
  };
  EXPECT_LT(bytes_sent(GRPC_COMPRESS_GZIP), 100000);
  EXPECT_GT(bytes_sent(GRPC_COMPRESS_NONE), static_cast<int64_t>(kMegabyte));
  server->Shutdown(absl::Seconds(20));
}

// Uploads of which only the beginning came held their threads for ever.
TEST(BlockingMethod, AStreamWhoseNextMessageDoesNotComeIsGivenUp) {
  TransportMetrics metrics;
  WorkerPool pool{WorkerPool::Options()};
  BlockingMethod::Options options;
  options.streams_in = true;
  options.call.body_timeout = absl::Milliseconds(1);
  BlockingMethod method(
      [&](BlockingCall& call) {
        std::string request;
        while (call.Read(&request)) continue;
        return call.ReadError();
      },
      &pool, options);
  const auto server = Serve("/test/Upload", &method, &metrics);
  {
    grpc::GenericStub stub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server->port()), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareCall(&context, "/test/Upload", &queue);
    void* tag = nullptr;
    bool ok = false;
    call->StartCall(nullptr);
    queue.Next(&tag, &ok);
    grpc::Status status;
    call->Finish(&status, nullptr);
    queue.Next(&tag, &ok);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    EXPECT_EQ(status.error_message(),
              "the request: expected its next message within 1ms, and none came (the server's --body_timeout)");
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) continue;
  }
  server->Shutdown(absl::Seconds(20));
}

}  // namespace
}  // namespace roicast
