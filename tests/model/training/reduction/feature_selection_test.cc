#include "model/training/reduction/feature_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// roi = sin(2a) + b + noise; c, d and e say nothing, and twin says what b says.
std::string CsvWithUselessColumns(int rows) {
  Random random(3);
  std::string csv = "a,b,c,d,e,twin,roi\n";
  for (int i = 0; i < rows; ++i) {
    const double a = random.Uniform(0.0, 3.0), b = random.Uniform(0.0, 3.0);
    absl::StrAppend(&csv, a, ",", b, ",", random.Uniform(), ",", random.Uniform(), ",", random.Below(2) ? "x" : "y");
    absl::StrAppend(&csv, ",", b + 0.001 * random.Uniform());
    absl::StrAppend(&csv, ",", std::sin(2.0 * a) + b + 0.1 * random.Normal(), "\n");
  }
  return csv;
}

Artifact Selected(const std::string& csv, TrainingSpec spec = SpecFromPreset(Preset::kCompact)) {
  spec.extra.select_features = true;
  if (spec.network.hidden.size() == 2) spec.network.hidden = {16, 8};
  absl::StatusOr<Artifact> artifact = TrainModel(ReadCsvOrFail(csv), spec);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return artifact.ok() ? *std::move(artifact) : Artifact();
}

TEST(SelectFeatures, LeavesOutWhatTellsNothingAndKeepsOneOfTwoThatSayTheSame) {
  const Artifact artifact = Selected(CsvWithUselessColumns(500));
  std::string said;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) said += warning.message;
  ASSERT_EQ(artifact.report.reductions.size(), 1u) << said;
  const ReductionReport& reduction = artifact.report.reductions[0];
  EXPECT_EQ(reduction.step, "features selected");
  EXPECT_EQ(artifact.schema.size() + static_cast<int>(reduction.left_out.size()), 6);
  EXPECT_THAT(artifact.schema.Names(), Contains("a"));
  EXPECT_TRUE(artifact.schema.IndexOf("b") >= 0 || artifact.schema.IndexOf("twin") >= 0);
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.97);
  EXPECT_GE(reduction.left_out.size(), 2u);
  for (const std::string& name : reduction.left_out) EXPECT_LT(artifact.schema.IndexOf(name), 0);
  EXPECT_LT(reduction.multiplications_after, reduction.multiplications_before);
  EXPECT_EQ(reduction.metric_after, artifact.report.holdout.model.roi.r2);
  EXPECT_GT(reduction.metric_after, reduction.metric_before - 0.01);
  EXPECT_EQ(artifact.report.refit_rows, 500);
  EXPECT_TRUE(artifact.calibration.has_value());
  EXPECT_TRUE(ParseArtifact(SerializeArtifact(artifact)).ok());
}

TEST(SelectFeatures, KeepsAFeatureOfPureNoiseAndTheIntervalGroup) {
  Random random(5);
  std::string csv = "a,b,group,roi\n";
  for (int i = 0; i < 300; ++i) {
    absl::StrAppend(&csv, random.Uniform(), ",", random.Uniform(), ",", random.Below(2) ? "x" : "y", ",",
                    random.Normal(), "\n");
  }
  EXPECT_GE(Selected(csv).schema.size(), 1);
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.extra.interval_group = "group";
  EXPECT_THAT(Selected(csv, spec).schema.Names(), Contains("group"));
}

TEST(SelectFeatures, KeepsAllWhereEachIsNeeded) {
  Random random(9);
  std::string csv = "a,b,roi\n";
  for (int i = 0; i < 300; ++i) {
    const double a = random.Uniform(0.0, 3.0), b = random.Uniform(0.0, 3.0);
    absl::StrAppend(&csv, a, ",", b, ",", a * b, "\n");
  }
  const Artifact artifact = Selected(csv);
  EXPECT_THAT(artifact.schema.Names(), ElementsAre("a", "b"));
  EXPECT_TRUE(artifact.report.reductions.empty());
  std::string said;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) said += warning.message;
  EXPECT_THAT(said, ::testing::HasSubstr("no feature was left out: "));
}

TEST(WithoutFeatures, TakesColumnsSchemaAndLimitsAlike) {
  const auto data = PrepareData(ReadCsvOrFail(SmallDatasetCsv(60)), SmallSpec(), nullptr);
  ASSERT_TRUE(data.ok()) << data.status();
  const std::vector<std::string> left_out{"clicks", "start"};
  const PreparedData fewer = WithoutFeatures(*data, left_out);
  EXPECT_THAT(fewer.schema.Names(), ElementsAre("price", "channel", "spend"));
  EXPECT_EQ(fewer.limits.size(), 3u);
  ASSERT_EQ(fewer.features.columns().size(), 3u);
  EXPECT_EQ(fewer.features.column(1).name, "channel");
  EXPECT_EQ(fewer.split.train, data->split.train);
  EXPECT_EQ(fewer.roi, data->roi);
}

ModelFit FitOrFail(const PreparedData& data, const TrainingSpec& spec) {
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody);
  absl::StatusOr<ModelFit> fit =
      FitModel(data, {data.split.train, data.split.validation}, spec, TrainModelInputs(), nullptr, journal);
  EXPECT_TRUE(fit.ok()) << fit.status();
  return *std::move(fit);
}

// Errors of a model that learns the target as it is were compared with those of one that learns its asinh, each in
// deviations of its own.
TEST(ErrorChanges, AreInTheTargetsUnitWhereEachModelHasAScaleOfItsOwn) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {8};
  spec.split.holdout_fraction = 0.0;
  const auto data = PrepareData(ReadCsvOrFail(SmallDatasetCsv(200)), spec, nullptr);
  ASSERT_TRUE(data.ok()) << data.status();
  spec.target_transform = TargetTransform::kNone;
  const ModelFit plain = FitOrFail(*data, spec);
  spec.target_transform = TargetTransform::kAsinh;
  const ModelFit asinh = FitOrFail(*data, spec);
  ASSERT_EQ(plain.artifact.target.transform, TargetTransform::kNone);
  ASSERT_EQ(asinh.artifact.target.transform, TargetTransform::kAsinh);
  const auto changes = ErrorChanges(*data, plain, *data, asinh, nullptr);
  ASSERT_TRUE(changes.ok()) << changes.status();
  const std::vector<double> before = ServedOutOfFold(plain), after = ServedOutOfFold(asinh);
  ASSERT_EQ(changes->size(), 200u);
  for (size_t i = 0; i < changes->size(); ++i) {
    const double truth = plain.train.roi[i];
    EXPECT_DOUBLE_EQ((*changes)[i], std::pow(after[i] - truth, 2) - std::pow(before[i] - truth, 2));
  }
  const auto same = ErrorChanges(*data, asinh, *data, asinh, nullptr);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_THAT(*same, ::testing::Each(0.0));
}

// Both models predicted the whole holdout in one go.
TEST(ErrorChanges, AskWhetherToStopWhileTheHoldoutIsPredicted) {
  TrainingSpec spec = SmallSpec();
  spec.training.epochs = 1;
  spec.split.holdout_fraction = 0.8;
  const auto data = PrepareData(ReadCsvOrFail(SmallDatasetCsv(4'000)), spec, nullptr);
  ASSERT_TRUE(data.ok()) << data.status();
  const ModelFit fit = FitOrFail(*data, spec);
  roicast::testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return ErrorChanges(*data, fit, *data, fit, stop).status(); },
      /*least=*/2 * 3'200 / 256, /*late=*/1);
}

}  // namespace
}  // namespace roicast
