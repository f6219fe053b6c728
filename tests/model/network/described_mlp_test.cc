#include "model/network/described_mlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "base/random.h"
#include "model/network/ensemble.h"
#include "model/network/initialization.h"

namespace roicast {
namespace {

using ::testing::ElementsAreArray;

TEST(DescribedMlp, HasTheShapeOfTheNetworkThatWasDescribed) {
  Random random(1);
  for (const Activation activation : kAllActivations) {
    for (const std::vector<int>& hidden : {std::vector<int>{}, {60}, {4096, 7, 1}}) {
      const Mlp mlp = RandomMlp(40, {hidden, activation, 0.0}, random);
      const auto described = ParseDescription(mlp.Describe());
      ASSERT_TRUE(described.has_value()) << mlp.Describe();
      EXPECT_EQ(described->inputs, 40);
      EXPECT_THAT(described->hidden, ElementsAreArray(hidden));
    }
  }
}

TEST(DescribedMlp, IsNoOtherNetwork) {
  Random random(1);
  std::vector<Mlp> members;
  for (int i = 0; i < 3; ++i) members.push_back(RandomMlp(4, {{7, 5}, Activation::kSilu, 0.0}, random));
  EXPECT_FALSE(ParseDescription(CombineMembers(members).Describe()).has_value());
  for (const char* other : {"", "4", "4 → 2", "4 → 0 SiLU → 1", "4 → -3 SiLU → 1", "4 → x → 1", "4 → 5 SiLU → ",
                            "attention over 12 features", "4 → 99999999999 SiLU → 1"}) {
    EXPECT_FALSE(ParseDescription(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace roicast
