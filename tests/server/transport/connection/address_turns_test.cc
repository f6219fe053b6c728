#include "server/transport/connection/address_turns.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace roicast {
namespace {

using std::chrono::microseconds;

// A connection that takes some time whenever it is its turn.
class FakeConnection final : public AddressTurns::Waiter {
 public:
  FakeConnection(AddressTurns* turns, const PeerUse* address, std::string name, std::vector<std::string>* log)
      : turns_(*turns), address_(*address), name_(std::move(name)), log_(*log) {}
  void OnTurn() override {
    log_.push_back(name_);
    turns_.Spend(address_, time);
    if (then) then();
  }
  void Wait() { turns_.Wait(address_, this); }

  std::chrono::nanoseconds time = microseconds(400);
  std::function<void()> then;

 private:
  AddressTurns& turns_;
  const PeerUse& address_;
  const std::string name_;
  std::vector<std::string>& log_;
};

class AddressTurnsTest : public ::testing::Test {
 protected:
  std::unique_ptr<FakeConnection> Make(const PeerUse& address, std::string name) {
    return std::make_unique<FakeConnection>(&turns_, &address, std::move(name), &log_);
  }
  // Runs the loop until nobody waits; each turn is marked in the log.
  void RunLoop() {
    Turn turn(this);
    loop_->Post(&turn);
    loop_->Run();
  }

  struct Turn final : EventLoop::Task {
    explicit Turn(AddressTurnsTest* of) : test(*of) {}
    void Run() override {
      test.log_.push_back("|");
      if (test.turns_.crowded()) {
        test.loop_->Post(this);
      } else {
        test.loop_->Stop();
      }
    }
    AddressTurnsTest& test;
  };

  std::unique_ptr<EventLoop> loop_ = *EventLoop::Make(0);
  AddressTurns turns_{loop_.get()};
  PeerUse greedy_, modest_;
  std::vector<std::string> log_;
};

TEST_F(AddressTurnsTest, AnAddressMayGoOnUntilItsSliceIsSpent) {
  EXPECT_TRUE(turns_.MayGoOn(greedy_));
  turns_.Spend(greedy_, AddressTurns::kSlice - microseconds(1));
  EXPECT_TRUE(turns_.MayGoOn(greedy_));
  turns_.Spend(greedy_, microseconds(1));
  EXPECT_FALSE(turns_.MayGoOn(greedy_));
  EXPECT_TRUE(turns_.MayGoOn(modest_));
}

TEST_F(AddressTurnsTest, WhoWaitsIsServedInOrderASliceAtATime) {
  std::vector<std::unique_ptr<FakeConnection>> connections;
  for (int i = 0; i < 7; ++i) connections.push_back(Make(greedy_, std::to_string(i)));
  for (const auto& connection : connections) connection->Wait();
  EXPECT_FALSE(turns_.MayGoOn(greedy_)) << "those that wait come first";
  EXPECT_TRUE(turns_.MayGoOn(modest_));
  RunLoop();
  // Three of 0.4 ms make a slice of 1 ms.
  EXPECT_EQ(log_, (std::vector<std::string>{"0", "1", "2", "|", "3", "4", "5", "|", "6", "|"}));
  EXPECT_TRUE(turns_.MayGoOn(greedy_)) << "a new turn has a new slice";
}

TEST_F(AddressTurnsTest, AddressesTakeTurns) {
  const auto a = Make(greedy_, "a"), b = Make(greedy_, "b"), c = Make(greedy_, "c"), d = Make(greedy_, "d");
  const auto other = Make(modest_, "other");
  for (FakeConnection* const connection : {a.get(), b.get(), c.get(), d.get(), other.get()}) connection->Wait();
  RunLoop();
  EXPECT_EQ(log_, (std::vector<std::string>{"a", "b", "c", "other", "|", "d", "|"}));
}

// However many addresses wait, the loop looks at what else is ready every two milliseconds.
TEST_F(AddressTurnsTest, ATurnOfManyAddressesIsBounded) {
  std::vector<std::unique_ptr<PeerUse>> addresses;
  std::vector<std::unique_ptr<FakeConnection>> connections;
  for (int i = 0; i < 5; ++i) {
    addresses.push_back(std::make_unique<PeerUse>());
    connections.push_back(Make(*addresses.back(), std::to_string(i)));
    connections.back()->time = AddressTurns::kSlice;
    connections.back()->Wait();
  }
  RunLoop();
  EXPECT_EQ(log_, (std::vector<std::string>{"0", "1", "|", "2", "3", "|", "4", "|"}));
}

TEST_F(AddressTurnsTest, WhoIsForgottenHasNoTurn) {
  const auto a = Make(greedy_, "a"), b = Make(greedy_, "b"), c = Make(modest_, "c");
  for (FakeConnection* const connection : {a.get(), b.get(), c.get()}) connection->Wait();
  // One closes another while it has its turn.
  a->then = [&] { turns_.Forget(b.get()); };
  turns_.Forget(c.get());
  EXPECT_FALSE(c->waits());
  RunLoop();
  EXPECT_EQ(log_, (std::vector<std::string>{"a", "|"}));
}

TEST_F(AddressTurnsTest, WhoWaitsTwiceHasOneTurn) {
  const auto a = Make(greedy_, "a");
  a->Wait();
  a->Wait();
  EXPECT_TRUE(a->waits());
  RunLoop();
  EXPECT_EQ(log_, (std::vector<std::string>{"a", "|"}));
}

}  // namespace
}  // namespace roicast
