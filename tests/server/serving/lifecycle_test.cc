#include "server/serving/lifecycle.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(Lifecycle, CallsAreAdmittedUntilItDrainsAndReadinessEndsBefore) {
  Lifecycle lifecycle;
  EXPECT_EQ(lifecycle.Ready(), absl::UnavailableError("starting"));
  lifecycle.Enter(Lifecycle::Phase::kServing);
  EXPECT_TRUE(lifecycle.serving());
  EXPECT_TRUE(lifecycle.Ready().ok());
  lifecycle.Enter(Lifecycle::Phase::kLameDuck);
  EXPECT_EQ(lifecycle.Ready(), absl::UnavailableError("draining"));
  EXPECT_TRUE(lifecycle.Admit().ok());
  EXPECT_FALSE(lifecycle.draining());
  lifecycle.Enter(Lifecycle::Phase::kDraining);
  EXPECT_TRUE(lifecycle.draining());
  EXPECT_EQ(lifecycle.Admit(), ServerDraining());
}

}  // namespace
}  // namespace roicast
