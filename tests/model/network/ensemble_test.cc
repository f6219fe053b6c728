#include "model/network/ensemble.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "model/network/initialization.h"

namespace roicast {
namespace {

std::vector<Mlp> MakeMembers(const std::vector<int>& hidden, int count) {
  Random random(3);
  NetworkOptions options;
  options.hidden = hidden;
  options.activation = Activation::kSilu;
  std::vector<Mlp> members;
  for (int i = 0; i < count; ++i) {
    members.push_back(RandomMlp(4, options, random));
    members.back().layers.back().biases[0] = static_cast<float>(i);
  }
  return members;
}

void ExpectMean(const std::vector<Mlp>& members) {
  const Mlp combined = CombineMembers(members);
  ASSERT_TRUE(combined.Validate().ok()) << combined.Validate();
  Random random(9);
  for (int row = 0; row < 20; ++row) {
    std::vector<float> x(4);
    for (float& value : x) value = static_cast<float>(random.Normal());
    double mean = 0.0;
    for (const Mlp& member : members) mean += member.Evaluate(x.data()) / static_cast<double>(members.size());
    EXPECT_NEAR(combined.Evaluate(x.data()), mean, 1e-6);
  }
}

TEST(CombineMembers, PredictsTheMean) {
  ExpectMean(MakeMembers({7, 5, 3}, 4));
  ExpectMean(MakeMembers({6}, 3));
  ExpectMean(MakeMembers({6, 2}, 1));
}

TEST(CombineMembers, LinearOnesStayLinear) {
  const std::vector<Mlp> members = MakeMembers({}, 5);
  ExpectMean(members);
  EXPECT_EQ(CombineMembers(members).Describe(), "4 → 1");
}

TEST(CombineMembers, SaysHowManyThereAre) {
  EXPECT_EQ(CombineMembers(MakeMembers({7, 5}, 4)).Describe(), "4 → 4 × 7 SiLU → 4 × 5 SiLU → 1");
}

TEST(Mlp, RefusesBlocksThatDoNotDivide) {
  Mlp mlp = CombineMembers(MakeMembers({6, 4}, 3));
  mlp.layers[1].blocks = 5;
  EXPECT_EQ(mlp.Validate().message(), "layers[1].blocks: expected a divisor of the number of units, got 5");
  mlp.layers[1].blocks = 3;
  mlp.layers[0].blocks = 2;
  EXPECT_EQ(mlp.Validate().message(), "layers[0].blocks: expected 1, got 2");
}

}  // namespace
}  // namespace roicast
