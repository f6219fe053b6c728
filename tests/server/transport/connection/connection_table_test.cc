#include "server/transport/connection/connection_table.h"

#include <gtest/gtest.h>

#include "server/telemetry/transport_metrics.h"

namespace roicast {
namespace {

TEST(ConnectionTable, LimitsAllConnectionsAndThoseOfOneAddress) {
  TransportMetrics metrics;
  ConnectionTable table({.max_connections = 3, .max_connections_per_peer = 2}, &metrics, 1);
  EXPECT_NE(table.Enter("10.0.0.1"), nullptr);
  EXPECT_NE(table.Enter("10.0.0.1"), nullptr);
  EXPECT_EQ(table.Enter("10.0.0.1"), nullptr);
  EXPECT_EQ(metrics.count(Cut::kPeerConnections), 1);
  EXPECT_NE(table.Enter("10.0.0.2"), nullptr);
  EXPECT_EQ(table.Enter("10.0.0.3"), nullptr);
  EXPECT_EQ(metrics.count(Cut::kConnections), 1);
  EXPECT_EQ(table.size(), 3);
  table.Leave("10.0.0.1");
  EXPECT_NE(table.Enter("10.0.0.1"), nullptr);
}

TEST(ConnectionTable, ConnectionsOfAnAddressShareItsUse) {
  TransportMetrics metrics;
  ConnectionTable table({}, &metrics, 1);
  PeerUse* const use = table.Enter("10.0.0.1");
  EXPECT_EQ(table.Enter("10.0.0.1"), use);
  EXPECT_NE(table.Enter("10.0.0.2"), use);
}

// Its work still counts: otherwise a client would be rid of it by closing its connection.
TEST(ConnectionTable, AnAddressWithWorkLeftKeepsItsUse) {
  TransportMetrics metrics;
  ConnectionTable table({}, &metrics, 1);
  PeerUse* const use = table.Enter("10.0.0.1");
  ASSERT_TRUE(PeerUse::Enter(use->calls, 1));
  table.Leave("10.0.0.1");
  EXPECT_EQ(table.Enter("10.0.0.1"), use);
  EXPECT_FALSE(PeerUse::Enter(use->calls, 1));
  EXPECT_EQ(use->calls.load(), 1);
}

TEST(ConnectionTable, AnAddressForWhichBytesAreHeldKeepsItsUse) {
  TransportMetrics metrics;
  ConnectionTable table({}, &metrics, 1);
  PeerUse* const use = table.Enter("10.0.0.1");
  use->bytes_held = 5;
  table.Leave("10.0.0.1");
  EXPECT_EQ(table.Enter("10.0.0.1"), use);
  EXPECT_EQ(use->bytes_held.load(), 5);
}

}  // namespace
}  // namespace roicast
