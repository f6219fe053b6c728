// Shares the time of a loop among the addresses of its clients, however many connections each of them has.
//
// An address that has taken its slice waits, and so do its other connections behind it, in the order in which they had
// something to say. Those that wait are served at the end of each turn of the loop, a slice for each address, in turns
// (deficit round robin; Shreedhar and Varghese, 1995). The loop does not sleep meanwhile: nothing is lost where nobody
// else has anything to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "server/transport/connection/peer_use.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

// Lives on its loop, and is used there alone.
class AddressTurns final : private EventLoop::Task {
 public:
  // What an address may take of a turn, and all that waited together.
  static constexpr std::chrono::nanoseconds kSlice = std::chrono::milliseconds(1);
  static constexpr std::chrono::nanoseconds kTurn = std::chrono::milliseconds(2);
  // Fewer that are ready do not take long, whosever they are; their time need not be measured.
  static constexpr int kCrowd = 8;

  // A connection. Destroyed only once it does not wait.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    // It is its turn.
    virtual void OnTurn() = 0;
    bool waits() const { return address_ != nullptr; }

   private:
    friend class AddressTurns;
    const PeerUse* address_ = nullptr;
    std::list<Waiter*>::iterator at_;
  };

  // The loop outlives this, and runs no more when it is destroyed.
  explicit AddressTurns(EventLoop* loop) : loop_(*loop) {}

  // Whether time has to be measured.
  bool crowded() const { return loop_.ready() >= kCrowd || !order_.empty(); }
  // Whether a connection of this address may go on now, or has to wait.
  bool MayGoOn(const PeerUse& address);
  // Connections of the address have taken so long.
  void Spend(const PeerUse& address, std::chrono::nanoseconds time);
  // OnTurn is called in a turn to come.
  void Wait(const PeerUse& address, Waiter* waiter);
  // It does not wait any more, if it did.
  void Forget(Waiter* waiter);

 private:
  struct Address {
    std::chrono::nanoseconds spent{};
    std::list<Waiter*> waiting;
    bool in_order = false;
  };

  // Serves those that wait.
  void Run() override;
  // Gives the address its slice. True: it still has connections that wait.
  bool Serve(Address& address);
  Address& Find(const PeerUse& address);

  EventLoop& loop_;
  // Of this turn, and all that wait.
  absl::flat_hash_map<const PeerUse*, std::unique_ptr<Address>> addresses_;
  // Those with connections that wait, by whose turn it is.
  std::deque<Address*> order_;
  EventLoop::Clock::time_point turn_;
  bool posted_ = false;
};

}  // namespace roicast
