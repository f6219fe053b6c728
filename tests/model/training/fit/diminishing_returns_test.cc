#include "model/training/fit/diminishing_returns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

using ::testing::HasSubstr;

TrainingSpec LawSpec(Preset preset = Preset::kCompact) {
  TrainingSpec spec = SpecFromPreset(preset);
  spec.network.hidden = {12, 6};
  spec.target.revenue_column = "revenue";
  spec.target.spend_column = "spend";
  spec.extra.diminishing_returns = true;
  return spec;
}

// Revenue = level(channel, price) · spend^elasticity, with 5 % noise.
std::string LawfulCsv(double elasticity, int rows = 400) {
  Random random(5);
  std::string text = "channel,price,spend,revenue\n";
  for (int i = 0; i < rows; ++i) {
    const bool search = random.Uniform() < 0.5;
    const double price = 10.0 + 90.0 * random.Uniform();
    const double spend = std::exp(5.0 + 3.0 * random.Uniform());
    const double level = (search ? 30.0 : 12.0) * (1.0 + 0.5 * std::sin(price / 15.0));
    const double revenue = level * std::pow(spend, elasticity) * std::exp(0.05 * random.Normal());
    absl::StrAppend(&text, search ? "search" : "social", ",", price, ",", spend, ",", revenue, "\n");
  }
  return text;
}

Artifact TrainUnderLaw(const std::string& csv, const TrainingSpec& spec) {
  const auto artifact = TrainModel(ReadCsvOrFail(csv), spec);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return *artifact;
}

// Revenues of a row along a grid that goes far beyond both ends of training's spends.
std::vector<double> RevenuesAlong(const Predictor& predictor, std::vector<float> row,
                                  const std::vector<double>& spends) {
  const int spend = predictor.schema().IndexOf("spend");
  std::vector<double> revenues;
  for (const double amount : spends) {
    row[static_cast<size_t>(spend)] = static_cast<float>(amount);
    float roi = 0.0f;
    predictor.Predict(row.data(), 1, absl::MakeSpan(&roi, 1), {});
    revenues.push_back((1.0 + static_cast<double>(roi)) * amount);
  }
  return revenues;
}

void ExpectTheLaw(const Artifact& artifact) {
  const auto predictor = Predictor::Compile(artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  std::vector<double> spends;
  for (int i = 0; i <= 80; ++i) spends.push_back(std::round(std::exp(0.15 * i)));
  spends.erase(std::unique(spends.begin(), spends.end()), spends.end());
  const auto features = static_cast<size_t>(artifact.schema.size());
  for (size_t golden = 0; golden < artifact.golden.predictions.size(); ++golden) {
    const float* const first = &artifact.golden.rows[golden * features];
    const std::vector<double> revenues = RevenuesAlong(**predictor, {first, first + features}, spends);
    for (size_t i = 1; i + 1 < spends.size(); ++i) {
      const double before = (revenues[i] - revenues[i - 1]) / (spends[i] - spends[i - 1]);
      const double after = (revenues[i + 1] - revenues[i]) / (spends[i + 1] - spends[i]);
      // Predictions are in single precision, those near −1 lose digits of 1 + ROI.
      const double revenue_error = 4e-6 * revenues[i + 1] + 3e-7 * spends[i + 1];
      const double rounding = revenue_error / std::min(spends[i] - spends[i - 1], spends[i + 1] - spends[i]);
      EXPECT_GE(before, -rounding) << "row " << golden << ", spend " << spends[i];
      EXPECT_LE(after, before + rounding) << "row " << golden << ", spend " << spends[i];
    }
  }
}

TEST(DiminishingReturns, LearnsTheElasticityAndKeepsTheLaw) {
  for (const Preset preset : {Preset::kCompact, Preset::kAccurate}) {
    const Artifact artifact = TrainUnderLaw(LawfulCsv(0.6), LawSpec(preset));
    ASSERT_TRUE(artifact.report.spend_elasticity.has_value());
    EXPECT_NEAR(*artifact.report.spend_elasticity, 0.6, 0.02);
    EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
    ExpectTheLaw(artifact);
  }
}

TEST(DiminishingReturns, AReturnThatRisesIsHeldConstant) {
  const Artifact artifact = TrainUnderLaw(LawfulCsv(1.4), LawSpec());
  EXPECT_NEAR(*artifact.report.spend_elasticity, 1.0, 1e-5);
  ExpectTheLaw(artifact);
}

TEST(DiminishingReturns, ARevenueThatFallsIsHeldConstant) {
  const Artifact artifact = TrainUnderLaw(LawfulCsv(-0.4), LawSpec());
  EXPECT_NEAR(*artifact.report.spend_elasticity, 0.0, 1e-5);
  ExpectTheLaw(artifact);
}

TEST(DiminishingReturns, IsOnlyWhatWasAskedFor) {
  TrainingSpec spec = LawSpec();
  spec.extra.diminishing_returns = false;
  EXPECT_EQ(TrainUnderLaw(LawfulCsv(0.6, 100), spec).report.spend_elasticity, std::nullopt);
}

std::string LawRefusal(const std::string& csv, const TrainingSpec& spec) {
  const auto artifact = TrainModel(ReadCsvOrFail(csv), spec);
  EXPECT_EQ(artifact.status().code(), absl::StatusCode::kInvalidArgument) << artifact.status();
  return std::string(artifact.status().message());
}

TEST(DiminishingReturns, SaysWhatItCannotWorkWith) {
  const std::string csv = LawfulCsv(0.6, 100);
  EXPECT_EQ(
      LawRefusal(csv + "search,20,100,0\nsocial,20,100,0\n", LawSpec()),
      "extra.diminishing_returns (--diminishing-returns): expected a revenue above 0 in every row, of which there "
      "is a logarithm, got 2 rows with a revenue of 0 or less (ROI −1)");
  TrainingSpec spec = LawSpec();
  spec.target_transform = TargetTransform::kAsinh;
  EXPECT_THAT(LawRefusal(csv, spec), HasSubstr("(--target-transform), got another one"));
  spec = LawSpec();
  spec.target = TargetSpec();
  spec.target.column = "price";
  EXPECT_THAT(LawRefusal(csv, spec), HasSubstr("expected an ROI as the target, got \"price\""));
  spec = LawSpec();
  ColumnOverride without;
  without.name = "spend";
  without.exclude = true;
  spec.columns.push_back(without);
  EXPECT_THAT(LawRefusal(csv, spec), HasSubstr("expected a numeric feature that holds the spend"));
}

TEST(DiminishingReturns, SettingsThatItDoesNotGoWithAreRefused) {
  const auto refused = [](const TrainingSpec& spec) { return std::string(spec.Validate().message()); };
  EXPECT_EQ(refused(LawSpec()), "");
  TrainingSpec spec = LawSpec();
  spec.choose_capacity = false;
  EXPECT_THAT(refused(spec), HasSubstr("--diminishing-returns): expected the preset compact or accurate"));
  EXPECT_THAT(refused(LawSpec(Preset::kAttention)), HasSubstr("expected"));
  spec = LawSpec();
  spec.extra.distill = true;
  EXPECT_THAT(refused(spec), HasSubstr("no --distill"));
  spec = LawSpec();
  spec.extra.select_features = true;
  EXPECT_THAT(refused(spec), HasSubstr("no --select-features"));
}

}  // namespace
}  // namespace roicast
