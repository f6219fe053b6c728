#include "server/transport/connection/connection.h"

#include <fcntl.h>
#include <gmock/gmock.h>
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
#include "server/transport/connection/socket_stream.h"
#include "server/transport/loop/loop_threads.h"
#include "tests/testing/read_socket.h"

namespace roicast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::ReadSocket;

using Clock = EventLoop::Clock;
using Log = std::vector<std::string>;
using Received = ByteStream::Received;

constexpr absl::Duration kShort = absl::Milliseconds(20);
const milliseconds kShortTime = absl::ToChronoMilliseconds(kShort);
constexpr Clock::time_point kNever = Clock::time_point::max();

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

void Call(const std::function<void()>& hook) {
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
std::pair<int, int> MakeSockets() {
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

TEST_F(ConnectionTest, SpeaksAtOnceWhereItsStreamIsOpen) {
  script_.answers = {"hello"};
  Start();
  EXPECT_EQ(ReadSocket(client_, 5), "hello");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "write hello"));
  OnLoop([&] {
    EXPECT_EQ(connection_->peer(), "ipv4:127.0.0.1:40000");
    EXPECT_EQ(connection_->host(), "127.0.0.1");
    EXPECT_EQ(&connection_->use(), &use_);
  });
  EXPECT_EQ(metrics_.connections.load(), 1);
}

TEST_F(ConnectionTest, SpeaksOnceItsStreamIsOpen) {
  script_.open = false;
  script_.on_read = [&](Received&) { script_.open = true; };
  Start();
  EXPECT_THAT(LogSoFar(), ElementsAre());
  Send("x");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x"));
  OnLoop([&] { EXPECT_EQ(script_.checks, 1) << "the protocol has deadlines of its own"; });
}

TEST_F(ConnectionTest, WithoutADescriptorItIsGone) {
  close(near_);
  OnLoop([&] {
    // What epoll does not take.
    Make(std::make_unique<FakeStream>(open("/dev/null", O_RDONLY | O_CLOEXEC), &script_));
    EXPECT_FALSE(connection_->Start());
    EXPECT_EQ(connection_, nullptr);
  });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(metrics_.count(Cut::kDescriptors), 1);
  EXPECT_EQ(metrics_.connections.load(), 0);
}

TEST_F(ConnectionTest, AllThatArrivesIsHandedOnInItsOrder) {
  std::string text;
  for (size_t i = 0; i < size_t{1} << 20; ++i) text += static_cast<char>('a' + (i * 7 + i / 1000) % 26);
  Start();
  Send(text);
  EndSending();
  AwaitGone();
  EXPECT_TRUE(script_.received == text) << script_.received.size();
}

TEST_F(ConnectionTest, AllAnswersToWhatArrivedAtOnceAreWrittenWithOneCall) {
  script_.on_receive = [&] {
    for (const char c : script_.received) {
      script_.answers.push_back(absl::StrCat("<", std::string(1, c), ">"));
      connection_->SendSoon();
    }
  };
  Send("abcd");
  Start();
  EXPECT_EQ(ReadSocket(client_, 12), "<a><b><c><d>");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive abcd", "write <a><b><c><d>"));
}

TEST_F(ConnectionTest, AllAnswersOfATurnAreWrittenWithOneCall) {
  Start();
  Settle();
  OnLoop([&] {
    Answer("a");
    Answer("b");
  });
  EXPECT_EQ(ReadSocket(client_, 2), "ab");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "write ab"));
}

TEST_F(ConnectionTest, AnswersLargerThanTheBufferAreWrittenInPieces) {
  constexpr size_t kPiece = LoopBuffers::kWriteBytes - 1;
  script_.answers = {std::string(kPiece, 'a'), std::string(kPiece, 'b')};
  Start();
  EXPECT_EQ(ReadSocket(client_, 2 * kPiece), std::string(kPiece, 'a') + std::string(kPiece, 'b'));
  EXPECT_THAT(LogSoFar(),
              ElementsAre("speak", "write " + std::string(kPiece, 'a'), "write " + std::string(kPiece, 'b')));
}

TEST_F(ConnectionTest, AClientThatDoesNotReadIsCutOff) {
  limits_.write_timeout = kShort;
  script_.on_produce = [&] { script_.answers = {std::string(1000, 'x')}; };
  OnLoop([&] {
    Make(std::make_unique<SocketStream>(near_, &metrics_));
    started_at_ = Clock::now();
    EXPECT_TRUE(connection_->Start());
  });
  AwaitGone();
  EXPECT_GE(metrics_.write_stalls.load(), 1);
  EXPECT_EQ(metrics_.count(Cut::kWrite), 1);
  EXPECT_EQ(cuts(), 1);
  EXPECT_GE(closed_at_, started_at_ + kShortTime);
  EXPECT_GT(metrics_.bytes_sent.load(), 0);
  EXPECT_EQ(metrics_.bytes_held.load(), 0) << "what was left is given up";
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "protocol closed", "closed", "protocol destroyed"));
}

TEST_F(ConnectionTest, WhileAClientDoesNotReadNothingOfItIsReadNorMoreProduced) {
  script_.takes = false;
  script_.answers = {"a"};
  Start();
  Settle();
  Send("more");
  OnLoop([&] { Answer("b"); });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "write a"));
  OnLoop([&] { script_.takes = true; });
  EXPECT_EQ(ReadSocket(client_, 2), "ab");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "write a", "flush", "write b", "receive more"));
}

// Each byte gives it the whole time again. The loop is held until the time is over, so that the byte comes in the very
// turn in which the client would be cut off.
TEST_F(ConnectionTest, AClientThatReadsALittleHasTheWholeTimeAgain) {
  limits_.write_timeout = kShort;
  Clock::time_point stalled, went_on;
  script_.takes = false;
  script_.answers = {"ab"};
  script_.on_write = [&] { stalled = loop().now(); };
  script_.on_flush = [&]() -> size_t {
    if (went_on != Clock::time_point()) return 0;
    if (loop().now() >= stalled + kShortTime) {
      went_on = loop().now();
      return 1;
    }
    HoldUntil(stalled + kShortTime);
    return 0;
  };
  Start();
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kWrite), 1);
  EXPECT_GE(went_on, stalled + kShortTime);
  EXPECT_GE(closed_at_, went_on + kShortTime);
}

TEST_F(ConnectionTest, AHandshakeThatTakesTooLongIsCutOff) {
  limits_.handshake_timeout = kShort;
  script_.open = false;
  Start();
  Send("x");
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kHandshake), 1);
  EXPECT_EQ(cuts(), 1);
  EXPECT_GE(closed_at_, started_at_ + kShortTime);
  EXPECT_THAT(LogSoFar(), ElementsAre("closed", "stream destroyed"));
}

TEST_F(ConnectionTest, AStreamThatIsOpenHasNoTimeForItsHandshake) {
  limits_.handshake_timeout = kShort;
  script_.open = false;
  script_.on_read = [&](Received&) {
    HoldUntil(Clock::now() + kShortTime);
    script_.open = true;
  };
  Send("x");
  Start();
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x"));
  EXPECT_EQ(cuts(), 0);
}

TEST_F(ConnectionTest, APieceWhoseEndDoesNotComeIsCutOff) {
  limits_.piece_timeout = kShort;
  script_.on_read = [](Received& received) {
    received.taken = std::exchange(received.size, 0);
    received.torn = true;
  };
  Start();
  Send("x");
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kRecord), 1);
  EXPECT_EQ(cuts(), 1);
  EXPECT_GE(closed_at_, started_at_ + kShortTime);
}

// A piece begins, and has not ended when its time is over: what comes in this very turn counts.
class PieceTest : public ConnectionTest {
 protected:
  PieceTest() {
    limits_.piece_timeout = kShort;
    script_.read_bytes = 1;
    script_.on_read = [this](Received& received) {
      received.taken = std::exchange(received.size, 0);
      received.torn = true;
      if (began_ == Clock::time_point()) {
        began_ = loop().now();
      } else if (loop().now() < began_ + kShortTime) {
        HoldUntil(began_ + kShortTime);
      } else if (in_time_ == Clock::time_point()) {
        in_time_ = loop().now();
        last_(received);
      } else {
        received.taken = 0;
      }
    };
    Send("abc");
  }

  std::function<void(Received&)> last_;
  Clock::time_point began_, in_time_;
};

TEST_F(PieceTest, ThatEndsHasNoLimit) {
  last_ = [](Received& received) { received.torn = false; };
  Start();
  Await([&] { return in_time_ != Clock::time_point(); });
  Settle();
  EXPECT_EQ(cuts(), 0);
  OnLoop([&] { EXPECT_NE(connection_, nullptr); });
}

TEST_F(PieceTest, ThatFollowsAnotherHasTheWholeTime) {
  last_ = [](Received& received) { received.ended_another = true; };
  Start();
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kRecord), 1);
  EXPECT_NE(in_time_, Clock::time_point());
  EXPECT_GE(closed_at_, in_time_ + kShortTime);
}

TEST_F(ConnectionTest, APieceHasTimeWhileNothingIsRead) {
  limits_.piece_timeout = kShort;
  script_.on_receive = [&] { script_.busy = true; };
  script_.on_read = [](Received& received) {
    received.taken = received.size;
    received.torn = true;
  };
  Send("x");
  Start();
  // It is looked at whenever its time would be over.
  Await([&] { return script_.checks >= 5; });
  EXPECT_EQ(cuts(), 0);
  OnLoop([&] { Answer("a"); });
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kRecord), 1);
}

TEST_F(ConnectionTest, WhileAnAnswerIsUnderWayNothingMoreIsRead) {
  script_.on_receive = [&] { script_.busy = true; };
  Start();
  Send("a");
  Settle();
  Send("b");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive a"));
  OnLoop([&] { Answer("A"); });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive a", "write A", "receive b"));
}

TEST_F(ConnectionTest, DrainedItClosesOnceItsRequestsAreAnswered) {
  script_.on_receive = [&] { script_.busy = true; };
  Start();
  Send("x");
  Settle();
  OnLoop([&] { connection_->Drain(); });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x", "drain"));
  OnLoop([&] {
    script_.finished = true;
    Answer("answer");
  });
  EXPECT_EQ(ReadSocket(client_, 100), "answer") << "and then the end";
  CloseClient();
  AwaitGone();
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x", "drain", "write answer", "end writing", "protocol closed",
                                      "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(cuts(), 0);
}

TEST_F(ConnectionTest, DrainedItClosesOnlyOnceTheClientHasTheAnswer) {
  script_.takes = false;
  script_.on_drain = [&] {
    script_.answers = {"answer"};
    script_.finished = true;
  };
  Start();
  OnLoop([&] { connection_->Drain(); });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "drain", "write answer"));
  OnLoop([&] { script_.takes = true; });
  EXPECT_EQ(ReadSocket(client_, 100), "answer");
  CloseClient();
  AwaitGone();
}

TEST_F(ConnectionTest, DrainedBeforeItsStreamIsOpenItCloses) {
  script_.open = false;
  Start();
  OnLoop([&] { connection_->Drain(); });
  EXPECT_EQ(ReadSocket(client_, 100), "");
  CloseClient();
  AwaitGone();
  EXPECT_THAT(LogSoFar(), ElementsAre("end writing", "closed", "stream destroyed"));
}

// One that closed its socket at once would have it reset by what still arrives, and the client could lose the answer.
TEST_F(ConnectionTest, ItStaysForAMomentForWhatTheClientStillSends) {
  script_.answers = {"answer"};
  script_.finished = true;
  Clock::time_point ended;
  script_.on_write = [&] { ended = loop().now(); };
  Send("in vain");
  Start();
  EXPECT_EQ(ReadSocket(client_, 100), "answer");
  AwaitGone();
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "write answer", "end writing", "protocol closed", "closed",
                                      "protocol destroyed", "stream destroyed"));
  EXPECT_GE(closed_at_, ended + milliseconds(100));
}

TEST_F(ConnectionTest, AtTheEndOfInputItClosesOnceAllIsWritten) {
  script_.on_receive = [&] { script_.answers = {"answer"}; };
  Start();
  Send("x");
  EndSending();
  EXPECT_EQ(ReadSocket(client_, 100), "answer");
  AwaitGone();
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x", "write answer", "protocol closed", "closed",
                                      "protocol destroyed", "stream destroyed"));
}

TEST_F(ConnectionTest, AtTheEndOfInputWhatIsUnderWayIsAnswered) {
  // Together: while something is under way, nothing more is read.
  script_.on_read = [&](Received& received) {
    if (received.size > 0) received.input = ByteStream::Input::kEnded;
  };
  script_.on_receive = [&] { script_.busy = true; };
  Start();
  Send("x");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x"));
  OnLoop([&] { Answer("answer"); });
  EXPECT_EQ(ReadSocket(client_, 100), "answer");
  AwaitGone();
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x", "write answer", "protocol closed", "closed",
                                      "protocol destroyed", "stream destroyed"));
}

TEST_F(ConnectionTest, WhatAProtocolDoesNotWantIsReadInVain) {
  script_.wants_more = false;
  script_.on_receive = [&] { script_.busy = true; };
  Start();
  Send("x");
  Settle();
  Send("y");
  OnLoop([&] { Answer("answer"); });
  EXPECT_EQ(ReadSocket(client_, 100), "answer");
  CloseClient();
  AwaitGone();
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "receive x", "write answer", "end writing", "protocol closed", "closed",
                                      "protocol destroyed", "stream destroyed"));
}

TEST_F(ConnectionTest, AClientThatIsGoneIsNoticedAlthoughNothingIsRead) {
  script_.on_receive = [&] { script_.busy = true; };
  Start();
  Send("x");
  Settle();
  CloseClient();
  AwaitGone();
  EXPECT_THAT(LogSoFar(),
              ElementsAre("speak", "receive x", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

TEST_F(ConnectionTest, ABrokenStreamIsClosed) {
  script_.on_read = [](Received& received) { received.input = ByteStream::Input::kBroken; };
  Start();
  Send("x");
  AwaitGone();
  EXPECT_THAT(LogSoFar(),
              ElementsAre("speak", "receive x", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(cuts(), 0);
}

TEST_F(ConnectionTest, AStreamThatDoesNotWriteIsClosed) {
  script_.gone = true;
  script_.answers = {"a", "b"};
  Start();
  AwaitGone();
  EXPECT_THAT(LogSoFar(),
              ElementsAre("speak", "write ab", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

TEST_F(ConnectionTest, AStreamThatDoesNotFlushIsClosed) {
  script_.takes = false;
  script_.answers = {"a"};
  Start();
  OnLoop([&] { script_.gone = true; });
  AwaitGone();
  EXPECT_THAT(LogSoFar(),
              ElementsAre("speak", "write a", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

TEST_F(ConnectionTest, AStreamThatDoesNotEndIsClosed) {
  script_.gone = true;
  script_.finished = true;
  Start();
  OnLoop([&] { EXPECT_EQ(connection_, nullptr) << "at once"; });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "end writing", "protocol closed", "closed", "protocol destroyed",
                                      "stream destroyed"));
}

TEST_F(ConnectionTest, WhatItsStreamRefusesIsCountedAndNotHandedOn) {
  bool refused = false;
  script_.read_bytes = 1;
  script_.on_read = [&](Received& received) {
    if (std::exchange(refused, true)) return;
    received.size = 0;
    received.input = ByteStream::Input::kRefused;
    received.cut = Cut::kFloodKeyUpdate;
  };
  Send("xyz");
  Start();
  EXPECT_EQ(ReadSocket(client_, 100), "");
  CloseClient();
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kFloodKeyUpdate), 1);
  EXPECT_EQ(cuts(), 1);
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "end writing", "protocol closed", "closed", "protocol destroyed",
                                      "stream destroyed"));
}

TEST_F(ConnectionTest, CutOffCountsWhy) {
  Start();
  OnLoop([&] { connection_->CutOff(Cut::kIdle); });
  EXPECT_EQ(ReadSocket(client_, 100), "");
  EXPECT_EQ(metrics_.count(Cut::kIdle), 1);
  EXPECT_EQ(cuts(), 1);
}

TEST_F(ConnectionTest, WhatIsOverdueCutsItOff) {
  Clock::time_point due;
  script_.on_overdue = [&](Clock::time_point now, Clock::time_point* next) {
    if (due == Clock::time_point()) due = now + kShortTime;
    *next = due;
    return now >= due ? std::optional<Cut>(Cut::kPreface) : std::nullopt;
  };
  Start();
  AwaitGone();
  EXPECT_EQ(metrics_.count(Cut::kPreface), 1);
  EXPECT_EQ(cuts(), 1);
  EXPECT_GE(closed_at_, due);
}

TEST_F(ConnectionTest, ChecksByTheEarliestTimeThatIsAskedFor) {
  Start();
  OnLoop([&] { EXPECT_EQ(script_.checks, 1); });
  OnLoop([&] {
    connection_->CheckBy(Clock::now() + std::chrono::hours(1));
    connection_->CheckBy(Clock::now());
    connection_->CheckBy(Clock::now() + std::chrono::hours(2));
  });
  Settle();
  OnLoop([&] { EXPECT_EQ(script_.checks, 2); });
}

TEST_F(ConnectionTest, IsClosedOnceAndThenTellsWhoeverHasIt) {
  Start();
  Settle();
  on_closed_ = [&] { connection_->Close(); };
  OnLoop([&] {
    Connection& connection = *connection_;
    connection.Close();
    connection.Close();
    connection.Drain();
    connection.SendSoon();
    connection.CheckBy(Clock::now());
    EXPECT_THAT(script_.log, ElementsAre("speak", "protocol closed", "closed"));
    EXPECT_EQ(connection.host(), "127.0.0.1") << "until the end of the turn";
    EXPECT_EQ(metrics_.connections.load(), 1);
  });
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(metrics_.connections.load(), 0);
  EXPECT_EQ(ReadSocket(client_, 100), "");
}

TEST_F(ConnectionTest, ClosedItGivesUpWhatIsUnsent) {
  script_.takes = false;
  script_.answers = {"answer"};
  Start();
  Settle();
  OnLoop([&] { connection_->Close(); });
  EXPECT_EQ(ReadSocket(client_, 100), "");
  EXPECT_THAT(LogSoFar(), ElementsAre("speak", "write answer", "protocol closed", "closed", "protocol destroyed",
                                      "stream destroyed"));
}

// One of several connections.
struct One {
  ~One() { close(client); }
  Script script;
  int client = -1;
  Connection::Speak speak;
  // nullptr: it is closed.
  Connection* connection = nullptr;
};

// Connections of the same address to which something has come.
class ConnectionsTest : public ConnectionTest {
 protected:
  explicit ConnectionsTest(size_t count = 3) : all_(count) { Start(); }
  ~ConnectionsTest() override {
    OnLoop([&] {
      for (const auto& one : all_) {
        if (one->connection != nullptr) one->connection->Close();
      }
    });
    Settle();
  }
  void StartAll() {
    OnLoop([&] {
      for (size_t i = 0; i < all_.size(); ++i) StartOne(i);
    });
  }
  // The first that is not in the log of what was received. Closes it.
  void CloseAnother() {
    closed_ = 0;
    while (std::count(received_.begin(), received_.end(), closed_) > 0) ++closed_;
    all_[closed_]->connection->Close();
  }
  // All but the one that was closed receive what came to them, once.
  void ExpectTheOthersReceive() {
    Await([&] { return received_.size() >= all_.size() - 1; });
    Settle();
    OnLoop([&] {
      received_.push_back(closed_);
      std::sort(received_.begin(), received_.end());
      for (size_t i = 0; i < all_.size(); ++i) {
        EXPECT_EQ(received_.at(i), i);
        EXPECT_EQ(all_[i]->connection == nullptr, i == closed_);
      }
      EXPECT_EQ(received_.size(), all_.size());
    });
  }

  std::vector<std::unique_ptr<One>> all_;
  // Which of them received something, in order; and what happens then.
  std::vector<size_t> received_;
  std::function<void()> on_receive_;
  size_t closed_ = 0;

 private:
  void StartOne(size_t i) {
    all_[i] = std::make_unique<One>();
    One& one = *all_[i];
    one.script.on_receive = [this, i] {
      received_.push_back(i);
      on_receive_();
    };
    one.speak = [&one](Connection*) { return std::make_unique<FakeProtocol>(&one.script); };
    int near = -1;
    std::tie(near, one.client) = MakeSockets();
    EXPECT_EQ(send(one.client, "x", 1, 0), 1);
    one.connection = new Connection(PartsOf(&one.speak, [&one](Connection*) { one.connection = nullptr; }), limits_,
                                    std::make_unique<FakeStream>(near, &one.script), {});
    EXPECT_TRUE(one.connection->Start());
  }
};

TEST_F(ConnectionsTest, OneThatAnotherClosesReceivesNoMoreInTheSameTurn) {
  on_receive_ = [&] {
    if (received_.size() == 1) CloseAnother();
  };
  StartAll();
  ExpectTheOthersReceive();
}

class CrowdTest : public ConnectionsTest {
 protected:
  CrowdTest() : ConnectionsTest(size_t{AddressTurns::kCrowd} + 4) {}
};

TEST_F(CrowdTest, TakesTurnsAndOneThatIsClosedMeanwhileHasNone) {
  on_receive_ = [&] {
    // All the time of the address: the others wait.
    HoldUntil(Clock::now() + AddressTurns::kSlice);
    if (received_.size() == 2) CloseAnother();
  };
  StartAll();
  ExpectTheOthersReceive();
}

// A protocol that closes its connection hears no more, nor is anything written.
class ClosingProtocolTest : public ConnectionTest {
 protected:
  void Close() { connection_->Close(); }
  Log LogOfClosed() {
    AwaitGone();
    return LogSoFar();
  }
};

TEST_F(ClosingProtocolTest, InReceive) {
  script_.on_receive = [&] {
    script_.answers = {"answer"};
    Close();
  };
  Start();
  Send("x");
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "receive x", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

TEST_F(ClosingProtocolTest, InReceiveOfTheLast) {
  script_.wants_more = false;
  script_.on_receive = [&] { Close(); };
  Start();
  Send("x");
  EndSending();
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "receive x", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

// It was asked for more, its bytes were written, and a change of its interest in a socket that nobody watched any more
// ended the process.
TEST_F(ClosingProtocolTest, InProduce) {
  script_.on_produce = [&] {
    script_.answers = {"answer"};
    script_.busy = true;
    Close();
  };
  Start();
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(ReadSocket(client_, 100), "");
}

TEST_F(ClosingProtocolTest, InProduceOfNothing) {
  script_.on_produce = [&] {
    script_.busy = true;
    Close();
  };
  Start();
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

TEST_F(ClosingProtocolTest, InDrain) {
  script_.on_drain = [&] { Close(); };
  Start();
  Settle();
  OnLoop([&] { connection_->Drain(); });
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "drain", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
}

// It was asked once more in the same turn.
TEST_F(ClosingProtocolTest, InOverdue) {
  Start();
  Settle();
  OnLoop([&] {
    script_.on_overdue = [&](Clock::time_point now, Clock::time_point* next) {
      Close();
      *next = now - seconds(1);
      return std::optional<Cut>();
    };
    connection_->CheckBy(Clock::now());
  });
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(script_.checks, 2);
}

TEST_F(ClosingProtocolTest, InOnClosed) {
  script_.on_closed = [&] {
    Close();
    connection_->SendSoon();
    connection_->CheckBy(loop().now() - seconds(1));
  };
  Start();
  Settle();
  OnLoop([&] { connection_->CutOff(Cut::kAge); });
  EXPECT_THAT(LogOfClosed(),
              ElementsAre("speak", "protocol closed", "closed", "protocol destroyed", "stream destroyed"));
  EXPECT_EQ(cuts(), 1);
}

}  // namespace
}  // namespace roicast
