#include "model/predictor/predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "model/features/calendar.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// ROI = 2 · log1p(spend) / 1 + (channel: search +10, social +20, other +30) + 100 if spend is missing, then identity.
Artifact SpendAndChannel() {
  Artifact artifact;
  Feature spend;
  spend.name = "spend";
  spend.allowed_min = 0.0;
  spend.allowed_min_exclusive = true;
  spend.allowed_max = 1000.0;
  spend.seen_min = 1.0;
  spend.seen_max = 100.0;
  Feature channel;
  channel.name = "channel";
  channel.kind = FeatureKind::kCategorical;
  channel.vocabulary = {"search", "social"};
  Feature start;
  start.name = "start_time";
  start.kind = FeatureKind::kTime;
  artifact.schema.features = {spend, channel, start};
  FittedFeature fitted_spend, fitted_channel, fitted_start;
  fitted_spend.fill_value = 7.0;
  fitted_spend.missing_indicator = true;
  fitted_spend.clip_min = 0.0;
  fitted_spend.clip_max = 200.0;
  fitted_spend.transform = NumericTransform::kLog1p;
  fitted_channel.fill_value = 1.0;
  fitted_start.month = true;
  artifact.features = {fitted_spend, fitted_channel, fitted_start};
  DenseLayer layer;
  layer.weights.resize(1, 7);
  layer.weights << 2.0f, 100.0f, 10.0f, 20.0f, 30.0f, 0.0f, 0.5f;
  layer.biases.resize(1);
  layer.biases << 0.0f;
  artifact.mlp.layers.push_back(layer);
  return artifact;
}

std::unique_ptr<const Predictor> Compile(const Artifact& artifact) {
  auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_TRUE(predictor.ok()) << predictor.status();
  return *std::move(predictor);
}

float PredictOne(const Predictor& predictor, const std::vector<float>& row, uint8_t* flag = nullptr) {
  float roi = 0.0f;
  uint8_t ignored = 0;
  predictor.Predict(row.data(), 1, absl::MakeSpan(&roi, 1), absl::MakeSpan(flag == nullptr ? &ignored : flag, 1));
  return roi;
}

// A month of January has cosine 1.
constexpr float kJanuary = 0.0f;

TEST(Predictor, ComputesTheFormula) {
  const auto predictor = Compile(SpendAndChannel());
  uint8_t flag = 9;
  EXPECT_FLOAT_EQ(PredictOne(*predictor, {50.0f, 0.0f, kJanuary}, &flag), 2.0 * std::log1p(50.0) + 10.0 + 0.5);
  EXPECT_EQ(flag, 0);
  EXPECT_FLOAT_EQ(PredictOne(*predictor, {50.0f, 1.0f, kJanuary}), 2.0 * std::log1p(50.0) + 20.0 + 0.5);
}

TEST(Predictor, MissingValueIsFilledAndIndicated) {
  const auto predictor = Compile(SpendAndChannel());
  uint8_t flag = 0;
  EXPECT_FLOAT_EQ(PredictOne(*predictor, {kMissing, kMissing, kJanuary}, &flag),
                  2.0 * std::log1p(7.0) + 100.0 + 20.0 + 0.5);
  EXPECT_EQ(flag, 1);
}

TEST(Predictor, UnseenCategoryUsesTheOtherBucket) {
  const auto predictor = Compile(SpendAndChannel());
  uint8_t flag = 0;
  EXPECT_FLOAT_EQ(PredictOne(*predictor, {50.0f, kUnseenCode, kJanuary}, &flag), 2.0 * std::log1p(50.0) + 30.5);
  EXPECT_EQ(flag, 1);
}

TEST(Predictor, ValueOutsideTheFencesIsClipped) {
  const auto predictor = Compile(SpendAndChannel());
  EXPECT_FLOAT_EQ(PredictOne(*predictor, {900.0f, 0.0f, kJanuary}), 2.0 * std::log1p(200.0) + 10.5);
}

TEST(Predictor, RefusedRowsGetNanAndTheirNeighboursDoNot) {
  const auto predictor = Compile(SpendAndChannel());
  std::vector<float> rows;
  for (int i = 0; i < 40; ++i) rows.insert(rows.end(), {i == 17 ? -5.0f : 50.0f, 0.0f, kJanuary});
  std::vector<float> roi(40);
  std::vector<uint8_t> flags(40, 7);
  predictor->Predict(rows.data(), 40, absl::MakeSpan(roi), absl::MakeSpan(flags));
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(std::isnan(roi[i]), i == 17) << i;
    EXPECT_EQ(flags[i], i == 17 ? 1 : 0) << i;
  }
}

TEST(Predictor, ExplainListsWarningsInSchemaOrder) {
  const auto predictor = Compile(SpendAndChannel());
  const std::vector<float> row = {150.0f, kUnseenCode, kMissing};
  std::vector<RowWarning> warnings;
  ASSERT_TRUE(predictor->Explain(row.data(), warnings).ok());
  ASSERT_EQ(warnings.size(), 3u);
  EXPECT_EQ(warnings[0].kind, WarningKind::kValueOutOfRange);
  EXPECT_EQ(warnings[1].kind, WarningKind::kCategoryUnseen);
  EXPECT_EQ(warnings[2].kind, WarningKind::kValueImputed);
  EXPECT_EQ(warnings[2].feature, 2);
}

TEST(Predictor, ExplainNamesFeatureExpectedAndActual) {
  const auto predictor = Compile(SpendAndChannel());
  const auto message = [&](std::vector<float> row) {
    std::vector<RowWarning> warnings;
    const absl::Status status = predictor->Explain(row.data(), warnings);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(warnings.empty());
    return std::string(status.message());
  };
  EXPECT_EQ(message({-5.0f, 0.0f, 0.0f}), "spend: expected > 0 and ≤ 1000, got -5");
  EXPECT_EQ(message({0.0f, 0.0f, 0.0f}), "spend: expected > 0 and ≤ 1000, got 0");
  EXPECT_EQ(message({kInfinity, 0.0f, 0.0f}), "spend: expected a finite number, got inf");
  EXPECT_EQ(message({kMissing, -1.0f, 0.0f}), "channel: expected a code ≥ 0, got -1");
  EXPECT_EQ(message({kMissing, 0.0f, 1e8f}),
            "start_time: expected hours since 1970 within the years 1900 to 2199, got 1e+08");
}

TEST(Predictor, BoundsAreComparedAsFloat32) {
  Artifact artifact = SpendAndChannel();
  artifact.schema.features[0].allowed_max = 0.1;  // float32 0.1 is larger than this double
  artifact.schema.features[0].seen_min = 0.0;
  artifact.schema.features[0].seen_max = 0.1;
  const auto predictor = Compile(artifact);
  uint8_t flag = 9;
  EXPECT_FALSE(std::isnan(PredictOne(*predictor, {0.1f, 0.0f, 0.0f}, &flag)));
  EXPECT_EQ(flag, 0);
}

TEST(Predictor, ColumnsOfEachTypeAgreeWithTheirRows) {
  const auto predictor = Compile(SpendAndChannel());
  const std::vector<double> spend = {10.0, 0.3, NAN, -1.0, 33.3};
  const std::vector<int32_t> codes = {2, 0, -1, 1, 1};
  const std::vector<float> code_map = {1.0f, 0.0f, kUnseenCode};
  const std::vector<int64_t> times = {1700000000, -2000000000, std::numeric_limits<int64_t>::min(), 0, 7258118399};
  std::vector<ColumnView> views(3);
  views[0].doubles = spend.data();
  views[1].codes = codes.data();
  views[1].code_map = code_map.data();
  views[1].code_map_size = 3;
  views[2].times = times.data();
  std::vector<float> by_column(5);
  std::vector<uint8_t> flags(5), row_flags(5);
  predictor->PredictColumns(views, 5, absl::MakeSpan(by_column), absl::MakeSpan(flags));
  for (int i = 0; i < 5; ++i) {
    std::vector<float> row(3);
    GatherRow(views, i, row.data());
    const float alone = PredictOne(*predictor, row, &row_flags[i]);
    EXPECT_TRUE(by_column[i] == alone || (std::isnan(by_column[i]) && std::isnan(alone))) << i;
  }
  EXPECT_EQ(flags, row_flags);
  EXPECT_THAT(flags, ElementsAre(1, 1, 1, 1, 0));
}

TEST(Predictor, TimeOutsideTheCalendarIsRefusedInColumns) {
  const auto predictor = Compile(SpendAndChannel());
  const std::vector<int64_t> times = {-2208988801,
                                      -2208988800,
                                      7258118399,
                                      7258118400,
                                      std::numeric_limits<int64_t>::max(),
                                      std::numeric_limits<int64_t>::min() + 1};
  std::vector<ColumnView> views(3);
  views[2].times = times.data();
  std::vector<float> roi(times.size());
  predictor->PredictColumns(views, static_cast<int64_t>(times.size()), absl::MakeSpan(roi), {});
  std::vector<bool> refused;
  for (const float x : roi) refused.push_back(std::isnan(x));
  EXPECT_THAT(refused, ElementsAre(true, false, false, true, true, true));
}

TEST(Predictor, NoRowsAreNoWork) {
  const auto predictor = Compile(SpendAndChannel());
  predictor->Predict(nullptr, 0, {}, {});
  predictor->PredictColumns(std::vector<ColumnView>(3), 0, {}, {});
}

TEST(Predictor, WideNetworksAgreeWithTheReference) {
  Random random(3);
  testing::ArtifactShape shape;
  shape.numeric = 300;
  shape.hidden = {700, 130};
  const Artifact artifact = testing::MakeArtifact(shape, random);
  const std::vector<float> rows = testing::MakeRows(artifact.schema, 70, false, random);
  const auto predictor = Compile(artifact);
  std::vector<float> roi(70);
  predictor->Predict(rows.data(), 70, absl::MakeSpan(roi), {});
  const auto expected = PredictByReference(artifact, rows.data(), 70);
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (int i = 0; i < 70; ++i) EXPECT_NEAR(roi[i], (*expected)[i], 2e-5 * (1.0 + std::abs((*expected)[i]))) << i;
}

TEST(Predictor, ManyThreadsShareOne) {
  Random random(4);
  const Artifact artifact = testing::MakeArtifact({}, random);
  const std::vector<float> rows = testing::MakeRows(artifact.schema, 1000, false, random);
  const auto predictor = Compile(artifact);
  std::vector<float> expected(1000);
  predictor->Predict(rows.data(), 1000, absl::MakeSpan(expected), {});
  std::vector<std::thread> threads;
  std::vector<std::vector<float>> results(4, std::vector<float>(1000));
  for (auto& result : results) {
    threads.emplace_back([&] { predictor->Predict(rows.data(), 1000, absl::MakeSpan(result), {}); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Predictor, GoldenRowsThatAreReproducedAreVerified) {
  Random random(5);
  Artifact artifact = testing::MakeArtifact({}, random);
  testing::AddGoldenRows(16, random, artifact);
  EXPECT_TRUE(Predictor::Compile(artifact).ok());
}

TEST(Predictor, AGoldenRowThatIsNotReproducedIsDataLoss) {
  Random random(5);
  Artifact artifact = testing::MakeArtifact({}, random);
  testing::AddGoldenRows(16, random, artifact);
  artifact.golden.predictions[11] += 0.01f * (1.0f + std::abs(artifact.golden.predictions[11]));
  const auto predictor = Predictor::Compile(artifact);
  EXPECT_EQ(predictor.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(predictor.status().message()), HasSubstr("golden row 11: expected the prediction "));
}

TEST(Predictor, FewerThanSixteenGoldenRowsAreRefused) {
  Random random(5);
  Artifact artifact = testing::MakeArtifact({}, random);
  testing::AddGoldenRows(15, random, artifact);
  const auto predictor = Predictor::Compile(artifact);
  EXPECT_EQ(predictor.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(predictor.status().message()), HasSubstr("golden rows: expected at least 16"));
}

TEST(Predictor, NetworkThatDoesNotFitTheFeaturesIsRefused) {
  Artifact artifact = SpendAndChannel();
  artifact.mlp.layers[0].weights.resize(1, 8);
  artifact.mlp.layers[0].weights.setZero();
  const auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_EQ(predictor.status().message(), "network: expected 7 inputs, as encoded from the features, got 8");
}

TEST(Predictor, WeightsThatOverflowWhenFoldedAreRefused) {
  Artifact artifact = SpendAndChannel();
  artifact.features[0].scale = 1e-300;
  const auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_EQ(predictor.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(predictor.status().message()), HasSubstr("overflow float32"));
}

// A feature far from zero and narrow, such as a year: folding its centre into the bias would cancel.
TEST(Predictor, NarrowFeatureFarFromZeroKeepsItsPrecision) {
  Artifact artifact = SpendAndChannel();
  artifact.schema.features[0].allowed_max = 1e9;
  artifact.features[0].transform = NumericTransform::kNone;
  artifact.features[0].clip_max = 1e9;
  artifact.features[0].center = 1e6 + 0.123456;
  artifact.features[0].scale = 0.5;
  const auto predictor = Compile(artifact);
  const std::vector<float> row = {1e6f + 1.0f, 0.0f, kJanuary};
  EXPECT_NEAR(PredictOne(*predictor, row), 2.0 * (1.0 - 0.123456) / 0.5 + 10.5, 1e-5);
}

TEST(Predictor, AValueThatTheRowsWordNeverHadIsFlagged) {
  Artifact artifact = SpendAndChannel();
  artifact.schema.features[0].word_ranges = {{1, 1, 5.0, 20.0}};
  const auto predictor = Compile(artifact);
  const float rows[] = {50.0f, 0.0f, 480'000.0f, 50.0f,    1.0f, 480'000.0f, 20.0f, 1.0f, 480'000.0f,
                        4.0f,  1.0f, 480'000.0f, kMissing, 1.0f, 480'000.0f, 50.0f, 7.0f, 480'000.0f};
  std::vector<float> roi(6), location(6), log_scale(6);
  std::vector<uint8_t> flags(6), columns_flags(6);
  predictor->Predict(rows, 6, absl::MakeSpan(roi), absl::MakeSpan(flags));
  EXPECT_THAT(flags, ElementsAre(0, 0, 0, 0, 1, 1));  // looked for only beside intervals
  const Predictor::Spread spread = {absl::MakeSpan(location), absl::MakeSpan(log_scale)};
  predictor->PredictWithSpread(rows, 6, absl::MakeSpan(roi), absl::MakeSpan(flags), spread);
  EXPECT_THAT(flags, ElementsAre(0, 1, 0, 1, 1, 1));
  float spends[6], hours[6];
  int32_t codes[6];
  const float code_map[] = {0.0f, 1.0f, kUnseenCode};
  for (int i = 0; i < 6; ++i) {
    spends[i] = rows[3 * i];
    codes[i] = std::min(2, static_cast<int>(rows[3 * i + 1]));
    hours[i] = rows[3 * i + 2];
  }
  std::vector<ColumnView> views(3);
  views[0].floats = spends;
  views[1].codes = codes;
  views[1].code_map = code_map;
  views[1].code_map_size = 3;
  views[2].floats = hours;
  predictor->PredictColumnsWithSpread(views, 6, absl::MakeSpan(roi), absl::MakeSpan(columns_flags), spread);
  EXPECT_EQ(columns_flags, flags);
  std::vector<RowWarning> warnings;
  ASSERT_TRUE(predictor->Explain(rows + 3, warnings).ok());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].kind, WarningKind::kValueOutOfWordRange);
  EXPECT_EQ(warnings[0].feature, 0);
  // Outside of both: one warning, of the range of training.
  warnings.clear();
  const float far[] = {500.0f, 1.0f, 480'000.0f};
  ASSERT_TRUE(predictor->Explain(far, warnings).ok());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].kind, WarningKind::kValueOutOfRange);
}

}  // namespace
}  // namespace roicast
