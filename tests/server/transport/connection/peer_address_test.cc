#include "server/transport/connection/peer_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace roicast {
namespace {

PeerAddress OfIpv6(const char* text) {
  sockaddr_storage address{};
  auto& ip = reinterpret_cast<sockaddr_in6&>(address);
  ip.sin6_family = AF_INET6;
  ip.sin6_port = htons(40000);
  EXPECT_EQ(inet_pton(AF_INET6, text, &ip.sin6_addr), 1);
  return DescribePeer(address);
}

TEST(DescribePeer, AnAddressOfIpv4IsAClient) {
  sockaddr_storage address{};
  auto& ip = reinterpret_cast<sockaddr_in&>(address);
  ip.sin_family = AF_INET;
  ip.sin_port = htons(40000);
  ip.sin_addr.s_addr = htonl(0x0a000102);
  EXPECT_EQ(DescribePeer(address).peer, "ipv4:10.0.1.2:40000");
  EXPECT_EQ(DescribePeer(address).host, "10.0.1.2");
}

// Whoever has one address of a network has 2^64, and took all connections with them.
TEST(DescribePeer, ANetworkOfIpv6IsAClient) {
  EXPECT_EQ(OfIpv6("2001:db8:1:2:3:4:5:6").peer, "ipv6:[2001:db8:1:2:3:4:5:6]:40000");
  EXPECT_EQ(OfIpv6("2001:db8:1:2:3:4:5:6").host, "2001:db8:1:2::/64");
  EXPECT_EQ(OfIpv6("2001:db8:1:2:ffff::1").host, "2001:db8:1:2::/64");
  EXPECT_EQ(OfIpv6("2001:db8:1:3::1").host, "2001:db8:1:3::/64");
  EXPECT_EQ(OfIpv6("::1").host, "::/64");
}

TEST(DescribePeer, Ipv4OverIpv6IsTheSameClient) {
  EXPECT_EQ(OfIpv6("::ffff:10.0.1.2").peer, "ipv6:[::ffff:10.0.1.2]:40000");
  EXPECT_EQ(OfIpv6("::ffff:10.0.1.2").host, "10.0.1.2");
}

TEST(DescribePeer, AllClientsOfUnixSocketsAreOne) {
  sockaddr_storage address{};
  address.ss_family = AF_UNIX;
  EXPECT_EQ(DescribePeer(address).peer, "unix:");
  EXPECT_EQ(DescribePeer(address).host, "unix:");
}

}  // namespace
}  // namespace roicast
