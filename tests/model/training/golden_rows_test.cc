#include "model/training/golden_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "model/features/preprocessor.h"

namespace roicast {
namespace {

Schema MixedSchema() {
  Schema schema;
  schema.features.resize(3);
  schema.features[0].name = "price";
  schema.features[0].allowed_min = 0.0;
  schema.features[0].allowed_min_exclusive = true;
  schema.features[0].seen_min = 1.0;
  schema.features[0].seen_max = 9.0;
  schema.features[1].name = "channel";
  schema.features[1].kind = FeatureKind::kCategorical;
  schema.features[1].vocabulary = {"search", "social"};
  schema.features[2].name = "start";
  schema.features[2].kind = FeatureKind::kTime;
  return schema;
}

std::vector<FittedFeature> Fitted() {
  std::vector<FittedFeature> features(3);
  features[0].transform = NumericTransform::kLog1p;
  features[0].clip_min = 1.5;
  features[0].clip_max = 1000.0;
  features[1].fill_value = 1.0;
  features[2].fill_value = 400'000.0;
  return features;
}

TEST(MakeGoldenRows, SixteenRowsAreMadeUpWithinTheLearntRanges) {
  const RowMajorMatrix golden = MakeGoldenRows(MixedSchema(), Fitted());
  ASSERT_EQ(golden.rows(), 22);
  std::set<float> prices, words, times;
  int missing = 0;
  for (int row = 0; row < 16; ++row) {
    for (int i = 0; i < 3; ++i) missing += std::isnan(golden(row, i));
    if (!std::isnan(golden(row, 0))) {
      // Above the clipping limit, below the largest seen value.
      EXPECT_GE(golden(row, 0), 1.5f) << row;
      EXPECT_LT(golden(row, 0), 9.0f) << row;
      EXPECT_NEAR(golden(row, 0) * 100.0f, std::round(golden(row, 0) * 100.0f), 1e-3) << "three digits: " << row;
      prices.insert(golden(row, 0));
    }
    if (!std::isnan(golden(row, 1))) words.insert(golden(row, 1));
    if (std::isnan(golden(row, 2))) continue;
    EXPECT_NEAR(golden(row, 2), 400'000.0f, 8766.0f) << row;
    EXPECT_EQ(golden(row, 2), std::floor(golden(row, 2))) << row;
    times.insert(golden(row, 2));
  }
  EXPECT_EQ(missing, 6);
  EXPECT_GE(prices.size(), 13u);
  EXPECT_EQ(words, (std::set<float>{0.0f, 1.0f}));
  EXPECT_GE(times.size(), 13u);
}

TEST(MakeGoldenRows, ASkewedFeatureIsMostlySmall) {
  Schema schema;
  schema.features.resize(1);
  schema.features[0].seen_min = 1.0;
  schema.features[0].seen_max = 1e6;
  std::vector<FittedFeature> fitted(1);
  fitted[0].transform = NumericTransform::kLog1p;
  const RowMajorMatrix golden = MakeGoldenRows(schema, fitted);
  int small = 0;
  for (int row = 0; row < 16; ++row) small += golden(row, 0) < 2000.0f;
  EXPECT_GE(small, 6);
  EXPECT_LE(small, 10);
}

TEST(MakeGoldenRows, AFeatureOfOneValueOrNoneIsAccepted) {
  Schema schema;
  schema.features.resize(2);
  schema.features[0].seen_min = schema.features[0].seen_max = 5.0;
  schema.features[1].kind = FeatureKind::kCategorical;
  const RowMajorMatrix golden = MakeGoldenRows(schema, std::vector<FittedFeature>(2));
  EXPECT_EQ(golden(0, 0), 5.0f);
  EXPECT_EQ(golden(0, 1), kUnseenCode);
}

TEST(MakeGoldenRows, IncludesEdgeCasesThatThePredictorAccepts) {
  const Schema schema = MixedSchema();
  const RowMajorMatrix golden = MakeGoldenRows(schema, Fitted());
  bool all_missing = false, unseen = false, above = false;
  for (int row = 0; row < golden.rows(); ++row) {
    int missing = 0;
    for (int i = 0; i < schema.size(); ++i) {
      const RawValue kind = ClassifyRawValue(schema.features[i], golden(row, i));
      EXPECT_NE(kind, RawValue::kNotAllowed) << "row " << row << " feature " << i;
      EXPECT_NE(kind, RawValue::kNotFinite) << "row " << row << " feature " << i;
      missing += kind == RawValue::kMissing;
      unseen |= kind == RawValue::kUnseen;
      above |= kind == RawValue::kOutOfRange && golden(row, i) > 9.0f;
    }
    all_missing |= missing == schema.size();
  }
  EXPECT_TRUE(all_missing);
  EXPECT_TRUE(unseen);
  EXPECT_TRUE(above);
}

}  // namespace
}  // namespace roicast
