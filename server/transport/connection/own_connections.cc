#include "server/transport/connection/own_connections.h"

#include <sys/socket.h>
#include <unistd.h>

namespace roicast {

bool OwnConnections::Has(int fd, const PeerAddress& from) const {
  if (from.host == kUnixHost) {
    ucred other{};
    socklen_t size = sizeof(other);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size) == 0 && other.pid == getpid();
  }
  absl::MutexLock lock(&mutex_);
  return peers_.contains(from.peer);
}

}  // namespace roicast
