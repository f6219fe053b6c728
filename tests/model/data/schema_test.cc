#include "model/data/schema.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace roicast {
namespace {

TEST(CampaignSchema, HasTwentyFeaturesOfWhichFourAreCategoricalAndOneIsATime) {
  const Schema& schema = CampaignSchema();
  ASSERT_EQ(schema.size(), 20);
  int categorical = 0, time = 0;
  for (const Feature& feature : schema.features) {
    categorical += feature.kind == FeatureKind::kCategorical;
    time += feature.kind == FeatureKind::kTime;
    EXPECT_NE(feature.group, FeatureGroup::kUnspecified) << feature.name;
    EXPECT_TRUE(feature.vocabulary.empty()) << feature.name;
  }
  EXPECT_EQ(categorical, 4);
  EXPECT_EQ(time, 1);
  EXPECT_EQ(schema.IndexOf("avg_session_seconds"), 0);
  EXPECT_EQ(schema.IndexOf("spend"), 14);
  EXPECT_EQ(schema.IndexOf("start_time"), 19);
  EXPECT_EQ(schema.IndexOf("Spend"), -1);
}

TEST(CampaignSchema, AllowsOnlySpendAboveZeroAndRatesFromZeroToOne) {
  const Feature& spend = CampaignSchema().features[CampaignSchema().IndexOf("spend")];
  EXPECT_FALSE(spend.Allows(0.0));
  EXPECT_TRUE(spend.Allows(0.01));
  const Feature& discount = CampaignSchema().features[CampaignSchema().IndexOf("discount_rate")];
  EXPECT_TRUE(discount.Allows(0.0));
  EXPECT_TRUE(discount.Allows(1.0));
  EXPECT_FALSE(discount.Allows(1.01));
  EXPECT_FALSE(discount.Allows(-0.01));
}

TEST(Schema, DigestChangesWithNamesKindsAndVocabulariesAndWithNothingElse) {
  Schema schema;
  schema.features.resize(2);
  schema.features[0].name = "price";
  schema.features[1].name = "channel";
  schema.features[1].kind = FeatureKind::kCategorical;
  schema.features[1].vocabulary = {"search", "social"};
  const std::string digest = schema.Digest();
  EXPECT_EQ(digest.size(), 64u);

  Schema same = schema;
  same.features[0].seen_max = 7;
  same.features[0].unit = "currency";
  EXPECT_EQ(same.Digest(), digest);

  Schema renamed = schema;
  renamed.features[0].name = "prices";
  EXPECT_NE(renamed.Digest(), digest);
  Schema reordered = schema;
  std::swap(reordered.features[0], reordered.features[1]);
  EXPECT_NE(reordered.Digest(), digest);
  Schema of_other_kind = schema;
  of_other_kind.features[0].kind = FeatureKind::kTime;
  EXPECT_NE(of_other_kind.Digest(), digest);
  Schema of_other_words = schema;
  of_other_words.features[1].vocabulary = {"searchs", "ocial"};
  EXPECT_NE(of_other_words.Digest(), digest);
}

TEST(AllowedRange, NamesTheBoundsThatAFeatureHas) {
  Feature feature;
  EXPECT_EQ(AllowedRange(feature), "a number within float32's range");
  feature.allowed_max = 5.0;
  EXPECT_EQ(AllowedRange(feature), "≤ 5");
  feature.allowed_min = 0.0;
  EXPECT_EQ(AllowedRange(feature), "0 to 5");
  feature.allowed_min_exclusive = true;
  EXPECT_EQ(AllowedRange(feature), "> 0 and ≤ 5");
  feature.allowed_max = std::numeric_limits<double>::infinity();
  EXPECT_EQ(AllowedRange(feature), "> 0");
  feature.allowed_min_exclusive = false;
  EXPECT_EQ(AllowedRange(feature), "≥ 0");
}

TEST(HoursSinceEpoch, RoundsDownAlsoBefore1970) {
  EXPECT_EQ(HoursSinceEpoch(int64_t{7199}), 1.0f);
  EXPECT_EQ(HoursSinceEpoch(int64_t{-1}), -1.0f);
  EXPECT_EQ(HoursSinceEpoch(int64_t{-3600}), -1.0f);
  EXPECT_EQ(HoursSinceEpoch(-1.0), -1.0f);
  EXPECT_EQ(HoursSinceEpoch(7200.0), 2.0f);
  EXPECT_TRUE(std::isnan(HoursSinceEpoch(std::numeric_limits<double>::quiet_NaN())));
}

}  // namespace
}  // namespace roicast
