#include "model/training/fit/shrinkage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

// truth = slope · predicted + noise.
double ShrinkageOf(double slope, double noise, int rows, uint64_t seed = 1) {
  Random random(seed);
  std::vector<double> truth, predicted;
  for (int i = 0; i < rows; ++i) {
    predicted.push_back(random.Normal());
    truth.push_back(slope * predicted.back() + noise * random.Normal());
  }
  return LearnShrinkage(truth, predicted, {});
}

TEST(LearnShrinkage, LeavesANetworkThatGeneralises) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_EQ(ShrinkageOf(1.0, 0.3, 100, seed), 1.0);
    EXPECT_EQ(ShrinkageOf(0.95, 0.5, 40, seed), 1.0);
    EXPECT_EQ(ShrinkageOf(1.0, 2.0, 1000, seed), 1.0);  // a weak but honest one
  }
}

TEST(LearnShrinkage, IsTheSlopeOfTheTruthOnPredictions) {
  EXPECT_NEAR(ShrinkageOf(0.5, 0.5, 10'000), 0.5, 0.02);
  EXPECT_NEAR(ShrinkageOf(0.2, 1.0, 10'000), 0.2, 0.03);
}

TEST(LearnShrinkage, IsNothingOrLittleForNoise) {
  int constants = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const double factor = ShrinkageOf(0.0, 1.0, 88, seed);
    EXPECT_LT(factor, 0.3);
    constants += factor == 0.0;
  }
  EXPECT_GE(constants, 75);
  EXPECT_EQ(ShrinkageOf(-0.5, 0.1, 100), 0.0);
}

TEST(LearnShrinkage, NeedsTwentyRows) {
  EXPECT_EQ(ShrinkageOf(0.3, 0.1, 19), 1.0);
  EXPECT_NEAR(ShrinkageOf(0.3, 0.1, 20), 0.3, 0.1);
  EXPECT_EQ(LearnShrinkage({}, {}, {}), 1.0);
  const std::vector<double> constant(50, 0.0);
  EXPECT_EQ(LearnShrinkage(constant, constant, {}), 1.0);
}

TEST(LearnShrinkage, CountsRowsByTheirWeight) {
  std::vector<double> truth, predicted;
  std::vector<float> weights;
  Random random(3);
  for (int i = 0; i < 400; ++i) {
    predicted.push_back(random.Normal());
    truth.push_back(i % 2 ? 0.4 * predicted.back() : -predicted.back());
    weights.push_back(i % 2);
  }
  EXPECT_NEAR(LearnShrinkage(truth, predicted, weights), 0.4, 1e-6);
}

TEST(GuessShrinkage, IsOneLessInputsByChiSquared) {
  // R² = 0.1 on 300 rows: χ² = 300 · 0.1 / 0.9 = 33.3.
  std::vector<double> truth, predicted;
  for (int i = 0; i < 300; ++i) {
    truth.push_back(i % 2 ? 1.0 : -1.0);
    predicted.push_back(truth.back() * (1.0 - std::sqrt(0.9)));
  }
  EXPECT_NEAR(GuessShrinkage(truth, predicted, 300, 9), 0.7, 1e-9);
  EXPECT_EQ(GuessShrinkage(truth, predicted, 300, 40), 0.0);
  EXPECT_EQ(GuessShrinkage(truth, predicted, 300, 1), 1.0);   // 0.94
  EXPECT_EQ(GuessShrinkage(truth, predicted, 199, 40), 1.0);  // too few rows
  EXPECT_EQ(GuessShrinkage(predicted, truth, 300, 40), 1.0);  // R² < 0
}

std::string NoiseCsv(int rows) {
  Random random(8);
  std::string text = "a,b,c,d,roi\n";
  for (int i = 0; i < rows; ++i) {
    for (int k = 0; k < 4; ++k) absl::StrAppend(&text, random.Uniform(), ",");
    absl::StrAppend(&text, random.Normal(), "\n");
  }
  return text;
}

TEST(TrainModel, PredictsTheMeanWhereNothingCanBeLearnt) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.choose_capacity = false;
  spec.split.validation_fraction = kWatchedFraction;
  spec.training.epochs = 60;
  const auto artifact = TrainModel(ReadCsvOrFail(NoiseCsv(1000)), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_GE(artifact->report.holdout.model.roi.r2, -0.02);
  EXPECT_NEAR(artifact->report.train.model.roi.r2, 0.0, 1e-6);
  ASSERT_FALSE(artifact->report.cleaning.warnings.empty());
  EXPECT_TRUE(artifact->report.cleaning.warnings[0].serious);
  EXPECT_EQ(artifact->report.cleaning.warnings[0].message,
            "the network is no better than a constant: on 40 validation rows, the target does not follow its "
            "predictions. The mean of the training rows is predicted for every campaign");

  const auto learnt = TrainModel(ReadCsvOrFail(SmallDatasetCsv(600)), SmallSpec());
  ASSERT_TRUE(learnt.ok()) << learnt.status();
  for (const DataWarning& warning : learnt->report.cleaning.warnings) EXPECT_FALSE(warning.serious) << warning.message;
}

}  // namespace
}  // namespace roicast
