// How connections of gRPC end: when the server stops, when they are old, and when their clients are gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/transport/grpc/blocking_method.h"
#include "server/transport/transport_server.h"
#include "tests/server/transport/grpc/raw_http2_client.h"

namespace roicast {
namespace {

using testing::NumberOf;
using testing::RawHttp2Client;
using Frame = RawHttp2Client::Frame;

constexpr uint32_t kLargestStream = 0x7fffffff;
constexpr absl::Duration kSoon = absl::Milliseconds(50);
constexpr absl::Duration kNever = absl::Hours(1);

// A server with two methods: /test/Quick answers, /test/Slow answers once it may.
class SessionEnd : public ::testing::Test {
 protected:
  SessionEnd() {
    options_.listen = {"127.0.0.1:0"};
    // What comes because of time alone comes when a test says so.
    options_.http2.drain_notice = options_.http2.keepalive_time = options_.http2.keepalive_timeout = kNever;
    options_.http2.window_timeout = options_.http2.max_age_grace = kNever;
  }
  ~SessionEnd() override {
    LetGo();
    if (server_ != nullptr) server_->Shutdown(absl::Seconds(60));
  }

  void Start() {
    server_ = std::make_unique<TransportServer>(options_, &metrics_);
    server_->grpc().Add("/test/Quick", &quick_);
    server_->grpc().Add("/test/Slow", &slow_);
    ASSERT_EQ(server_->Start(), absl::OkStatus());
  }
  std::unique_ptr<RawHttp2Client> Connect(const std::string& settings = "") {
    return std::make_unique<RawHttp2Client>(server_->port(), settings);
  }
  // Waits until a call of /test/Slow is under way.
  void AwaitSlowCall() { begun_.WaitForNotification(); }
  // Calls of /test/Slow may end.
  void LetGo() {
    if (!may_end_.HasBeenNotified()) may_end_.Notify();
  }

  // A connection with a slow call under way is asked to end; `drain` makes the server do so. The client answers the
  // ping behind the notice, as HTTP/2's libraries do by themselves.
  void ExpectNoCallIsLost(const std::function<void()>& drain) {
    const auto client = Connect();
    client->Call(1, "/test/Slow");
    AwaitSlowCall();
    drain();
    ExpectGoaway(client->NextOf(NGHTTP2_GOAWAY), kLargestStream);
    const auto ping = client->NextOf(NGHTTP2_PING);
    ASSERT_TRUE(ping.has_value());
    client->Call(3, "/test/Quick");
    EXPECT_EQ(client->StatusOf(3), "0") << "the client could not know yet";
    client->Send(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, ping->body);
    ExpectGoaway(client->NextOf(NGHTTP2_GOAWAY), 3);
    client->Call(5, "/test/Quick");
    for (const Frame& frame : client->AwaitPing()) EXPECT_NE(frame.stream, 5) << "frame of type " << frame.type;
    EXPECT_EQ(client->statuses().count(1), 0u);
    LetGo();
    EXPECT_EQ(client->StatusOf(1), "0");
    while (client->Next().has_value()) continue;
    EXPECT_EQ(client->statuses().count(5), 0u);
  }

  // The slow call of stream 1 has no status, and its worker hears that its client is gone.
  void ExpectCutOff(RawHttp2Client& client) {
    while (client.Next().has_value()) continue;
    EXPECT_EQ(client.statuses().count(1), 0u);
    EXPECT_TRUE(seen_gone_.WaitForNotificationWithTimeout(absl::Minutes(1)));
  }

  static void ExpectGoaway(const std::optional<Frame>& frame, uint32_t last_stream) {
    ASSERT_TRUE(frame.has_value()) << "the connection was closed without GOAWAY";
    EXPECT_EQ(NumberOf(frame->body), last_stream);
    EXPECT_EQ(NumberOf(frame->body, 4), uint32_t{NGHTTP2_NO_ERROR});
  }

  TransportServer::Options options_;
  TransportMetrics metrics_;
  absl::Notification begun_, may_end_, seen_gone_;
  WorkerPool pool_{WorkerPool::Options()};
  BlockingMethod quick_{[](BlockingCall& call) {
                          std::string request;
                          call.Read(&request);
                          call.Write("answer");
                          return absl::OkStatus();
                        },
                        &pool_,
                        {}};
  BlockingMethod slow_{[this](BlockingCall& call) {
                         std::string request;
                         call.Read(&request);
                         begun_.Notify();
                         while (!may_end_.WaitForNotificationWithTimeout(absl::Milliseconds(1))) {
                           if (!call.cancelled()) continue;
                           seen_gone_.Notify();
                           return absl::CancelledError("");
                         }
                         call.Write("answer");
                         return absl::OkStatus();
                       },
                       &pool_,
                       {}};
  std::unique_ptr<TransportServer> server_;
};

TEST_F(SessionEnd, AtTheStopNoCallIsLost) {
  Start();
  ExpectNoCallIsLost([this] { server_->Drain(); });
  EXPECT_EQ(metrics_.count(Cut::kAge), 0);
}

TEST_F(SessionEnd, AtItsAgeNoCallOfAConnectionIsLost) {
  options_.http2.max_age = kSoon;
  Start();
  ExpectNoCallIsLost([] {});
  EXPECT_EQ(metrics_.count(Cut::kAge), 1);
}

TEST_F(SessionEnd, AClientThatDoesNotAnswerThePingIsToldAfterTheNotice) {
  options_.http2.drain_notice = kSoon;
  Start();
  const auto client = Connect();
  client->Call(1, "/test/Slow");
  AwaitSlowCall();
  server_->Drain();
  ExpectGoaway(client->NextOf(NGHTTP2_GOAWAY), kLargestStream);
  ExpectGoaway(client->NextOf(NGHTTP2_GOAWAY), 1);
  LetGo();
  EXPECT_EQ(client->StatusOf(1), "0");
}

TEST_F(SessionEnd, WhatIsOpenAfterTheGraceIsCutOff) {
  options_.http2.max_age = options_.http2.max_age_grace = kSoon;
  Start();
  const auto client = Connect();
  client->Call(1, "/test/Slow");
  ExpectGoaway(client->NextOf(NGHTTP2_GOAWAY), kLargestStream);
  ExpectCutOff(*client);
  // Asked to end, and cut off.
  EXPECT_EQ(metrics_.count(Cut::kAge), 2);
}

TEST_F(SessionEnd, ASilentClientThatDoesNotAnswerAPingIsCutOff) {
  options_.http2.keepalive_time = options_.http2.keepalive_timeout = kSoon;
  Start();
  const auto client = Connect();
  client->Call(1, "/test/Slow");
  EXPECT_TRUE(client->NextOf(NGHTTP2_PING).has_value());
  ExpectCutOff(*client);
  EXPECT_EQ(metrics_.count(Cut::kKeepalive), 1);
}

TEST_F(SessionEnd, ASilentClientThatAnswersPingsIsKept) {
  options_.http2.keepalive_time = kSoon;
  Start();
  const auto client = Connect();
  client->Call(1, "/test/Slow");
  for (int i = 0; i < 3; ++i) {
    const auto ping = client->NextOf(NGHTTP2_PING);
    ASSERT_TRUE(ping.has_value());
    client->Send(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, ping->body);
  }
  LetGo();
  EXPECT_EQ(client->StatusOf(1), "0");
  EXPECT_EQ(metrics_.count(Cut::kKeepalive), 0);
}

// Nobody looked at such a connection until --idle_timeout had passed.
TEST_F(SessionEnd, AClientThatIsGoneIsFoundThoughItsConnectionWasIdleBefore) {
  options_.http2.preface_timeout = absl::Milliseconds(1);
  options_.http2.keepalive_time = options_.http2.keepalive_timeout = kSoon;
  BlockingMethod::Options streams;
  streams.streams_in = true;
  BlockingMethod upload(
      [](BlockingCall& call) {
        std::string request;
        while (call.Read(&request)) continue;
        return call.ReadError();
      },
      &pool_, streams);
  server_ = std::make_unique<TransportServer>(options_, &metrics_);
  server_->grpc().Add("/test/Upload", &upload);
  ASSERT_EQ(server_->Start(), absl::OkStatus());
  {
    const auto client = Connect();
    for (const absl::Time begin = absl::Now(); absl::Now() < begin + kSoon;) client->AwaitPing();
    client->BeginCall(1, "/test/Upload");
    EXPECT_TRUE(client->NextOf(NGHTTP2_PING).has_value());
    while (client->Next().has_value()) continue;
    EXPECT_EQ(metrics_.count(Cut::kKeepalive), 1);
  }
  server_->Shutdown(absl::Seconds(60));
  server_.reset();
}

TEST_F(SessionEnd, ACallWhoseClientGivesNoRoomForItsAnswerIsReset) {
  options_.http2.window_timeout = kSoon;
  Start();
  // SETTINGS_INITIAL_WINDOW_SIZE is 0.
  const auto client = Connect(std::string("\0\4\0\0\0\0", 6));
  client->Call(1, "/test/Quick");
  const auto reset = client->NextOf(NGHTTP2_RST_STREAM);
  ASSERT_TRUE(reset.has_value());
  EXPECT_EQ(reset->stream, 1);
  EXPECT_EQ(NumberOf(reset->body), uint32_t{NGHTTP2_CANCEL});
  EXPECT_EQ(metrics_.count(Cut::kWrite), 1);
  // An answer without a body needs no room.
  client->Call(3, "/test/Unknown");
  EXPECT_EQ(client->StatusOf(3), "12") << "the connection goes on";
}

}  // namespace
}  // namespace roicast
