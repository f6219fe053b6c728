#include "server/transport/connection/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/transport/connection/socket_stream.h"
#include "tests/server/transport/connection/connection_fixture.h"
#include "tests/testing/read_socket.h"

namespace roicast {
namespace {

using std::chrono::milliseconds;
using testing::Clock;
using testing::ConnectionTest;
using ::testing::ElementsAre;
using testing::FakeStream;
using testing::kShort;
using testing::kShortTime;
using testing::ReadSocket;
using testing::Received;

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

}  // namespace
}  // namespace roicast
