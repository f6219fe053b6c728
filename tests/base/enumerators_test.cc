#include "base/enumerators.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

enum class Colour { kRed, kGreen, kBlue };
enum class Single { kOnly };

TEST(Enumerators, CountsTheNamedValues) {
  EXPECT_EQ(kEnumerators<Colour>, 3);
  EXPECT_EQ(kEnumerators<Single>, 1);
}

}  // namespace
}  // namespace roicast
