#include "server/transport/grpc/held_bytes.h"

#include "server/errors/errors.h"

namespace roicast {

HeldBytes::Outcome HeldBytes::Take(int64_t bytes, bool asks_budget, const HeldLimits& limits) const {
  const auto add = [bytes](std::atomic<int64_t>& count) {
    return count.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  };
  const int64_t of_all = add(metrics_->bytes_held);
  const int64_t of_address = add(of_address_->bytes_held);
  const int64_t of_connection = add(*of_connection_);
  const bool spared = of_address <= limits.spare_bytes && of_all <= limits.max_bytes + limits.spare_bytes;
  Outcome outcome;
  if (of_connection > limits.max_bytes_per_connection) {
    outcome = {Limit::kOfConnection, of_connection};
  } else if (of_all > limits.max_bytes && !spared) {
    outcome = {Limit::kOfAll, of_all};
  } else if (asks_budget && !limits.memory->HasRoomFor(0)) {
    outcome = {Limit::kOfBudget, static_cast<int64_t>(limits.memory->held())};
  }
  if (outcome.exceeded != Limit::kNone) GiveBack(bytes);
  return outcome;
}

void HeldBytes::Add(int64_t bytes) const {
  metrics_->bytes_held.fetch_add(bytes, std::memory_order_relaxed);
  of_address_->bytes_held.fetch_add(bytes, std::memory_order_relaxed);
  of_connection_->fetch_add(bytes, std::memory_order_relaxed);
}

absl::Status HeldBytes::Refuse(const Outcome& outcome, const HeldLimits& limits) const {
  metrics_->Count(outcome.exceeded == Limit::kOfConnection ? Cut::kConnectionBytes : Cut::kBytesHeld);
  switch (outcome.exceeded) {
    case Limit::kOfConnection:
      return ServerOverloaded("bytes held for a connection", limits.max_bytes_per_connection, outcome.held);
    case Limit::kOfBudget:
      return ServerOverloaded("bytes of memory", static_cast<int64_t>(limits.memory->bytes()), outcome.held);
    case Limit::kOfAll:
    case Limit::kNone:
      break;
  }
  return ServerOverloaded("bytes held for clients", limits.max_bytes, outcome.held);
}

}  // namespace roicast
