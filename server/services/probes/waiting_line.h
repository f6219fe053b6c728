// Those who wait for an answer that is made for all of them at once, as many of each host as may be.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace roicast {

// Waiter: `gone()` says that nobody waits for its answer any more; may be called on any thread. Not thread-safe.
template <typename Waiter>
class WaitingLine {
 public:
  // Of one host (PeerAddress).
  static constexpr size_t kMaxOfHost = 256;

  bool empty() const { return by_host_.empty(); }

  // False: as many of the host wait as may be; the waiter stays the caller's. Moves those of the host who are gone to
  // `gone` if it needs their places: what they hold is to be freed where nobody waits for it.
  bool Add(absl::string_view host, Waiter& waiter, std::vector<Waiter>& gone) {
    std::deque<Waiter>& of_host = by_host_[host];
    if (of_host.size() >= kMaxOfHost) Sweep(of_host, gone);
    if (of_host.size() >= kMaxOfHost) return false;
    of_host.push_back(std::move(waiter));
    return true;
  }

  // Up to `most` of each host, in their order. Moves all who are gone to `gone`.
  std::vector<Waiter> Take(size_t most, std::vector<Waiter>& gone) {
    std::vector<Waiter> next;
    for (auto at = by_host_.begin(); at != by_host_.end();) {
      std::deque<Waiter>& of_host = at->second;
      Sweep(of_host, gone);
      for (size_t taken = 0; taken < most && !of_host.empty(); ++taken, of_host.pop_front()) {
        next.push_back(std::move(of_host.front()));
      }
      if (of_host.empty()) {
        by_host_.erase(at++);
      } else {
        ++at;
      }
    }
    return next;
  }

 private:
  static void Sweep(std::deque<Waiter>& waiters, std::vector<Waiter>& gone) {
    std::deque<Waiter> kept;
    for (Waiter& waiter : waiters) {
      if (waiter.gone()) {
        gone.push_back(std::move(waiter));
      } else {
        kept.push_back(std::move(waiter));
      }
    }
    waiters.swap(kept);
  }

  // None is empty.
  absl::flat_hash_map<std::string, std::deque<Waiter>> by_host_;
};

}  // namespace roicast
