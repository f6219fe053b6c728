// Limits how many of something there are at once, in all and of each client address, so that none has everything.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/errors/errors.h"

namespace roicast {

// Thread-safe. Takes a lock: not for the road of predictions.
class PeerLimit {
 public:
  struct Limits {
    int64_t all = 1;       // ≥ 1
    int64_t per_peer = 1;  // ≥ 1
  };

  // One of them, until it is destroyed. Outlived by the limit.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)), peer_(std::move(other.peer_)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(limit_, other.limit_);
      std::swap(peer_, other.peer_);
      return *this;
    }
    ~Ticket() {
      if (limit_ != nullptr) limit_->Leave(peer_);
    }
    bool held() const { return limit_ != nullptr; }

   private:
    friend class PeerLimit;
    Ticket(PeerLimit* limit, absl::string_view peer) : limit_(limit), peer_(peer) {}
    PeerLimit* limit_ = nullptr;
    std::string peer_;
  };

  // `what` names the counted resource in messages; a string literal.
  PeerLimit(Limits limits, absl::string_view what) : limits_(limits), what_(what) {}

  // peer: who asks, without the port. Errors: ServerOverloaded, of "<what> of one client" or of "<what>".
  absl::StatusOr<Ticket> Enter(absl::string_view peer) {
    absl::MutexLock lock(&mutex_);
    const auto found = by_peer_.find(peer);
    const int64_t of_peer = found == by_peer_.end() ? 0 : found->second;
    if (of_peer >= limits_.per_peer) {
      return ServerOverloaded(absl::StrCat(what_, " of one client"), limits_.per_peer, of_peer + 1);
    }
    if (all_ >= limits_.all) return ServerOverloaded(what_, limits_.all, all_ + 1);
    ++all_;
    ++by_peer_[peer];
    return Ticket(this, peer);
  }

 private:
  void Leave(const std::string& peer) {
    absl::MutexLock lock(&mutex_);
    --all_;
    const auto of_peer = by_peer_.find(peer);
    if (--of_peer->second == 0) by_peer_.erase(of_peer);
  }

  const Limits limits_;
  const absl::string_view what_;
  absl::Mutex mutex_;
  int64_t all_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int64_t> by_peer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast
