#include "server/transport/connection/address_turns.h"

#include <utility>

namespace roicast {

AddressTurns::Address& AddressTurns::Find(const PeerUse& address) {
  std::unique_ptr<Address>& found = addresses_[&address];
  if (found == nullptr) found = std::make_unique<Address>();
  return *found;
}

bool AddressTurns::MayGoOn(const PeerUse& address) {
  if (order_.empty() && loop_.now() != turn_) {
    turn_ = loop_.now();
    addresses_.clear();
  }
  const auto found = addresses_.find(&address);
  if (found == addresses_.end()) return true;
  return found->second->waiting.empty() && found->second->spent < kSlice;
}

void AddressTurns::Spend(const PeerUse& address, std::chrono::nanoseconds time) { Find(address).spent += time; }

void AddressTurns::Wait(const PeerUse& address, Waiter* waiter) {
  if (waiter->waits()) return;
  Address& of = Find(address);
  if (!std::exchange(of.in_order, true)) order_.push_back(&of);
  waiter->address_ = &address;
  waiter->at_ = of.waiting.insert(of.waiting.end(), waiter);
  if (!std::exchange(posted_, true)) loop_.Post(this);
}

void AddressTurns::Forget(Waiter* waiter) {
  if (!waiter->waits()) return;
  addresses_.at(std::exchange(waiter->address_, nullptr))->waiting.erase(waiter->at_);
}

bool AddressTurns::Serve(Address& address) {
  address.spent = {};
  while (!address.waiting.empty() && address.spent < kSlice) {
    Waiter* const next = address.waiting.front();
    address.waiting.pop_front();
    next->address_ = nullptr;
    next->OnTurn();
  }
  return !address.waiting.empty();
}

void AddressTurns::Run() {
  posted_ = false;
  std::chrono::nanoseconds spent{};
  for (size_t left = order_.size(); left > 0 && spent < kTurn; --left) {
    Address* const next = order_.front();
    order_.pop_front();
    next->in_order = Serve(*next);
    if (next->in_order) order_.push_back(next);
    spent += next->spent;
  }
  // Who does not wait has a new slice.
  for (auto at = addresses_.begin(); at != addresses_.end();) {
    if (!at->second->in_order) {
      addresses_.erase(at++);
    } else {
      ++at;
    }
  }
  if (!order_.empty() && !std::exchange(posted_, true)) loop_.Post(this);
}

}  // namespace roicast
