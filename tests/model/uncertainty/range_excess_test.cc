#include "model/uncertainty/range_excess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace roicast {
namespace {

class RangeExcess : public ::testing::Test {
 protected:
  RangeExcess() {
    Feature spend, price, channel;
    spend.name = "spend";
    spend.allowed_min = 0.0;
    spend.seen_min = 10.0;
    spend.seen_max = 1000.0;
    price.name = "price";
    price.seen_min = 1.0;
    price.seen_max = 5.0;
    channel.name = "channel";
    channel.kind = FeatureKind::kCategorical;
    channel.vocabulary = {"search", "social"};
    schema_.features = {spend, price, channel};
    features_.resize(3);
    features_[0].transform = NumericTransform::kLog1p;
    features_[0].clip_min = 0.0;
    features_[0].scale = 0.5;
    features_[1].scale = 2.0;
  }
  double Of(float spend, float price, float channel, double z = 0.0) const {
    const float row[] = {spend, price, channel};
    return SquaredExcess(schema_, features_, row, z);
  }

  Schema schema_;
  std::vector<FittedFeature> features_;
};

TEST_F(RangeExcess, RowsInsideAndMissingValuesHaveNone) {
  EXPECT_EQ(Of(10.0f, 5.0f, 1.0f), 0.0);
  EXPECT_EQ(Of(NAN, NAN, NAN), 0.0);
}

TEST_F(RangeExcess, IsTheDistanceOnTheFeaturesOwnScale) {
  // (9 − 5) / 2 = 2.
  EXPECT_DOUBLE_EQ(Of(100.0f, 9.0f, 0.0f), 4.0);
  EXPECT_DOUBLE_EQ(Of(100.0f, -1.0f, 0.0f), 1.0);
  // Four times the largest spend.
  const double distance = (std::log1p(4'000.0) - std::log1p(1000.0)) / 0.5;
  EXPECT_NEAR(Of(4'000.0f, 2.0f, 0.0f), distance * distance, 1e-6);
}

TEST_F(RangeExcess, OfAnUnseenWordIsWhatWasMeasured) {
  EXPECT_DOUBLE_EQ(Of(100.0f, 2.0f, kUnseenCode), 0.25);
  features_[2].unseen_excess = 1.75;
  EXPECT_DOUBLE_EQ(Of(100.0f, 2.0f, kUnseenCode), 1.75);
  features_[2].unseen_excess = 0.0;
  EXPECT_DOUBLE_EQ(Of(100.0f, 2.0f, kUnseenCode), 0.0);
}

// A table in thousands where training saw units had intervals as narrow as inside the range.
TEST_F(RangeExcess, GrowsWithEachDecadeBelowTheRange) {
  features_[0].transform = NumericTransform::kNone;
  features_[0].scale = 250.0;
  for (const double log_scale : {3.0, 0.0}) {  // 0: of an older release
    features_[0].log_scale = log_scale;
    const double used = log_scale > 0.0 ? log_scale : std::log(100.0) / std::sqrt(12.0);
    double before = 0.0;
    for (const int decades : {1, 2, 3}) {
      const double excess = Of(static_cast<float>(10.0 * std::pow(10.0, -decades)), 2.0f, 0.0f);
      const double distance = decades * std::log(10.0) / used;
      EXPECT_NEAR(excess, std::min(kMostSquaredExcess, distance * distance), 1e-4) << decades;
      EXPECT_GE(excess, before) << decades;
      before = excess;
    }
  }
  // The larger of both distances.
  EXPECT_DOUBLE_EQ(Of(1'750.0f, 2.0f, 0.0f), kMostSquaredExcess);
  features_[0].log_scale = 100.0;
  EXPECT_DOUBLE_EQ(Of(1'250.0f, 2.0f, 0.0f), 1.0);
}

// A spend that social never had counted as within training, as search had it.
TEST_F(RangeExcess, IsThatOfTheRowsWordsWhereTheyHadLess) {
  schema_.features[0].word_ranges = {{2, 1, 20.0, 200.0}};
  EXPECT_EQ(Of(800.0f, 2.0f, 0.0f), 0.0);
  EXPECT_EQ(Of(800.0f, 2.0f, kUnseenCode), kUnseenExcess * kUnseenExcess);
  EXPECT_EQ(Of(200.0f, 2.0f, 1.0f), 0.0);
  const double above = (std::log1p(800.0) - std::log1p(200.0)) / 0.5;
  EXPECT_NEAR(Of(800.0f, 2.0f, 1.0f), above * above, 1e-6);
  // Outside of both ranges, the farther one counts.
  const double below = (std::log1p(20.0) - std::log1p(9.0)) / 0.5;
  EXPECT_NEAR(Of(9.0f, 2.0f, 1.0f), below * below, 1e-6);
}

TEST_F(RangeExcess, FeaturesWithinADecadeHaveNoLogarithm) {
  EXPECT_DOUBLE_EQ(Of(100.0f, 0.01f, 0.0f), std::pow((1.0 - static_cast<double>(0.01f)) / 2.0, 2));
}

// Intervals of rows far outside reached to 1e34.
TEST_F(RangeExcess, EndsAtThreeDeviationsOfTheTarget) {
  EXPECT_LT(Of(4'000.0f, 2.0f, 0.0f), kMostSquaredExcess);
  EXPECT_EQ(Of(100'000.0f, 2.0f, 0.0f), kMostSquaredExcess);
  EXPECT_EQ(Of(3e38f, 3e38f, kUnseenCode), kMostSquaredExcess);
  // A prediction that is far from all that was seen may be wrong by as much.
  EXPECT_EQ(Of(3e38f, 3e38f, kUnseenCode, -20.0), 400.0);
  EXPECT_LT(Of(4'000.0f, 2.0f, 0.0f, -20.0), kMostSquaredExcess);
}

TEST_F(RangeExcess, FeaturesAddUpAndAnUnseenCategoryCounts) {
  EXPECT_DOUBLE_EQ(Of(100.0f, 9.0f, 7.0f), 4.0 + kUnseenExcess * kUnseenExcess);
  EXPECT_DOUBLE_EQ(Of(100.0f, 2.0f, kUnseenCode), kUnseenExcess * kUnseenExcess);
}

// An unseen word was less sure than no word at all.
TEST_F(RangeExcess, MissingValuesCountAsTheyAreGivenAndNoMoreThanTheTarget) {
  const double missing[] = {0.5, 0.0, 0.75};
  const auto of = [&](float spend, float price, float channel) {
    const float row[] = {spend, price, channel};
    return SquaredExcess(schema_, features_, row, 0.0, missing);
  };
  EXPECT_DOUBLE_EQ(of(NAN, 2.0f, 0.0f), 0.5);
  EXPECT_DOUBLE_EQ(of(100.0f, NAN, 0.0f), 0.0);
  EXPECT_DOUBLE_EQ(of(100.0f, 9.0f, NAN), 4.0 + 0.75);
  EXPECT_DOUBLE_EQ(of(NAN, 2.0f, NAN), kMostMissingExcess);
}

TEST_F(RangeExcess, ATimeOutsideOfTrainingCountsAsAnUnseenCategory) {
  Feature start;
  start.kind = FeatureKind::kTime;
  start.seen_min = 400'000.0;
  start.seen_max = 404'000.0;
  schema_.features = {start};
  features_.resize(1);
  const float inside = 402'000.0f, outside = 390'000.0f;
  EXPECT_EQ(SquaredExcess(schema_, features_, &inside, 0.0), 0.0);
  EXPECT_DOUBLE_EQ(SquaredExcess(schema_, features_, &outside, 0.0), kUnseenExcess * kUnseenExcess);
}

TEST_F(RangeExcess, IsFiniteWhateverTheValue) {
  schema_.features[0].allowed_min = -std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isfinite(Of(-3e38f, 3e38f, 0.0f)));
  EXPECT_GT(Of(-5.0f, 2.0f, 0.0f), 0.0);
  // Rejected: nothing is predicted for it.
  EXPECT_EQ(Of(std::numeric_limits<float>::infinity(), 2.0f, 0.0f), 0.0);
}

}  // namespace
}  // namespace roicast
