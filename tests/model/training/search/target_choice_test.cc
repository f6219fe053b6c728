#include "model/training/search/target_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

double Sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(LogDensities, AreThoseOfTheTargetInItsOwnUnit) {
  FittedTarget target;
  target.offset = 1.0;
  target.factor = 2.0;
  // Standardised: 0.5 and −0.5; errors of ± 0.5, so that the variance is 0.25 there and 1 in the target's unit.
  const std::vector<double> roi{2.0, 0.0}, z{0.0, 0.0};
  for (const double density : LogDensities(target, roi, z)) {
    EXPECT_NEAR(density, -0.5 * std::log(2.0 * M_PI) - 0.5, 1e-12);
  }
  target.transform = TargetTransform::kLog1p;
  target.offset = 0.0;
  target.factor = 1.0;
  const std::vector<double> large{std::expm1(3.0), std::expm1(3.0)}, about{2.0, 4.0};
  // Log-normal: normal of the logarithm, over 1 + ROI.
  for (const double density : LogDensities(target, large, about)) {
    EXPECT_NEAR(density, -0.5 * std::log(2.0 * M_PI) - 0.5 - 3.0, 1e-9);
  }
}

TEST(LogDensities, PreferTheScaleOnWhichErrorsAreNormal) {
  Random random(3);
  std::vector<double> logs, numbers;
  for (int i = 0; i < 500; ++i) {
    const double e = 0.8 * random.Normal();
    logs.push_back(std::expm1(e));
    numbers.push_back(5.0 + e);
  }
  const auto gain = [](const std::vector<double>& roi) {
    double sum = 0.0;
    for (const auto transform : {TargetTransform::kLog1p, TargetTransform::kNone}) {
      const auto target = FitTarget(roi, transform, PredictionStatistic::kMean);
      EXPECT_TRUE(target.ok()) << target.status();
      const std::vector<double> zero(roi.size(), 0.0);
      sum += (transform == TargetTransform::kLog1p ? 1.0 : -1.0) * Sum(LogDensities(*target, roi, zero));
    }
    return sum / static_cast<double>(roi.size());
  };
  EXPECT_GT(gain(logs), 0.05);
  EXPECT_LT(gain(numbers), 0.0);
}

// Errors that are in proportion to the target.
std::string MultipliedCsv(int rows) {
  Random random(9);
  std::string csv = "a,b,roi\n";
  for (int i = 0; i < rows; ++i) {
    const double a = random.Uniform(), b = random.Uniform();
    absl::StrAppend(&csv, a, ",", b, ",", std::exp(1.0 + a - b + 0.4 * random.Normal()) - 1.0, "\n");
  }
  return csv;
}

Artifact Searched(const std::string& csv, TargetTransform transform) {
  TrainingSpec spec = SpecFromPreset(Preset::kAuto);
  spec.extra.time_budget = absl::Seconds(5);
  spec.target_transform = transform;
  const auto artifact = TrainModel(ReadCsvOrFail(csv), spec, {});
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return artifact.ok() ? *artifact : Artifact();
}

TEST(ChooseTarget, LearnsTheLogarithmWhereErrorsMultiply) {
  const Artifact artifact = Searched(MultipliedCsv(300), TargetTransform::kAuto);
  EXPECT_EQ(artifact.target.transform, TargetTransform::kLog1p);
  std::vector<std::string> messages, tried;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) messages.push_back(warning.message);
  for (const TriedModel& model : artifact.report.tried) tried.push_back(model.description);
  EXPECT_THAT(messages, testing::Contains(HasSubstr("the target is learnt on the scale log1p instead of none: ")));
  EXPECT_THAT(tried, testing::Contains(StartsWith("target none: ")));
  EXPECT_THAT(tried, testing::Contains(StartsWith("target log1p: ")));
}

TEST(ChooseTarget, KeepsWhatTheSpecSays) {
  const Artifact artifact = Searched(MultipliedCsv(300), TargetTransform::kNone);
  EXPECT_EQ(artifact.target.transform, TargetTransform::kNone);
  for (const TriedModel& model : artifact.report.tried) EXPECT_THAT(model.description, Not(StartsWith("target ")));
}

TEST(ChooseTarget, KeepsTheUsualScaleWhereErrorsAdd) {
  EXPECT_EQ(Searched(SmallDatasetCsv(200), TargetTransform::kAuto).target.transform, TargetTransform::kNone);
}

}  // namespace
}  // namespace roicast
