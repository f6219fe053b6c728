// Connections of this process to its own ports. They are no client's, and no client's share is theirs.
#pragma once

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/transport/connection/peer_address.h"

namespace roicast {

// Thread-safe.
class OwnConnections {
 public:
  // peer: the address of the near end of a socket, as PeerAddress has it. The socket is bound to it, so nobody else has
  // it until Remove.
  void Add(std::string peer) {
    absl::MutexLock lock(&mutex_);
    peers_.insert(std::move(peer));
  }
  void Remove(absl::string_view peer) {
    absl::MutexLock lock(&mutex_);
    peers_.erase(peer);
  }
  // Whether a socket that was accepted is the far end of one of them; or of any of this process's, over a unix socket.
  bool Has(int fd, const PeerAddress& from) const;

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<std::string> peers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast
