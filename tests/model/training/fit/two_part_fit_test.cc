#include "model/training/fit/two_part_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/network/initialization.h"
#include "model/predictor/predictor.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/train_model.h"
#include "model/uncertainty/uncertainty.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

// ROI is −1 unless something is bought, with the log odds 2 a − 0.5; then ROI + 1 = e^(1.2 + 0.8 b + 0.3 noise).
std::string CampaignsCsv(int rows, uint64_t seed) {
  Random random(seed);
  std::string text = "a,b,c,roi\n";
  for (int i = 0; i < rows; ++i) {
    const double a = random.Normal(), b = random.Normal();
    const bool bought = random.Uniform() < 1.0 / (1.0 + std::exp(0.5 - 2.0 * a));
    const double roi = bought ? std::exp(1.2 + 0.8 * b + 0.3 * random.Normal()) - 1.0 : -1.0;
    absl::StrAppend(&text, a, ",", b, ",", random.Normal(), ",", roi, "\n");
  }
  return text;
}

TrainingSpec Spec(TargetKind kind = TargetKind::kAuto) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {16, 8};
  spec.target.column = "roi";
  spec.target.kind = kind;
  return spec;
}

TEST(RestOf, IsTheLowestValueOfManyRows) {
  std::vector<double> roi(100, -1.0);
  for (int i = 0; i < 60; ++i) roi[i] = i;
  EXPECT_EQ(RestOf(roi), std::nullopt) << "fewer than 50 rows";
  roi.insert(roi.end(), 20, -1.0);
  EXPECT_EQ(RestOf(roi), -1.0);
  roi.insert(roi.end(), 100, 2.0);
  EXPECT_EQ(RestOf(roi), std::nullopt) << "27 %";
  EXPECT_EQ(RestOf(roi, 0.0), -1.0);
  roi.push_back(-1.5);
  EXPECT_EQ(RestOf(roi, 0.0), std::nullopt) << "one row is below";
  EXPECT_EQ(RestOf(std::vector<double>(200, 3.0)), std::nullopt) << "no other value";
}

TEST(JoinNetworks, ComputesBoth) {
  Random random(1);
  const NetworkOptions shape{{6, 4}, Activation::kSilu, 0.0};
  const Mlp a = RandomMlp(5, shape, random), b = RandomMlp(5, shape, random);
  LinearModel model;
  model.weights = Eigen::VectorXd::LinSpaced(5, -1.0, 1.5);
  model.bias = 0.5;
  const Mlp linear = LinearNetwork(model);
  const RowMajorMatrix x = RowMajorMatrix::Random(20, 5);
  for (const auto& [location, gate] : {std::pair(&a, &b), {&linear, &b}, {&a, &linear}, {&linear, &linear}}) {
    const JoinedNetworks joined = JoinNetworks(*location, *gate, Activation::kSilu);
    ASSERT_TRUE(joined.mlp.Validate().ok());
    ASSERT_TRUE(joined.mlp.ValidateHead(joined.gate, "gate").ok());
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const float* row = x.row(i).data();
      EXPECT_NEAR(joined.mlp.Evaluate(row), location->Evaluate(row), 1e-5);
      EXPECT_NEAR(joined.mlp.EvaluateHead(row, joined.gate), gate->Evaluate(row), 1e-5);
    }
  }
}

TEST(TwoPartTraining, IsTakenWhereItIsBetter) {
  const auto artifact = TrainModel(ReadCsvOrFail(CampaignsCsv(3'000, 2)), Spec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->target.kind, TargetKind::kZeroHeavy);
  EXPECT_EQ(artifact->target.rest, -1.0);
  EXPECT_EQ(artifact->provenance.spec.target.kind, TargetKind::kZeroHeavy);
  EXPECT_THAT(
      artifact->report.cleaning.warnings,
      Contains(Field(&DataWarning::message, HasSubstr("predictions combine the probability of another value"))));
  const auto predictor = Predictor::Compile(*artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  // Many buy at a = 1, few at −2; the amount follows b.
  const std::vector<float> rows = {1.0f, 0.0f, 0.0f, -2.0f, 0.0f, 0.0f, 1.0f, 1.0f, 0.0f};
  std::vector<float> roi(3);
  (*predictor)->Predict(rows.data(), 3, absl::MakeSpan(roi), {});
  const auto expected = [](double a, double b) {
    return std::exp(1.2 + 0.8 * b + 0.045) / (1.0 + std::exp(0.5 - 2.0 * a)) - 1.0;
  };
  EXPECT_NEAR(roi[0], expected(1, 0), 0.35);
  EXPECT_NEAR(roi[1], expected(-2, 0), 0.1);
  EXPECT_NEAR(roi[2], expected(1, 1), 0.8);
  EXPECT_EQ(JudgeAgainstConstant(artifact->report.holdout), ConstantVerdict::kBetter);
}

// As serving computes it.
TEST(TwoPartTraining, HasIntervalsAndProbabilitiesThatHoldOnNewRows) {
  const auto artifact = TrainModel(ReadCsvOrFail(CampaignsCsv(2'000, 8)), Spec(TargetKind::kZeroHeavy));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  ASSERT_TRUE(artifact->calibration.has_value()) << artifact->report.calibration.missing_because;
  EXPECT_NEAR(artifact->report.calibration.coverage, 0.9, 0.04);
  const CsvTable fresh = ReadCsvOrFail(CampaignsCsv(4'000, 9));
  const RowMajorMatrix raw = ToRawRows(fresh.table, artifact->schema);
  const std::vector<double> truth = fresh.table.Find("roi")->numbers.ToVector();
  const auto predictor = Predictor::Compile(*artifact);
  const Uncertainty uncertainty(*artifact);
  const auto question = uncertainty.Ask({.interval_level = 0.9, .profit_probability = true});
  ASSERT_TRUE(question.ok()) << question.status();
  std::vector<float> roi(4'000), location(4'000), log_scale(4'000), share(4'000), low(4'000), high(4'000), p(4'000);
  std::vector<uint8_t> flags(4'000);
  const Predictor::Spread spread = {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)};
  (*predictor)->PredictWithSpread(raw.data(), raw.rows(), absl::MakeSpan(roi), absl::MakeSpan(flags), spread);
  RawRows rows;
  rows.rows = raw.data();
  uncertainty.Answer(*question, **predictor,
                     {rows, roi, flags, spread, absl::MakeSpan(low), absl::MakeSpan(high), absl::MakeSpan(p)});
  double inside = 0.0, profits = 0.0, expected = 0.0, at_rest = 0.0, begins_at_rest = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    inside += truth[i] >= low[i] && truth[i] <= high[i];
    profits += truth[i] > 0.0;
    expected += p[i];
    at_rest += truth[i] == -1.0;
    begins_at_rest += low[i] == -1.0f;
  }
  // Where nearly nobody buys, −1 alone is more than 90 %.
  EXPECT_GT(inside / 4'000, 0.885);
  EXPECT_LT(inside / 4'000, 0.94);
  EXPECT_NEAR(expected / 4'000, profits / 4'000, 0.02);
  EXPECT_GT(begins_at_rest, at_rest);
}

TEST(TwoPartTraining, ComesBackFromItsBytes) {
  const auto artifact = TrainModel(ReadCsvOrFail(CampaignsCsv(400, 3)), Spec(TargetKind::kZeroHeavy));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const std::string bytes = SerializeArtifact(*artifact);
  const auto reread = ParseArtifact(bytes);
  ASSERT_TRUE(reread.ok()) << reread.status();
  ASSERT_TRUE(reread->gate.has_value());
  EXPECT_EQ(SerializeArtifact(*reread), bytes);
  EXPECT_TRUE(Predictor::Compile(*reread).ok());
}

TEST(TwoPartTraining, IsNotTakenWhereANumberIsAskedFor) {
  const auto artifact = TrainModel(ReadCsvOrFail(CampaignsCsv(400, 4)), Spec(TargetKind::kNumber));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->target.kind, TargetKind::kNumber);
  EXPECT_FALSE(artifact->gate.has_value());
}

TEST(TwoPartTraining, IsNotTakenWhereItIsNotShownToBeBetter) {
  Random random(5);
  std::string text = "a,b,roi\n";
  for (int i = 0; i < 400; ++i) {
    absl::StrAppend(&text, random.Normal(), ",", random.Normal(), ",",
                    random.Uniform() < 0.5 ? 0.0 : 1.0 + random.Uniform(), "\n");
  }
  const auto artifact = TrainModel(ReadCsvOrFail(text), Spec());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->target.kind, TargetKind::kNumber);
  EXPECT_THAT(artifact->report.cleaning.warnings,
              Contains(Field(&DataWarning::message, HasSubstr("is not shown to be better"))));
}

TEST(TwoPartTraining, SaysWhatIsNotZeroHeavy) {
  std::string text = "a,roi\n";
  Random random(6);
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, random.Normal(), ",", i, "\n");
  EXPECT_THAT(
      std::string(TrainModel(ReadCsvOrFail(text), Spec(TargetKind::kZeroHeavy)).status().message()),
      HasSubstr(
          "target.kind (--target-kind): expected, of a zero-heavy target, at least 50 training rows with the lowest "
          "value and 50 with others, got "));
  TrainingSpec fixed = Spec(TargetKind::kZeroHeavy);
  fixed.choose_capacity = false;
  EXPECT_THAT(std::string(TrainModel(ReadCsvOrFail(CampaignsCsv(300, 7)), fixed).status().message()),
              HasSubstr("got zero-heavy"));
}

}  // namespace
}  // namespace roicast
