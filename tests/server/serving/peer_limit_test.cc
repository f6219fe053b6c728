#include "server/serving/peer_limit.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace roicast {
namespace {

TEST(PeerLimit, NoPeerHasAll) {
  PeerLimit limit({.all = 3, .per_peer = 2}, "uploads");
  auto a1 = limit.Enter("a");
  auto a2 = limit.Enter("a");
  ASSERT_TRUE(a1.ok() && a2.ok());
  EXPECT_EQ(limit.Enter("a").status(), ServerOverloaded("uploads of one client", 2, 3));
  auto b1 = limit.Enter("b");
  ASSERT_TRUE(b1.ok());
  EXPECT_EQ(limit.Enter("c").status(), ServerOverloaded("uploads", 3, 4));
  *a1 = PeerLimit::Ticket();
  EXPECT_TRUE(limit.Enter("c").ok());
  EXPECT_TRUE(limit.Enter("a").ok());
}

TEST(PeerLimit, ATicketThatIsMovedIsGivenBackOnce) {
  PeerLimit limit({.all = 1, .per_peer = 1}, "uploads");
  {
    auto entered = limit.Enter("a");
    ASSERT_TRUE(entered.ok());
    std::optional<PeerLimit::Ticket> kept = *std::move(entered);
    EXPECT_TRUE(kept->held());
    EXPECT_FALSE(limit.Enter("a").ok());
  }
  EXPECT_TRUE(limit.Enter("a").ok());
}

}  // namespace
}  // namespace roicast
