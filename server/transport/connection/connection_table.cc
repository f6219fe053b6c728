#include "server/transport/connection/connection_table.h"

#include "base/check.h"

namespace roicast {

bool ConnectionTable::Enter(absl::string_view host) {
  absl::MutexLock lock(&mutex_);
  if (size_ >= limits_.max_connections) {
    metrics_.Count(Cut::kConnections);
    return false;
  }
  int64_t& of_host = by_host_[host];
  if (of_host >= limits_.max_connections_per_peer) {
    metrics_.Count(Cut::kPeerConnections);
    return false;
  }
  ++of_host;
  ++size_;
  return true;
}

void ConnectionTable::Leave(absl::string_view host) {
  absl::MutexLock lock(&mutex_);
  --size_;
  const auto of_host = by_host_.find(host);
  ROICAST_CHECK(of_host != by_host_.end());
  if (--of_host->second == 0) by_host_.erase(of_host);
}

int64_t ConnectionTable::size() const {
  absl::MutexLock lock(&mutex_);
  return size_;
}

void ConnectionTable::ForEach(int loop, const std::function<void(Connection&)>& visit) {
  const auto& connections = by_loop_[static_cast<size_t>(loop)];
  const std::vector<Connection*> now(connections.begin(), connections.end());
  for (Connection* const connection : now) visit(*connection);
}

}  // namespace roicast
