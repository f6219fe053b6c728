#include "server/transport/connection/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// Of an IPv4 address, in the network's order of bytes.
std::string TextOf(const void* address) {
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, address, text, sizeof(text));
  return text;
}

std::string TextOf(const in6_addr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, &address, text, sizeof(text));
  return text;
}

std::string HostOf(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) return TextOf(&address.s6_addr[12]);
  in6_addr network = address;
  std::fill(std::begin(network.s6_addr) + 8, std::end(network.s6_addr), uint8_t{0});
  return absl::StrCat(TextOf(network), "/64");
}

}  // namespace

PeerAddress DescribePeer(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(address);
    std::string host = TextOf(&ip.sin_addr);
    return {.peer = absl::StrCat("ipv4:", host, ":", ntohs(ip.sin_port)), .host = host};
  }
  if (address.ss_family == AF_INET6) {
    const auto& ip = reinterpret_cast<const sockaddr_in6&>(address);
    return {.peer = absl::StrCat("ipv6:[", TextOf(ip.sin6_addr), "]:", ntohs(ip.sin6_port)),
            .host = HostOf(ip.sin6_addr)};
  }
  return {.peer = kUnixHost, .host = kUnixHost};
}

}  // namespace roicast
