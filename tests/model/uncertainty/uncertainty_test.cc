#include "model/uncertainty/uncertainty.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "model/uncertainty/missing_excess.h"
#include "model/uncertainty/range_excess.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// z = price; the scores of 199 rows go from −0.99 to 0.99 in steps of 0.01, those of "social" are a tenth.
Artifact PriceModel() {
  Artifact artifact;
  Feature price, channel;
  price.name = "price";
  price.allowed_max = 1000.0;
  price.seen_min = 0.0;
  price.seen_max = 10.0;
  channel.name = "channel";
  channel.kind = FeatureKind::kCategorical;
  channel.vocabulary = {"search", "social"};
  artifact.schema.features = {price, channel};
  artifact.features.resize(2);
  DenseLayer layer;
  layer.weights = RowMajorMatrix::Zero(1, 4);
  layer.weights(0, 0) = 1.0f;
  layer.biases = Eigen::VectorXf::Zero(1);
  artifact.mlp.layers.push_back(layer);
  std::vector<double> scores(199), tenth;
  std::iota(scores.begin(), scores.end(), -99.0);
  for (double& score : scores) score *= 0.01;
  for (const double score : scores) tenth.push_back(0.1 * score);
  artifact.calibration.emplace().groups = {MakeGroup(-1, scores), MakeGroup(1, tenth)};
  artifact.calibration->group_feature = "channel";
  return artifact;
}

struct Answers {
  std::vector<float> roi, low, high, probability;
};

Answers Ask(const Artifact& artifact, const UncertaintyOptions& options, const std::vector<float>& rows,
            bool by_column = false) {
  const auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_TRUE(predictor.ok()) << predictor.status();
  const Uncertainty uncertainty(artifact);
  const auto question = uncertainty.Ask(options);
  EXPECT_TRUE(question.ok()) << question.status();
  const int features = artifact.schema.size();
  const size_t n = rows.size() / features;
  Answers answers{std::vector<float>(n), std::vector<float>(n), std::vector<float>(n), std::vector<float>(n)};
  std::vector<float> location(n), log_scale(n), share(n);
  std::vector<uint8_t> flags(n);
  const Predictor::Spread spread = {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)};
  std::vector<std::vector<float>> columns(features);
  std::vector<ColumnView> views(features);
  for (int f = 0; f < features; ++f) {
    for (size_t i = 0; i < n; ++i) columns[f].push_back(rows[i * features + f]);
    views[f].floats = columns[f].data();
  }
  if (by_column) {
    (*predictor)->PredictColumnsWithSpread(views, n, absl::MakeSpan(answers.roi), absl::MakeSpan(flags), spread);
  } else {
    (*predictor)->PredictWithSpread(rows.data(), n, absl::MakeSpan(answers.roi), absl::MakeSpan(flags), spread);
  }
  RawRows raw;
  if (by_column) raw.columns = views;
  if (!by_column) raw.rows = rows.data();
  uncertainty.Answer(*question, **predictor,
                     {raw, answers.roi, flags, spread, absl::MakeSpan(answers.low), absl::MakeSpan(answers.high),
                      absl::MakeSpan(answers.probability)});
  return answers;
}

absl::Status Refusal(const Artifact& artifact, const UncertaintyOptions& options) {
  return Uncertainty(artifact).Ask(options).status();
}

TEST(Uncertainty, IntervalsAreMadeOfTheGroupsScores) {
  // Tails of 200 · 0.05 = 10 rows.
  const Answers answers = Ask(PriceModel(), {.interval_level = 0.9}, {5.0f, 0.0f, 5.0f, 1.0f, 5.0f, kMissing});
  EXPECT_NEAR(answers.low[0], 5.0 - 0.9, 1e-5);
  EXPECT_NEAR(answers.high[0], 5.0 + 0.9, 1e-5);
  EXPECT_NEAR(answers.low[1], 5.0 - 0.09, 1e-5);
  EXPECT_NEAR(answers.high[1], 5.0 + 0.09, 1e-5);
  // All rows' scores, and no more is known than of an unseen word.
  const double typical = TypicalScore(PriceModel().calibration->groups[0]);
  EXPECT_NEAR(answers.high[2], 5.0 + 0.9 * std::hypot(1.0, kUnseenExcess / typical), 1e-3);
}

TEST(Uncertainty, AGroupWithTooFewRowsForTheLevelHasTheIntervalOfAllRows) {
  Artifact artifact = PriceModel();
  artifact.calibration->groups[1] = MakeGroup(1, {-0.1, 0.0, 0.1});
  const Answers answers = Ask(artifact, {.interval_level = 0.9}, {5.0f, 1.0f});
  EXPECT_NEAR(answers.high[0], 5.0 + 0.9, 1e-5);
}

TEST(Uncertainty, ProbabilitiesAgreeWithTheIntervals) {
  // The interval's lower end at 0.8 is where the truth lies above with 0.9.
  const Answers interval = Ask(PriceModel(), {.interval_level = 0.8}, {5.0f, 0.0f});
  UncertaintyOptions options;
  options.profit_probability = true;
  options.profit_threshold = interval.low[0];
  EXPECT_NEAR(Ask(PriceModel(), options, {5.0f, 0.0f}).probability[0], 0.9, 1e-3);
  options.profit_threshold = 5.0;
  EXPECT_NEAR(Ask(PriceModel(), options, {5.0f, 0.0f}).probability[0], 0.5, 1e-3);
  options.profit_threshold = 100.0;
  EXPECT_NEAR(Ask(PriceModel(), options, {5.0f, 0.0f}).probability[0], 0.5 / 200, 1e-6);
  Artifact artifact = PriceModel();
  artifact.target.roi_floor = -1.0;
  options.profit_threshold = -1.5;
  EXPECT_EQ(Ask(artifact, options, {5.0f, 0.0f}).probability[0], 1.0f);
}

TEST(Uncertainty, TheThresholdIsTheSpecsUnlessAsked) {
  Artifact artifact = PriceModel();
  artifact.provenance.spec.profit_threshold = 5.0;
  EXPECT_NEAR(Ask(artifact, {.profit_probability = true}, {5.0f, 0.0f}).probability[0], 0.5, 1e-3);
}

TEST(Uncertainty, RowsBeyondTheRangeOfTrainingAreLessSure) {
  // 10 is the highest that was seen; the typical score is 0.68 of a standard deviation of the target.
  const std::vector<float> rows = {10.0f, 0.0f, 10.5f, 0.0f, 20.0f, 0.0f, 1000.0f, 0.0f, 5.0f, 7.0f};
  const Answers answers = Ask(PriceModel(), {.interval_level = 0.9, .profit_probability = true}, rows);
  const auto width = [&](size_t i) { return answers.high[i] - answers.low[i]; };
  const double typical = TypicalScore(PriceModel().calibration->groups[0]);
  EXPECT_NEAR(width(0), 1.8, 1e-4);
  EXPECT_NEAR(width(1), 1.8 * std::hypot(1.0, 0.5 / typical), 1e-3);
  EXPECT_NEAR(width(2), 1.8 * std::hypot(1.0, 10.0 / typical), 1e-2);
  EXPECT_GT(width(3), 100.0f * width(0));
  EXPECT_NEAR(width(4), 1.8 * std::hypot(1.0, 0.5 / typical), 1e-3);
  // 1000 would be a sure profit, were it known.
  EXPECT_LT(answers.probability[3], answers.probability[0]);
}

// A missing value was taken for a known one: 90 % intervals covered 44 % of rows without their channel.
TEST(Uncertainty, AMissingValueWidensByWhatItMovesTypicalPredictions) {
  Artifact artifact = PriceModel();
  Background& typical = artifact.background.emplace();
  artifact.features[0].fill_value = 5.0;
  typical.rows = {3.0f, 0.0f, 7.0f, 1.0f};
  typical.weights = {0.5f, 0.5f};
  const auto predictor = Predictor::CompileUnverified(artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  // The price moves predictions by itself, the channel does not.
  EXPECT_THAT(MissingExcess(artifact, predictor->get()), ::testing::ElementsAre(4.0, kUnseenExcess * kUnseenExcess));
  EXPECT_THAT(MissingExcess(artifact, nullptr), ::testing::Each(kUnseenExcess * kUnseenExcess));
  // Training had such rows: intervals are made of their errors, too.
  artifact.features[0].missing_indicator = true;
  EXPECT_EQ(MissingExcess(artifact, nullptr)[0], 0.0);
  artifact.features[0].missing_indicator = false;
  artifact.background.reset();
  const Answers answers =
      Ask(artifact, {.interval_level = 0.9}, {5.0f, 0.0f, std::numeric_limits<float>::quiet_NaN(), 0.0f});
  EXPECT_GT(answers.high[1] - answers.low[1], 1.1f * (answers.high[0] - answers.low[0]));
}

TEST(Uncertainty, RowsAndColumnsGetTheSameBits) {
  Random random(3);
  std::vector<float> rows;
  for (int i = 0; i < 700; ++i) {
    rows.push_back(static_cast<float>(random.Uniform(-5.0, 30.0)));
    rows.push_back(static_cast<float>(random.Below(4)));
  }
  rows[20] = 2000.0f;  // rejected
  const UncertaintyOptions options = {.interval_level = 0.8, .profit_probability = true};
  const Answers by_row = Ask(PriceModel(), options, rows), by_column = Ask(PriceModel(), options, rows, true);
  for (size_t i = 0; i < by_row.roi.size(); ++i) {
    if (i == 10) {
      EXPECT_TRUE(std::isnan(by_row.low[i]) && std::isnan(by_row.high[i]) && std::isnan(by_row.probability[i]));
      continue;
    }
    ASSERT_EQ(by_row.low[i], by_column.low[i]) << i;
    ASSERT_EQ(by_row.high[i], by_column.high[i]) << i;
    ASSERT_EQ(by_row.probability[i], by_column.probability[i]) << i;
    const Answers alone = Ask(PriceModel(), options, {rows[2 * i], rows[2 * i + 1]});
    ASSERT_EQ(by_row.low[i], alone.low[0]) << i;
    ASSERT_EQ(by_row.probability[i], alone.probability[0]) << i;
  }
}

TEST(Uncertainty, ATwoValuedTargetHasTheIntervalOfItsBin) {
  Artifact artifact = PriceModel();
  artifact.calibration.emplace().bins = {{0.2f, 100, 10}, {0.8f, 100, 50}};
  const Answers answers = Ask(artifact, {.interval_level = 0.95}, {0.1f, 0.0f, 0.5f, 0.0f, 0.95f, 0.0f});
  const ScoreRange first = WilsonInterval(10, 100, 0.95), second = WilsonInterval(50, 100, 0.95);
  EXPECT_NEAR(answers.low[0], first.low, 1e-6);
  EXPECT_NEAR(answers.high[0], first.high, 1e-6);
  EXPECT_NEAR(answers.low[1], second.low, 1e-6);
  EXPECT_NEAR(answers.high[1], second.high, 1e-6);
  // The prediction is inside.
  EXPECT_EQ(answers.high[2], 0.95f);
}

// The scores are those of PriceModel up to a price of 2, and ten times as large from 8 on.
Artifact ShapedModel() {
  Artifact artifact = PriceModel();
  Calibration& calibration = *artifact.calibration;
  calibration.groups.resize(1);
  calibration.group_feature = "";
  std::vector<double> large, levels;
  for (const float score : calibration.groups[0].scores) large.push_back(10.0 * score);
  calibration.shapes = {calibration.groups[0], MakeGroup(-1, large)};
  calibration.shapes[0].location = 2.0f;
  calibration.shapes[1].location = 8.0f;
  for (int i = 1; i < 400; ++i) levels.push_back(i / 400.0);
  calibration.levels = MakeGroup(-1, levels);
  return artifact;
}

TEST(Uncertainty, ShapesFollowThePrediction) {
  const std::vector<float> rows = {1.0f, 0.0f, 2.0f, 0.0f, 5.0f, 0.0f, 8.0f, 0.0f, 9.0f, 0.0f};
  const Answers answers =
      Ask(ShapedModel(), {.interval_level = 0.9, .profit_probability = true, .profit_threshold = 7.0}, rows);
  const double half_widths[] = {0.9, 0.9, 4.95, 9.0, 9.0};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(answers.high[i], rows[2 * i] + half_widths[i], 0.02) << i;
    EXPECT_NEAR(answers.low[i], rows[2 * i] - half_widths[i], 0.02) << i;
    // The scores are uniform, in ± half_width / 0.9.
    const double above = 0.5 + 0.5 * (rows[2 * i] - 7.0) / (half_widths[i] / 0.9);
    EXPECT_NEAR(answers.probability[i], std::min(1.0, std::max(0.0, above)), 5e-3) << i;
  }
}

// Nothing rests at 0: only zero-heavy targets have a value that none is below.
TEST(Uncertainty, ShapesHaveProbabilitiesBelowZero) {
  const UncertaintyOptions options = {.profit_probability = true, .profit_threshold = -0.45};
  EXPECT_NEAR(Ask(ShapedModel(), options, {0.0f, 0.0f}).probability[0], 0.725, 5e-3);
  EXPECT_NEAR(Ask(ShapedModel(), {.profit_probability = true, .profit_threshold = 0.0}, {0.0f, 0.0f}).probability[0],
              0.5, 5e-3);
}

TEST(Uncertainty, ShapesWithTooFewRowsForTheLevelLeaveTheIntervalOfAllRows) {
  Artifact artifact = ShapedModel();
  artifact.calibration->shapes[1] = MakeGroup(-1, {-10.0, 0.0, 10.0});
  artifact.calibration->shapes[1].location = 8.0f;
  const Answers answers = Ask(artifact, {.interval_level = 0.9}, {8.0f, 0.0f});
  EXPECT_NEAR(answers.high[0], 8.9, 1e-5);
}

// The same amounts where the ROI is not −1, which it is not with this probability.
Artifact ZeroHeavyModel(double share) {
  Artifact artifact = PriceModel();
  DenseLayer hidden, last;
  hidden.activation = Activation::kRelu;
  hidden.weights = RowMajorMatrix::Zero(2, 4);
  hidden.weights(0, 0) = 1.0f;
  hidden.weights(1, 0) = -1.0f;
  hidden.biases = Eigen::VectorXf::Zero(2);
  last.weights = RowMajorMatrix(1, 2);
  last.weights << 1.0f, -1.0f;
  last.biases = Eigen::VectorXf::Zero(1);
  artifact.mlp.layers = {hidden, last};
  DenseLayer& gate = artifact.gate.emplace();
  gate.weights = RowMajorMatrix::Zero(1, 2);
  gate.biases = Eigen::VectorXf::Constant(1, static_cast<float>(std::log(share / (1.0 - share))));
  artifact.target.kind = TargetKind::kZeroHeavy;
  artifact.target.rest = -1.0;
  artifact.calibration->groups.resize(1);
  artifact.calibration->group_feature = "";
  std::vector<double> levels;
  for (int i = 1; i < 400; ++i) levels.push_back(i / 400.0);
  artifact.calibration->levels = MakeGroup(-1, levels);
  return artifact;
}

TEST(Uncertainty, IntervalsOfZeroHeavyTargetsBeginAtRestWhereItIsLikely) {
  // Half of the rows are at −1; 0.9 − 0.5 is 80 % of the others, up to the score 0.6.
  const std::vector<float> row = {5.0f, 0.0f};
  const Answers half = Ask(ZeroHeavyModel(0.5), {.interval_level = 0.9}, row);
  EXPECT_EQ(half.low[0], -1.0f);
  EXPECT_NEAR(half.high[0], 5.6, 1e-4);
  const Answers hardly_any = Ask(ZeroHeavyModel(0.05), {.interval_level = 0.9}, row);
  EXPECT_EQ(hardly_any.low[0], -1.0f);
  EXPECT_EQ(hardly_any.high[0], -1.0f);
  // Where nearly all have an amount, the interval is that of the amounts.
  const Answers most = Ask(ZeroHeavyModel(0.999), {.interval_level = 0.9}, row);
  EXPECT_NEAR(most.low[0], 5.0 - 0.9, 5e-3);
  EXPECT_NEAR(most.high[0], 5.0 + 0.9, 5e-3);
  // In between, 7 % at −1 are more than the lower tail, and leave 3 % for the upper one.
  const Answers between = Ask(ZeroHeavyModel(0.93), {.interval_level = 0.9}, row);
  EXPECT_EQ(between.low[0], -1.0f);
  EXPECT_NEAR(between.high[0], 5.0 - 1.0 + 0.01 * 200.0 * (1.0 - 0.07 / 0.93), 1e-3);
  // No amount is below −1.
  const Answers low = Ask(ZeroHeavyModel(0.999), {.interval_level = 0.9}, {-0.5f, 0.0f});
  EXPECT_EQ(low.low[0], -1.0f);
}

TEST(Uncertainty, ProbabilitiesOfZeroHeavyTargetsCountTheRowsAtRest) {
  const auto above = [](double share, double threshold) {
    return Ask(ZeroHeavyModel(share), {.profit_probability = true, .profit_threshold = threshold}, {5.0f, 0.0f})
        .probability[0];
  };
  EXPECT_NEAR(above(0.5, 5.0), 0.25, 1e-3);
  EXPECT_NEAR(above(0.9, 5.0), 0.45, 1e-3);
  EXPECT_NEAR(above(0.5, -1.0), 0.5, 1e-3);
  EXPECT_NEAR(above(0.5, 0.0), 0.5, 3e-3);
  EXPECT_EQ(above(0.5, -1.01), 1.0f);
  // How levels were distributed corrects it: here they were half as large.
  Artifact artifact = ZeroHeavyModel(0.5);
  for (float& level : artifact.calibration->levels->scores) level *= 0.5f;
  const UncertaintyOptions options = {.profit_probability = true, .profit_threshold = -1.0};
  EXPECT_NEAR(Ask(artifact, options, {5.0f, 0.0f}).probability[0], 0.5 / 400.0, 2e-3);
}

TEST(Uncertainty, RejectedRowsOfZeroHeavyTargetsHaveNoAnswer) {
  const Answers answers = Ask(ZeroHeavyModel(0.5), {.interval_level = 0.9, .profit_probability = true},
                              {2000.0f, 0.0f, 5.0f, 0.0f, 5.0f, 1.0f, 2000.0f, 1.0f, 1.0f, 1.0f});
  for (const size_t i : {0, 3}) {
    EXPECT_TRUE(std::isnan(answers.low[i]) && std::isnan(answers.high[i]) && std::isnan(answers.probability[i])) << i;
  }
  EXPECT_EQ(answers.low[1], -1.0f);
  EXPECT_NEAR(answers.high[2], 5.6, 1e-4);
}

TEST(Uncertainty, SaysWhatIsWrongWithTheQuestion) {
  const absl::Status level = Refusal(PriceModel(), {.interval_level = 1.5});
  EXPECT_EQ(level.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(level.message(), "interval_level: expected a number above 0 and below 1, got 1.5");
  const absl::Status high = Refusal(PriceModel(), {.interval_level = 0.999});
  EXPECT_EQ(high.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(high.message(), "interval_level: a level of 0.999 needs at least 1999 calibration rows, there are 199");
  const absl::Status threshold = Refusal(PriceModel(), {.profit_probability = true, .profit_threshold = INFINITY});
  EXPECT_EQ(threshold.message(), "profit_threshold: expected a finite ROI, got inf");
  Artifact sales = PriceModel();
  sales.report.target.name = "sales";
  EXPECT_EQ(Refusal(sales, {.profit_probability = true}).message(),
            "profit_probability: expected a model that predicts an ROI, but \"sales\" is not one");
  EXPECT_TRUE(Uncertainty(sales).Ask({.interval_level = 0.9}).ok());
}

TEST(Uncertainty, SaysWhyThereIsNoCalibration) {
  Artifact artifact = PriceModel();
  artifact.calibration.reset();
  const absl::Status old = Refusal(artifact, {.interval_level = 0.9});
  EXPECT_EQ(old.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(old.message(), HasSubstr("it was trained by a release that did not make one"));
  artifact.report.calibration.missing_because = "there are 12 rows";
  EXPECT_THAT(Refusal(artifact, {.interval_level = 0.9}).message(), HasSubstr(": there are 12 rows"));
}

}  // namespace
}  // namespace roicast
