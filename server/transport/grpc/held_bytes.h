// Bytes of requests and answers that the transport holds in memory for clients: how many there may be, of a connection,
// of an address and of all, and what there are.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "base/memory_budget.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/peer_use.h"

namespace roicast {

struct HeldLimits {
  // Of all clients; ≥ 1. Two requests as large as may be, and more.
  int64_t max_bytes = int64_t{144} << 20;
  // Of one connection, of these; ≥ 1.
  int64_t max_bytes_per_connection = int64_t{108} << 20;
  // What an address may hold though all that is held, by others for the most part, is more than max_bytes; all such
  // addresses together have as much beyond it. At most max_bytes; 0: nothing.
  int64_t spare_bytes = 0;
  // Follows what the transport holds (MemoryBudget::Follow): nothing of 64 KiB and more is taken in that it has no room
  // for.
  const MemoryBudget* memory = MemoryBudget::Unlimited();
};

// The account of one connection. Cheap to copy; thread-safe, takes no lock. What it refers to has to be there while
// anything is held.
class HeldBytes {
 public:
  enum class Limit { kNone, kOfConnection, kOfAll, kOfBudget };
  struct Outcome {
    // kNone: the bytes are taken.
    Limit exceeded = Limit::kNone;
    // What would be held of what is limited, with these bytes.
    int64_t held = 0;
  };

  HeldBytes() = default;
  HeldBytes(TransportMetrics* metrics, PeerUse* of_address, std::atomic<int64_t>* of_connection)
      : metrics_(metrics), of_address_(of_address), of_connection_(of_connection) {}

  // So many more, ≥ 0. asks_budget: whether the memory budget has to have room, too. Unless they are taken, nothing
  // more is counted.
  Outcome Take(int64_t bytes, bool asks_budget, const HeldLimits& limits) const;
  // Whatever the limits are.
  void TakeAnyway(int64_t bytes) const { Add(bytes); }
  void GiveBack(int64_t bytes) const { Add(-bytes); }

  // Counts a refusal by its cause, and says why. Error: ServerOverloaded.
  absl::Status Refuse(const Outcome& outcome, const HeldLimits& limits) const;

 private:
  void Add(int64_t bytes) const;

  TransportMetrics* metrics_ = nullptr;
  PeerUse* of_address_ = nullptr;
  std::atomic<int64_t>* of_connection_ = nullptr;
};

}  // namespace roicast
