// Training on a target with two values, from a table to predictions of a probability.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/data/two_values.h"
#include "model/predictor/predictor.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// P(Yes) = 1 / (1 + e^(1 − 1.5 price)), price standard normal; clicks are noise.
std::string ConversionsCsv(int rows, uint64_t seed, absl::string_view yes = "Yes", absl::string_view no = "No") {
  Random random(seed);
  std::string text = "price,clicks,converted\n";
  for (int i = 0; i < rows; ++i) {
    const double price = random.Normal();
    const bool is = random.Uniform() < 1.0 / (1.0 + std::exp(1.0 - 1.5 * price));
    absl::StrAppend(&text, price, ",", random.Normal(), ",", is ? yes : no, "\n");
  }
  return text;
}

TrainingSpec ConversionSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {16, 8};
  spec.target.column = "converted";
  return spec;
}

CsvTable ReadFor(const TrainingSpec& spec, const std::string& text) {
  CsvTableOptions options;
  options.kinds = KnownKinds(spec);
  options.two_valued = ColumnsOfTwoValues(spec.target);
  absl::StatusOr<CsvTable> csv = ReadCsvText(text, options);
  EXPECT_TRUE(csv.ok()) << csv.status();
  return csv.ok() ? *std::move(csv) : CsvTable();
}

absl::StatusOr<Artifact> TrainOn(const std::string& text, const TrainingSpec& spec) {
  return TrainModel(ReadFor(spec, text), spec);
}

TEST(TwoValuedTraining, PredictsTheProbabilityOfYes) {
  const auto artifact = TrainOn(ConversionsCsv(3'000, 1), ConversionSpec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->target.kind, TargetKind::kTwoValued);
  EXPECT_EQ(artifact->provenance.spec.target.kind, TargetKind::kTwoValued);
  EXPECT_EQ(artifact->provenance.spec.target.positive_value, "Yes");
  const auto predictor = Predictor::Compile(*artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  const std::vector<float> rows = {-1.0f, 0.0f, 0.0f, 0.0f, 1.0f, 0.0f};
  std::vector<float> probability(3);
  (*predictor)->Predict(rows.data(), 3, absl::MakeSpan(probability), {});
  EXPECT_NEAR(probability[0], 1.0 / (1.0 + std::exp(2.5)), 0.05);
  EXPECT_NEAR(probability[1], 1.0 / (1.0 + std::exp(1.0)), 0.05);
  EXPECT_NEAR(probability[2], 1.0 / (1.0 + std::exp(-0.5)), 0.08);
}

TEST(TwoValuedTraining, ReportsHowProbabilitiesHold) {
  const auto artifact = TrainOn(ConversionsCsv(3'000, 2), ConversionSpec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const MetricsWithBaseline& holdout = artifact->report.holdout;
  ASSERT_TRUE(holdout.model.two_valued.has_value() && holdout.baseline.two_valued.has_value());
  EXPECT_NEAR(holdout.model.two_valued->auc, 0.81, 0.04);
  EXPECT_NEAR(holdout.baseline.two_valued->brier,
              holdout.model.two_valued->base_rate * (1 - holdout.model.two_valued->base_rate), 1e-4);
  EXPECT_LT(holdout.model.two_valued->log_loss, holdout.baseline.two_valued->log_loss - 0.05);
  // Stratified: the same share on both sides.
  EXPECT_NEAR(holdout.model.two_valued->base_rate, artifact->report.train.model.two_valued->base_rate, 0.002);
  EXPECT_EQ(holdout.model.two_valued->threshold, artifact->report.train.model.two_valued->threshold);
  EXPECT_GT(holdout.model.two_valued->threshold, 0.15);
  EXPECT_LT(holdout.model.two_valued->threshold, 0.6);
  EXPECT_EQ(JudgeAgainstConstant(holdout), ConstantVerdict::kBetter);
  EXPECT_EQ(holdout.model.roi.mse, holdout.model.two_valued->brier);
}

TEST(TwoValuedTraining, SaysHowOftenRowsWithSimilarProbabilitiesHadTheValue) {
  const auto artifact = TrainOn(ConversionsCsv(3'000, 2), ConversionSpec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  ASSERT_TRUE(artifact->calibration.has_value());
  EXPECT_EQ(artifact->report.calibration.rows, 3'000);
  int64_t rows = 0;
  double wrong = 0.0, lowest = 0.0;
  for (const CalibrationBin& bin : artifact->calibration->bins) {
    const double share = static_cast<double>(bin.positives) / static_cast<double>(bin.rows);
    // The probabilities of the bin lie between its neighbour's limit and its own.
    wrong += static_cast<double>(bin.rows) * std::max({0.0, lowest - share, share - static_cast<double>(bin.up_to)});
    lowest = bin.up_to;
    rows += bin.rows;
  }
  EXPECT_EQ(rows, 3'000);
  EXPECT_LT(wrong / 3'000.0, 0.05);
}

TEST(TwoValuedTraining, HasNoIntervalsFromTooFewRows) {
  const auto artifact = TrainOn(ConversionsCsv(40, 3), ConversionSpec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_FALSE(artifact->calibration.has_value());
  EXPECT_THAT(artifact->report.calibration.missing_because,
              HasSubstr("needs at least 50 rows that were not learnt from"));
}

TEST(TwoValuedTraining, KeepsTheThresholdThatWasSaid) {
  TrainingSpec spec = ConversionSpec();
  spec.extra.class_threshold = 0.7;
  const auto artifact = TrainOn(ConversionsCsv(400, 3), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->report.holdout.model.two_valued->threshold, 0.7);
  const auto evaluation =
      EvaluateArtifact(*artifact, ReadFor(spec, ConversionsCsv(200, 4)), artifact->provenance.spec.target, 0.0);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  ASSERT_TRUE(evaluation->metrics.model.two_valued.has_value());
  EXPECT_EQ(evaluation->metrics.model.two_valued->threshold, 0.7);
  EXPECT_GT(evaluation->metrics.model.two_valued->auc, 0.7);
}

TEST(TwoValuedTraining, EvaluatesOnRowsOfOneValue) {
  const auto artifact = TrainOn(ConversionsCsv(400, 5), ConversionSpec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const TargetSpec& target = artifact->provenance.spec.target;
  CsvTableOptions options;
  ReadAsModelDoes(*artifact, target, options);
  const auto csv = ReadCsvText("price,clicks,converted\n1,0,No\n0.5,0,No\n", options);
  ASSERT_TRUE(csv.ok()) << csv.status();
  const auto evaluation = EvaluateArtifact(*artifact, *csv, target, 0.0);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  EXPECT_EQ(evaluation->metrics.model.two_valued->base_rate, 0.0);
  EXPECT_EQ(evaluation->metrics.model.two_valued->auc, 0.5);
}

TEST(TwoValuedTraining, LearnsNothingFromNoise) {
  Random random(6);
  std::string text = "a,b,c,converted\n";
  for (int i = 0; i < 600; ++i) {
    absl::StrAppend(&text, random.Normal(), ",", random.Normal(), ",", random.Normal(), ",",
                    random.Uniform() < 0.2 ? 1 : 0, "\n");
  }
  const auto artifact = TrainOn(text, ConversionSpec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_NE(JudgeAgainstConstant(artifact->report.holdout), ConstantVerdict::kBetter);
  EXPECT_GT(RelativeR2(artifact->report.holdout), -0.05);
  ASSERT_FALSE(artifact->report.cleaning.warnings.empty());
  EXPECT_THAT(artifact->report.cleaning.warnings[0].message, HasSubstr("the inputs do not tell the target"));
}

TEST(TwoValuedTraining, TakesZeroAndOneForANumberWhereThatIsSaid) {
  TrainingSpec spec = ConversionSpec();
  spec.target.kind = TargetKind::kNumber;
  const auto artifact = TrainOn(ConversionsCsv(400, 7, "1", "0"), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->target.kind, TargetKind::kNumber);
  EXPECT_FALSE(artifact->report.holdout.model.two_valued.has_value());
}

TEST(TwoValuedTraining, TrainsWithFixedEpochs) {
  TrainingSpec spec = SpecFromPreset(Preset::kClassic);
  spec.network.dropout = 0.0;
  spec.target.column = "converted";
  spec.training.epochs = 100;
  spec.training.learning_rate = 0.01;
  spec.split.validation_fraction = 0.2;
  const auto artifact = TrainOn(ConversionsCsv(2'000, 8), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_NEAR(artifact->report.holdout.model.two_valued->auc, 0.81, 0.05);
  EXPECT_LT(artifact->report.holdout.model.two_valued->log_loss,
            artifact->report.holdout.baseline.two_valued->log_loss - 0.05);
}

TEST(TwoValuedTraining, RefusesOneValueAndAnotherLoss) {
  TrainingSpec spec = ConversionSpec();
  EXPECT_EQ(TrainOn(ConversionsCsv(100, 9, "Yes", "Yes"), spec).status().message(),
            "target.column (--target): column \"converted\": expected two values, got \"Yes\" in 100 rows");
  spec.target.kind = TargetKind::kTwoValued;
  spec.training.loss = Loss::kHuber;
  EXPECT_THAT(std::string(TrainOn(ConversionsCsv(100, 9), spec).status().message()),
              HasSubstr("training.loss (--loss)"));
}

TEST(TwoValuedTraining, RefusesAScaleOfTheTarget) {
  TrainingSpec spec = ConversionSpec();
  spec.target_transform = TargetTransform::kAsinh;
  EXPECT_EQ(
      TrainOn(ConversionsCsv(200, 1), spec).status().message(),
      "preprocessing.target_transform (--target-transform): expected none, as the target has two values, got asinh");
}

TEST(TwoValuedTraining, GivesTheSameBytesAgainAndBack) {
  const TrainingSpec spec = ConversionSpec();
  const auto first = TrainOn(ConversionsCsv(300, 10), spec), second = TrainOn(ConversionsCsv(300, 10), spec);
  ASSERT_TRUE(first.ok() && second.ok());
  const std::string bytes = SerializeArtifact(*first);
  EXPECT_EQ(bytes, SerializeArtifact(*second));
  const auto reread = ParseArtifact(bytes);
  ASSERT_TRUE(reread.ok()) << reread.status();
  EXPECT_EQ(reread->target.kind, TargetKind::kTwoValued);
  EXPECT_EQ(SerializeArtifact(*reread), bytes);
  EXPECT_TRUE(Predictor::Compile(*reread).ok());
}

}  // namespace
}  // namespace roicast
