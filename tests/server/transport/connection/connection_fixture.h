// A connection whose stream and protocol do what a test says, on a loop of its own.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/transport/connection/connection.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Clock = EventLoop::Clock;
using Log = std::vector<std::string>;
using Received = ByteStream::Received;

inline constexpr absl::Duration kShort = absl::Milliseconds(20);
inline const milliseconds kShortTime = absl::ToChronoMilliseconds(kShort);
inline constexpr Clock::time_point kNever = Clock::time_point::max();

// What a stream and a protocol do, and what happens to them. Used on the loop.
struct Script {
  Log log;

  // The stream: whether it is open, what it reads at once, and whether the socket takes what is written.
  bool open = true;
  size_t read_bytes = ReadSize::kMax;
  bool takes = true;
  std::string unsent;
  // Changes what was read.
  std::function<void(Received&)> on_read;
  std::function<void()> on_write;
  // How many bytes Flush sends; none: all, if the socket takes them.
  std::function<size_t()> on_flush;
  bool gone = false;

  // The protocol.
  std::string received;
  std::deque<std::string> answers;
  bool wants_more = true;
  bool busy = false;
  bool finished = false;
  std::function<void()> on_receive, on_produce, on_drain, on_closed;
  std::function<std::optional<Cut>(Clock::time_point now, Clock::time_point* next)> on_overdue;
  int checks = 0;
};

inline void Call(const std::function<void()>& hook) {
  if (hook) hook();
}

class FakeStream final : public ByteStream {
 public:
  FakeStream(int fd, Script* script) : fd_(fd), script_(*script) {}
  ~FakeStream() override {
    script_.log.push_back("stream destroyed");
    close(fd_);
  }
  int fd() const override { return fd_; }
  bool open() const override { return script_.open; }
  Received Read(char* to, size_t most) override {
    const ssize_t count = recv(fd_, to, std::min(most, script_.read_bytes), 0);
    Received received;
    if (count > 0) received.size = static_cast<size_t>(count);
    if (count == 0) received.input = Input::kEnded;
    if (count < 0 && errno != EAGAIN) received.input = Input::kBroken;
    if (script_.on_read) script_.on_read(received);
    return received;
  }
  bool Write(absl::string_view bytes) override {
    script_.log.push_back(absl::StrCat("write ", bytes));
    Call(script_.on_write);
    if (script_.gone) return false;
    if (script_.takes) {
      Send(bytes);
    } else {
      absl::StrAppend(&script_.unsent, bytes);
    }
    return true;
  }
  size_t unsent() const override { return script_.unsent.size(); }
  bool Flush() override {
    if (script_.gone) return false;
    const size_t count = script_.on_flush ? script_.on_flush() : script_.takes ? unsent() : 0;
    if (count == 0) return true;
    script_.log.push_back("flush");
    Send(script_.unsent.substr(0, count));
    script_.unsent.erase(0, count);
    return true;
  }
  bool EndWriting() override {
    script_.log.push_back("end writing");
    return !script_.gone && shutdown(fd_, SHUT_WR) == 0;
  }

 private:
  void Send(absl::string_view bytes) const {
    EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }

  const int fd_;
  Script& script_;
};

class FakeProtocol final : public Protocol {
 public:
  explicit FakeProtocol(Script* script) : script_(*script) {}
  ~FakeProtocol() override {
    EXPECT_TRUE(closed_);
    script_.log.push_back("protocol destroyed");
  }
  bool Receive(absl::string_view bytes) override {
    ExpectOpen();
    script_.log.push_back(absl::StrCat("receive ", bytes));
    absl::StrAppend(&script_.received, bytes);
    Call(script_.on_receive);
    return script_.wants_more;
  }
  void Produce(OutputBuffer& out) override {
    ExpectOpen();
    Call(script_.on_produce);
    while (!script_.answers.empty() && script_.answers.front().size() <= out.room()) {
      out.Append(script_.answers.front());
      script_.answers.pop_front();
    }
  }
  bool finished() const override { return script_.finished; }
  bool busy() const override { return script_.busy; }
  void Drain() override {
    ExpectOpen();
    script_.log.push_back("drain");
    Call(script_.on_drain);
  }
  std::optional<Cut> Overdue(Clock::time_point now, Clock::time_point* next) override {
    ExpectOpen();
    ++script_.checks;
    *next = kNever;
    return script_.on_overdue ? script_.on_overdue(now, next) : std::nullopt;
  }
  void OnClosed() override {
    ExpectOpen();
    closed_ = true;
    script_.log.push_back("protocol closed");
    Call(script_.on_closed);
  }

 private:
  void ExpectOpen() const { EXPECT_FALSE(closed_) << "nothing is called after OnClosed"; }

  Script& script_;
  bool closed_ = false;
};

// The connection's, and that of its client.
inline std::pair<int, int> MakeSockets() {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  EXPECT_EQ(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
  const timeval patience = {60, 0};
  EXPECT_EQ(setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
  return {ends[0], ends[1]};
}

// A connection on a loop of its own; the test is its client.
class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    EXPECT_EQ(loops_.Make(), absl::OkStatus());
    buffers_ = std::make_unique<LoopBuffers>(&loops_.loop(0));
    loops_.Start();
    std::tie(near_, client_) = MakeSockets();
  }
  ~ConnectionTest() override {
    OnLoop([&] {
      if (connection_ != nullptr) connection_->Close();
    });
    loops_.Shutdown();
    CloseClient();
    EXPECT_EQ(metrics_.connections.load(), 0);
  }

  void OnLoop(const std::function<void()>& run) {
    loops_.RunOnEachAndWait([&](int) { run(); });
  }
  // Two turns of the loop, so that it has seen all that was ready before, and its timers that were due.
  void Settle() {
    for (int i = 0; i < 2; ++i) OnLoop([] {});
  }
  Log LogSoFar() {
    Settle();
    Log log;
    OnLoop([&] { log = script_.log; });
    return log;
  }
  EventLoop& loop() { return loops_.loop(0); }

  Connection::Parts PartsOf(const Connection::Speak* speak, std::function<void(Connection*)> on_closed) {
    return {.loop = &loop(),
            .buffers = buffers_.get(),
            .metrics = &metrics_,
            .use = &use_,
            .speak = speak,
            .on_closed = std::move(on_closed)};
  }
  void Make(std::unique_ptr<ByteStream> stream) {
    const auto on_closed = [this](Connection* connection) {
      EXPECT_EQ(connection, connection_);
      script_.log.push_back("closed");
      closed_at_ = Clock::now();
      Call(on_closed_);
      connection_ = nullptr;
    };
    connection_ =
        new Connection(PartsOf(&speak_, on_closed), limits_, std::move(stream), {"ipv4:127.0.0.1:40000", "127.0.0.1"});
  }
  void Start() {
    OnLoop([&] {
      Make(std::make_unique<FakeStream>(near_, &script_));
      started_at_ = Clock::now();
      EXPECT_TRUE(connection_->Start());
    });
  }

  void Send(absl::string_view bytes) const {
    ASSERT_EQ(send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void EndSending() const { ASSERT_EQ(shutdown(client_, SHUT_WR), 0); }
  void CloseClient() {
    if (client_ >= 0) close(std::exchange(client_, -1));
  }
  // An answer to what was received, from elsewhere.
  void Answer(const std::string& bytes) {
    script_.busy = false;
    script_.answers.push_back(bytes);
    connection_->SendSoon();
  }

  // Waits for a condition, which is looked at on the loop.
  void Await(const std::function<bool()>& condition) {
    bool met = false;
    for (const auto until = Clock::now() + seconds(60); !met && Clock::now() < until;) {
      OnLoop([&] { met = condition(); });
      if (!met) absl::SleepFor(absl::Milliseconds(1));
    }
    ASSERT_TRUE(met);
  }
  void AwaitGone() {
    Await([&] { return metrics_.connections.load() == 0; });
  }
  // Stops the loop until then.
  static void HoldUntil(Clock::time_point when) {
    while (Clock::now() < when) continue;
  }
  int64_t cuts() const {
    int64_t all = 0;
    for (size_t i = 0; i < kCuts; ++i) all += metrics_.cuts[i].load();
    return all;
  }

  TransportMetrics metrics_;
  PeerUse use_;
  Script script_;
  Connection::Limits limits_{
      .write_timeout = absl::Hours(1), .handshake_timeout = absl::Hours(1), .piece_timeout = absl::Hours(1)};
  const Connection::Speak speak_ = [this](Connection* connection) {
    EXPECT_EQ(connection, connection_);
    script_.log.push_back("speak");
    return std::make_unique<FakeProtocol>(&script_);
  };
  std::function<void()> on_closed_;
  LoopThreads loops_{1};
  std::unique_ptr<LoopBuffers> buffers_;
  int near_ = -1;
  int client_ = -1;
  // nullptr: it is closed.
  Connection* connection_ = nullptr;
  Clock::time_point started_at_, closed_at_;
};

}  // namespace roicast::testing
