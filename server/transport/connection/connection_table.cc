#include "server/transport/connection/connection_table.h"

#include "base/check.h"

namespace roicast {
namespace {

constexpr size_t kSweepAt = 1000;

}  // namespace

PeerUse* ConnectionTable::Enter(absl::string_view host) {
  absl::MutexLock lock(&mutex_);
  if (size_ >= limits_.max_connections) {
    metrics_.Count(Cut::kConnections);
    return nullptr;
  }
  std::unique_ptr<Host>& of_host = by_host_[host];
  if (of_host == nullptr) of_host = std::make_unique<Host>();
  if (of_host->connections >= limits_.max_connections_per_peer) {
    metrics_.Count(Cut::kPeerConnections);
    return nullptr;
  }
  ++of_host->connections;
  ++size_;
  return &of_host->use;
}

void ConnectionTable::Leave(absl::string_view host) {
  absl::MutexLock lock(&mutex_);
  --size_;
  const auto of_host = by_host_.find(host);
  ROICAST_CHECK(of_host != by_host_.end());
  if (--of_host->second->connections > 0) return;
  if (of_host->second->unused()) {
    by_host_.erase(of_host);
  } else if (++left_behind_ >= kSweepAt) {
    left_behind_ = 0;
    absl::erase_if(by_host_, [](const auto& entry) { return entry.second->unused(); });
  }
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
