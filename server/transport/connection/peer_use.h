// What one client address has under way, over all its connections, so that it cannot have everything.
#pragma once

#include <atomic>
#include <cstdint>

namespace roicast {

// Thread-safe; takes no lock.
struct PeerUse {
  std::atomic<int64_t> streams{0};
  // Unary calls from the end of their request until their answer is written.
  std::atomic<int64_t> calls{0};
  // Bytes of requests and answers in memory; small ones do not count.
  std::atomic<int64_t> bytes_held{0};

  bool unused() const { return streams.load() == 0 && calls.load() == 0 && bytes_held.load() == 0; }

  // Whether one more may be; it counts until it is taken off.
  static bool Enter(std::atomic<int64_t>& count, int64_t limit) {
    if (count.fetch_add(1, std::memory_order_relaxed) < limit) return true;
    count.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
};

}  // namespace roicast
