// The open connections of a server: how many there are, in all and from each address.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/connection.h"

namespace roicast {

// Thread-safe, but for the parts of a loop, which are used on it alone.
class ConnectionTable {
 public:
  struct Limits {
    // In all, and from one address; ≥ 1.
    int64_t max_connections = 10000;
    int64_t max_connections_per_peer = 5000;
  };

  ConnectionTable(const Limits& limits, TransportMetrics* metrics, int loops)
      : limits_(limits), metrics_(*metrics), by_loop_(static_cast<size_t>(loops)) {}

  // nullptr: no more connections from that address may be. Otherwise one more counts until Leave; what the address uses
  // is there until nobody has entered it, either. host: of PeerAddress.
  PeerUse* Enter(absl::string_view host);
  void Leave(absl::string_view host);
  // Of all addresses.
  int64_t size() const;

  // On the loop.
  void Add(int loop, Connection* connection) { by_loop_[static_cast<size_t>(loop)].insert(connection); }
  void Remove(int loop, Connection* connection) { by_loop_[static_cast<size_t>(loop)].erase(connection); }
  // Calls visit for each of the loop's connections, which may close it.
  void ForEach(int loop, const std::function<void(Connection&)>& visit);

 private:
  const Limits limits_;
  TransportMetrics& metrics_;
  mutable absl::Mutex mutex_;
  int64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  struct Host {
    int64_t connections = 0;
    PeerUse use;
    bool unused() const { return connections == 0 && use.unused(); }
  };
  // Calls may outlive the last connection of their host: hosts that it leaves behind are swept up now and then.
  absl::flat_hash_map<std::string, std::unique_ptr<Host>> by_host_ ABSL_GUARDED_BY(mutex_);
  size_t left_behind_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<absl::flat_hash_set<Connection*>> by_loop_;
};

}  // namespace roicast
