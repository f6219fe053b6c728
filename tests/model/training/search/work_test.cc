#include "model/training/search/work.h"

#include <gtest/gtest.h>

#include "model/training/capacity/linear_path.h"

namespace roicast {
namespace {

// Measured on one core of the reference machine: bench/search_work.
TEST(Work, StepsTakeAsLongAsWasMeasured) {
  struct Measured {
    int inputs;
    std::vector<int> hidden;
    double microseconds;
  };
  for (const Measured& each :
       {Measured{6, {14, 6}, 0.80}, Measured{6, {62, 30}, 4.31}, Measured{20, {126, 62}, 15.2},
        Measured{72, {30, 14}, 3.54}, Measured{72, {62, 30}, 7.73}, Measured{72, {254, 126}, 80.3},
        Measured{170, {14, 6}, 3.92}, Measured{400, {62, 30}, 27.1}, Measured{400, {254, 126}, 166.5}}) {
    const double ratio = 1e6 * StepSeconds(each.inputs, each.hidden, false) / each.microseconds;
    EXPECT_GT(ratio, 0.8) << each.inputs << " inputs, " << each.hidden[0] << " units";
    EXPECT_LT(ratio, 1.25) << each.inputs << " inputs, " << each.hidden[0] << " units";
  }
  EXPECT_NEAR(1e6 * StepSeconds(72, {62, 30}, true), 8.09, 1.0);
}

TEST(Work, LinearPathsTakeTheCubeOfTheirInputs) {
  EXPECT_NEAR(LinearPathSeconds(Loss::kSquared, 12'000, 500), 0.375, 0.08);
  EXPECT_NEAR(LinearPathSeconds(Loss::kSquared, 824, 500), 0.085, 0.02);
  EXPECT_NEAR(LinearPathSeconds(Loss::kSquared, 4'000, 72), 0.0046, 0.003);
  EXPECT_GT(LinearPathSeconds(Loss::kLogistic, 824, 100), 5.0 * LinearPathSeconds(Loss::kSquared, 824, 100));
  EXPECT_EQ(LinearPathSeconds(Loss::kSquared, 824, kMaxLinearInputs + 1), 0.0);
}

TEST(Work, EvaluationsFollowRowsAndWeights) {
  EXPECT_NEAR(EvaluationSeconds(12'000, 72, {64, 32}), 0.0373, 0.02);
  EXPECT_DOUBLE_EQ(EvaluationSeconds(2'000, 72, {64, 32}), 2.0 * EvaluationSeconds(1'000, 72, {64, 32}));
}

}  // namespace
}  // namespace roicast
