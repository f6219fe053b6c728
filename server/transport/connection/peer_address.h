// Who a client is: as logs name it, and as limits count it.
#pragma once

#include <sys/socket.h>

#include <string>

namespace roicast {

// The host of all clients of Unix sockets.
inline constexpr char kUnixHost[] = "unix:";

struct PeerAddress {
  // "ipv4:1.2.3.4:567", "ipv6:[::1]:567", "unix:".
  std::string peer;
  // What counts as one client: "1.2.3.4", however it came; of IPv6 the network, "2001:db8:0:1::/64", for whoever has
  // one address has all of those (RFC 7421); and "unix:".
  std::string host;
};

PeerAddress DescribePeer(const sockaddr_storage& address);

}  // namespace roicast
