#include "model/network/schedule.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TrainingOptions Options(Schedule schedule, int warmup_epochs) {
  TrainingOptions options;
  options.learning_rate = 0.2;
  options.epochs = 20;
  options.schedule = schedule;
  options.warmup_epochs = warmup_epochs;
  return options;
}

TEST(LearningRate, StaysConstant) {
  for (const double progress : {0.0, 7.5, 20.0}) {
    EXPECT_DOUBLE_EQ(LearningRate(Options(Schedule::kConstant, 0), progress), 0.2);
  }
}

TEST(LearningRate, FollowsHalfACosine) {
  const TrainingOptions options = Options(Schedule::kCosine, 0);
  EXPECT_DOUBLE_EQ(LearningRate(options, 0.0), 0.2);
  EXPECT_NEAR(LearningRate(options, 20.0 / 3), 0.15, 1e-12);  // cos 60° = ½
  EXPECT_NEAR(LearningRate(options, 10.0), 0.1, 1e-12);
  EXPECT_NEAR(LearningRate(options, 20.0), 0.0, 1e-12);
}

TEST(LearningRate, RisesLinearlyWhileWarmingUp) {
  const TrainingOptions options = Options(Schedule::kCosine, 4);
  EXPECT_NEAR(LearningRate(options, 1.0), 0.05, 1e-12);
  EXPECT_NEAR(LearningRate(options, 3.0), 0.15, 1e-12);
  EXPECT_NEAR(LearningRate(options, 4.0), 0.2, 1e-12);
  EXPECT_NEAR(LearningRate(options, 12.0), 0.1, 1e-12);  // half of the 16 epochs after it
  EXPECT_NEAR(LearningRate(Options(Schedule::kConstant, 4), 2.0), 0.1, 1e-12);
}

}  // namespace
}  // namespace roicast
