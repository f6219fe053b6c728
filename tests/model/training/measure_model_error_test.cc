#include "model/training/measure_model_error.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"

namespace roicast {
namespace {

// roi = 0.5 x + noise; `word` has no relation to it.
Artifact Train(int rows, double noise, bool choose) {
  Random random(5);
  std::string csv = "x,word,roi\n";
  for (int i = 0; i < rows; ++i) {
    const double x = random.Normal();
    absl::StrAppend(&csv, x, i % 2 == 0 ? ",a," : ",b,", 0.5 * x + noise * random.Normal(), "\n");
  }
  auto data = ReadCsvText(csv, {});
  EXPECT_TRUE(data.ok()) << data.status();
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target.column = "roi";
  spec.choose_capacity = choose;
  if (!choose) spec.training.epochs = 3;
  auto artifact = TrainModel(*data, spec, {});
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return *std::move(artifact);
}

TEST(MeasureModelError, GrowsWithNoiseAndFallsWithRows) {
  const Artifact quiet = Train(300, 0.1, true), noisy = Train(300, 1.0, true), many = Train(3'000, 1.0, true);
  ASSERT_TRUE(quiet.model_error.has_value() && noisy.model_error.has_value() && many.model_error.has_value());
  EXPECT_EQ(noisy.model_error->rows, 60);
  // Of a straight line through 300 rows: a level of 1/√300 = 0.06, and as much for the slope.
  EXPECT_GT(noisy.model_error->level, 0.02);
  EXPECT_LT(noisy.model_error->level, 0.4);
  EXPECT_LT(quiet.model_error->level, 0.4 * noisy.model_error->level);
  EXPECT_LT(many.model_error->level, 0.7 * noisy.model_error->level);
  ASSERT_EQ(noisy.model_error->slopes.size(), 2u);
  EXPECT_GT(noisy.model_error->slopes[0].all, 0.0);
  EXPECT_EQ(noisy.model_error->slopes[1].all, 0.0);  // a category
  EXPECT_EQ(noisy.model_error->Validate(2), absl::OkStatus());
}

TEST(MeasureModelError, IsNotKnownOfFixedEpochs) { EXPECT_FALSE(Train(300, 1.0, false).model_error.has_value()); }

}  // namespace
}  // namespace roicast
