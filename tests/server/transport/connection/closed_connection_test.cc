// Connections that are closed while they, or others of the same turn, have something to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/transport/connection/connection.h"
#include "tests/server/transport/connection/connection_fixture.h"
#include "tests/testing/read_socket.h"

namespace roicast {
namespace {

using std::chrono::seconds;
using testing::Clock;
using testing::ConnectionTest;
using ::testing::ElementsAre;
using testing::FakeProtocol;
using testing::FakeStream;
using testing::Log;
using testing::MakeSockets;
using testing::ReadSocket;
using testing::Script;

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
