// The preset accurate, from a table to an artifact.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/predictor/predictor.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

TrainingSpec AccurateSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kAccurate);
  spec.network.hidden = {12, 6};
  return spec;
}

Artifact TrainAccurate(const std::string& csv) {
  const auto artifact = TrainModel(ReadCsvOrFail(csv), AccurateSpec());
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return *artifact;
}

// The ROI goes up and down with each of four inputs, in eight pieces; and two of them act together.
std::string BentCsv(int rows) {
  Random random(11);
  std::string text = "a,b,c,d,roi\n";
  for (int i = 0; i < rows; ++i) {
    double roi = 0.02 * random.Normal();
    double x[4];
    for (double& value : x) {
      value = random.Uniform();
      const double place = 4.0 * value - std::floor(4.0 * value);
      roi += place < 0.5 ? place : 1.0 - place;
      absl::StrAppend(&text, value, ",");
    }
    absl::StrAppend(&text, roi + 0.3 * x[0] * x[1], "\n");
  }
  return text;
}

TEST(Accurate, IsAnEnsembleOnRampsInOneNetwork) {
  const Artifact artifact = TrainAccurate(BentCsv(400));
  EXPECT_EQ(artifact.report.members, 5);
  ASSERT_EQ(artifact.mlp.layers.size(), 3u);
  EXPECT_EQ(artifact.mlp.layers[0].blocks, 1);
  EXPECT_EQ(artifact.mlp.layers[1].blocks, 5);
  EXPECT_EQ(artifact.mlp.layers[1].outputs(), 5 * 6);
  EXPECT_EQ(artifact.features[0].ramps.size(), 9u);
  // What the report says is counted from what serves.
  const std::optional<NumberEncoding>& numbers = artifact.report.number_encoding;
  ASSERT_TRUE(numbers.has_value());
  EXPECT_EQ(numbers->numbers, artifact.schema.size());
  int ramps = 0, with_ramps = 0;
  for (const FittedFeature& feature : artifact.features) {
    with_ramps += feature.ramps.empty() ? 0 : 1;
    ramps += std::max(static_cast<int>(feature.ramps.size()) - 1, 0);
  }
  EXPECT_EQ(numbers->with_ramps, with_ramps);
  EXPECT_EQ(numbers->ramps, ramps);
  EXPECT_GE(ramps, 8);
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.8);
  EXPECT_EQ(artifact.report.refit_rows, 400);
}

TEST(Accurate, ComesBackFromItsBytesAndPassesItsGoldenRows) {
  const std::string csv = BentCsv(150);
  const std::string bytes = SerializeArtifact(TrainAccurate(csv));
  EXPECT_TRUE(bytes == SerializeArtifact(TrainAccurate(csv)));
  const auto parsed = ParseArtifact(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(SerializeArtifact(*parsed) == bytes);
  EXPECT_TRUE(Predictor::Compile(*parsed).ok());
}

TEST(Accurate, IsLinearWhereNothingCanBeLearnt) {
  Random random(5);
  std::string csv = "a,b,c,roi\n";
  for (int i = 0; i < 300; ++i) {
    absl::StrAppend(&csv, random.Uniform(), ",", random.Uniform(), ",", random.Uniform(), ",", random.Normal(), "\n");
  }
  const Artifact artifact = TrainAccurate(csv);
  EXPECT_EQ(artifact.mlp.layers.size(), 1u);
  EXPECT_EQ(artifact.report.members, 1);
  EXPECT_GE(artifact.report.holdout.model.roi.r2, -0.02);
  ASSERT_FALSE(artifact.report.cleaning.warnings.empty());
  EXPECT_TRUE(artifact.report.cleaning.warnings[0].serious);
}

// 60 numbers of 8 ramps each would be more inputs than a linear path can have.
TEST(Accurate, LeavesRampsOutOfWideTables) {
  Random random(8);
  std::string csv;
  for (int f = 0; f < 60; ++f) absl::StrAppend(&csv, "x", f, ",");
  csv += "roi\n";
  for (int i = 0; i < 200; ++i) {
    double sum = 0.0;
    for (int f = 0; f < 60; ++f) {
      const double x = random.Normal();
      if (f < 3) sum += x;
      absl::StrAppend(&csv, x, ",");
    }
    absl::StrAppend(&csv, sum + 0.1 * random.Normal(), "\n");
  }
  const Artifact artifact = TrainAccurate(csv);
  EXPECT_TRUE(artifact.features[0].ramps.empty());
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
}

}  // namespace
}  // namespace roicast
