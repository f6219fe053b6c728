#include "model/explanation/background.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/random.h"
#include "model/explanation/row_groups.h"
#include "model/features/preprocessor.h"
#include "tests/model/predictor/random_artifact.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Schema MixedSchema() {
  Schema schema;
  schema.features.resize(4);
  schema.features[0].name = "price";
  schema.features[0].allowed_min = 0.0;
  schema.features[0].allowed_min_exclusive = true;
  schema.features[1].name = "channel";
  schema.features[1].kind = FeatureKind::kCategorical;
  schema.features[1].vocabulary = {"search", "social", "email"};
  schema.features[2].name = "start";
  schema.features[2].kind = FeatureKind::kTime;
  schema.features[3].name = "rating";
  return schema;
}

// price log-normal; channel 60 %, 30 %, 10 %; start within two years, at midnight; rating normal, a quarter missing.
RowMajorMatrix MixedRows(int n) {
  Random random(5);
  RowMajorMatrix raw(n, 4);
  for (int i = 0; i < n; ++i) {
    const double word = random.Uniform();
    raw(i, 0) = static_cast<float>(std::exp(random.Normal()));
    raw(i, 1) = word < 0.6 ? 0.0f : word < 0.9 ? 1.0f : 2.0f;
    raw(i, 2) = 450'000.0f + 24.0f * static_cast<float>(random.Below(730));
    raw(i, 3) = random.Uniform() < 0.25 ? kNan : static_cast<float>(random.Normal());
  }
  return raw;
}

std::vector<float> Column(const Background& background, int feature, int features = 4) {
  std::vector<float> column;
  for (int b = 0; b < background.size(); ++b) column.push_back(background.rows[b * features + feature]);
  return column;
}

TEST(Background, KeepsTheSpreadOfEachFeature) {
  const RowMajorMatrix raw = MixedRows(5000);
  const auto background = *FitBackground(raw, MixedSchema());
  ASSERT_TRUE(background.has_value());
  ASSERT_EQ(background->size(), 32);
  EXPECT_TRUE(background->Validate(MixedSchema()).ok());

  std::vector<float> price = Column(*background, 0);
  std::sort(price.begin(), price.end());
  // exp of the normal quantiles at 1/4, 1/2 and 3/4.
  EXPECT_NEAR(price[8], 0.51, 0.05);
  EXPECT_NEAR(price[16], 1.0, 0.1);
  EXPECT_NEAR(price[24], 1.96, 0.25);
  double mean = 0.0;
  for (const float x : price) mean += x / 32.0;
  EXPECT_NEAR(mean, raw.col(0).mean(), 0.01);

  std::vector<float> channel = Column(*background, 1);
  EXPECT_NEAR(std::count(channel.begin(), channel.end(), 0.0f), 0.6 * 32, 1.0);
  EXPECT_NEAR(std::count(channel.begin(), channel.end(), 1.0f), 0.3 * 32, 1.0);
  EXPECT_NEAR(std::count(channel.begin(), channel.end(), 2.0f), 0.1 * 32, 1.0);

  std::vector<float> start = Column(*background, 2);
  std::sort(start.begin(), start.end());
  EXPECT_LT(start.front(), 450'000.0f + 24.0f * 30.0f);
  EXPECT_GT(start.back(), 450'000.0f + 24.0f * 700.0f);
  for (const float hours : start) EXPECT_EQ(std::fmod(hours - 450'000.0f, 24.0f), 0.0f) << "no midnight";

  const std::vector<float> rating = Column(*background, 3);
  EXPECT_EQ(std::count_if(rating.begin(), rating.end(), [](float x) { return std::isnan(x); }), 8);
}

TEST(Background, KeepsFeaturesTogetherThatGoTogether) {
  Random random(3);
  Schema schema;
  schema.features.resize(2);
  RowMajorMatrix raw(2000, 2);
  for (int i = 0; i < 2000; ++i) {
    raw(i, 0) = static_cast<float>(random.Normal());
    raw(i, 1) = -2.0f * raw(i, 0) + 0.1f * static_cast<float>(random.Normal());
  }
  const auto background = *FitBackground(raw, schema);
  ASSERT_TRUE(background.has_value());
  double product = 0.0, squares = 0.0;
  for (int b = 0; b < 32; ++b) {
    product += background->rows[2 * b] * background->rows[2 * b + 1];
    squares += background->rows[2 * b] * background->rows[2 * b];
  }
  EXPECT_NEAR(product / squares, -2.0, 0.1);
}

TEST(Background, HasNoRowOfTheTrainingData) {
  const RowMajorMatrix raw = MixedRows(500);
  const auto background = *FitBackground(raw, MixedSchema());
  ASSERT_TRUE(background.has_value());
  std::set<std::pair<float, float>> known;
  for (int i = 0; i < 500; ++i) known.insert({raw(i, 0), raw(i, 2)});
  for (int b = 0; b < background->size(); ++b) {
    EXPECT_EQ(known.count({background->rows[4 * b], background->rows[4 * b + 2]}), 0u) << b;
  }
}

TEST(Background, NeverTellsOfFewerThanFiveRows) {
  // One price in a thousand, and words that four rows have.
  Schema schema = MixedSchema();
  schema.features[1].vocabulary.push_back("rare");
  RowMajorMatrix raw = MixedRows(44);
  for (int i = 0; i < 44; ++i) raw(i, 0) = 1.0f;
  raw(7, 0) = 1000.0f;
  for (int i = 0; i < 4; ++i) raw(i, 1) = 3.0f;
  for (int i = 0; i < 44; ++i) raw(i, 3) = i < 4 ? 1.0f : kNan;
  const auto background = *FitBackground(raw, schema);
  ASSERT_TRUE(background.has_value());
  EXPECT_EQ(background->size(), 8);
  for (const float price : Column(*background, 0)) EXPECT_LE(price, 1.0f + 999.0f / 5.0f);
  for (const float channel : Column(*background, 1)) EXPECT_NE(channel, 3.0f);
  for (const float rating : Column(*background, 3)) EXPECT_TRUE(std::isnan(rating));
}

TEST(Background, IsOneRowForFewRowsAndNoneForFewer) {
  const auto five = *FitBackground(MixedRows(9), MixedSchema());
  ASSERT_TRUE(five.has_value());
  EXPECT_EQ(five->size(), 1);
  EXPECT_EQ(five->weights[0], 1.0f);
  EXPECT_EQ(*FitBackground(MixedRows(4), MixedSchema()), std::nullopt);
}

TEST(Background, TakesRejectedValuesForMissing) {
  RowMajorMatrix raw = MixedRows(100);
  for (int i = 0; i < 60; ++i) raw(i, 0) = -5.0f;
  raw(70, 3) = std::numeric_limits<float>::infinity();
  const auto background = *FitBackground(raw, MixedSchema());
  ASSERT_TRUE(background.has_value());
  EXPECT_TRUE(background->Validate(MixedSchema()).ok());
  const std::vector<float> price = Column(*background, 0);
  EXPECT_EQ(std::count_if(price.begin(), price.end(), [](float x) { return std::isnan(x); }), 12);  // of 20
}

TEST(Background, IsTheSameTwiceAndDependsOnTheSampleOnly) {
  const RowMajorMatrix raw = MixedRows(3000);
  const auto same = [](const Background& a, const Background& b) {
    return a.weights == b.weights && std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), [](float x, float y) {
             return x == y || (std::isnan(x) && std::isnan(y));
           });
  };
  const auto first = *FitBackground(raw, MixedSchema(), {.max_sample = 1000});
  const auto again = *FitBackground(raw, MixedSchema(), {.max_sample = 1000});
  const auto other = *FitBackground(raw, MixedSchema(), {.max_sample = 1000, .seed = 2});
  ASSERT_TRUE(first.has_value() && again.has_value() && other.has_value());
  EXPECT_TRUE(same(*first, *again));
  EXPECT_FALSE(same(*first, *other));
}

TEST(Background, FitsAnyRowsOfAnySchema) {
  Random random(11);
  for (int i = 0; i < 40; ++i) {
    const Artifact artifact = testing::MakeRandomArtifact(random);
    const auto n = static_cast<int64_t>(5 + random.Below(300));
    const std::vector<float> rows = testing::MakeRows(artifact.schema, n, true, random);
    const RowMajorMatrix raw = Eigen::Map<const RowMajorMatrix>(rows.data(), n, artifact.schema.size());
    const BackgroundOptions options{.rows = 1 + static_cast<int>(random.Below(64))};
    const auto background = *FitBackground(raw, artifact.schema, options);
    ASSERT_TRUE(background.has_value());
    EXPECT_EQ(background->size(), std::min<int64_t>(options.rows, n / 5));
    EXPECT_TRUE(background->Validate(artifact.schema).ok()) << background->Validate(artifact.schema);
  }
}

TEST(Background, NamesWhatIsInvalid) {
  const Schema schema = MixedSchema();
  const Background good = **FitBackground(MixedRows(100), schema);
  const auto message = [&](auto change) {
    Background bad = good;
    change(bad);
    const absl::Status status = bad.Validate(schema);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(message([](Background& b) { b = {}; }), "background.weights: expected 1 to 64, got 0");
  EXPECT_EQ(message([](Background& b) { b.rows.pop_back(); }), "background.rows: expected 80 numbers, got 79");
  EXPECT_EQ(message([](Background& b) { b.weights[1] = 0.0f; }),
            "background.weights: expected numbers > 0 and ≤ 1, got 0");
  EXPECT_EQ(message([](Background& b) { b.weights[1] = kNan; }),
            "background.weights: expected numbers > 0 and ≤ 1, got nan");
  EXPECT_EQ(message([](Background& b) { b.weights[1] = 0.5f; }), "background.weights: expected the sum 1, got 1.45");
  EXPECT_EQ(message([](Background& b) { b.rows[8] = -1.0f; }),
            "background.rows[2] \"price\": expected a value that serving accepts, got -1");
  EXPECT_THAT(message([](Background& b) { b.rows[11] = std::numeric_limits<float>::infinity(); }),
              HasSubstr("background.rows[2] \"rating\""));
}

TEST(RobustScale, IsMedianAndInterquartileRange) {
  const RobustScale scale = RobustScaleOf({5.0f, 1.0f, kNan, 3.0f, 2.0f, 1000.0f});
  EXPECT_EQ(scale.center, 3.0);
  EXPECT_EQ(scale.scale, 3.0);
  EXPECT_EQ(RobustScaleOf({1.0f, 2.0f}).center, 1.5);
}

TEST(RobustScale, FallsBackToTheStandardDeviationAndToOne) {
  const RobustScale flat = RobustScaleOf({0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 10.0f});
  EXPECT_EQ(flat.center, 0.0);
  EXPECT_DOUBLE_EQ(flat.scale, 3.0);
  EXPECT_EQ(RobustScaleOf({7.0f, 7.0f}).scale, 1.0);
  EXPECT_EQ(RobustScaleOf({kNan}).scale, 1.0);
}

TEST(GroupRows, CutsAcrossTheWidestDirection) {
  // Three features that go together, and one that goes its own way.
  Schema schema;
  schema.features.resize(4);
  RowMajorMatrix rows(90, 4);
  for (int i = 0; i < 90; ++i) {
    const auto x = static_cast<float>(i);
    rows.row(i) << x, -2.0f * x, 5.0f * x, static_cast<float>(i * 37 % 90);
  }
  const std::vector<int> groups = *GroupRows(rows, schema, 3);
  for (int group = 0; group < 3; ++group) EXPECT_EQ(std::count(groups.begin(), groups.end(), group), 30);
  // The groups lie one behind the other along the three, but for rows near the cuts.
  int misplaced = 0;
  for (int i = 0; i < 90; ++i) misplaced += groups[i] != groups[15 + 30 * (i / 30)];
  EXPECT_LT(misplaced, 18);
}

TEST(Background, IsStoppedAllAlong) {
  const RowMajorMatrix raw = MixedRows(2000);
  const Schema schema = MixedSchema();
  // 31 cuts of seven iterations each, and the features.
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return FitBackground(raw, schema, BackgroundOptions(), stop).status(); }, 200);
}

}  // namespace
}  // namespace roicast
