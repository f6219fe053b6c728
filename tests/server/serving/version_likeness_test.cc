#include "server/serving/version_likeness.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace roicast {
namespace {

Feature Words(const std::string& name, std::vector<std::string> vocabulary) {
  Feature feature;
  feature.name = name;
  feature.kind = FeatureKind::kCategorical;
  feature.vocabulary = std::move(vocabulary);
  return feature;
}

TEST(OtherScale, NoticesPerCentRevenuesAndThousands) {
  const RoiRange usual{0.5, 1.5};
  EXPECT_EQ(OtherScale(usual, {50, 150}), "a typical ROI is 50 to 150, and was 0.5 to 1.5");
  EXPECT_EQ(OtherScale({50, 150}, usual), "a typical ROI is 0.5 to 1.5, and was 50 to 150") << "the correction as well";
  EXPECT_NE(OtherScale({-0.3, 0.4}, {-30, 40}), "") << "per cent of an ROI around 0";
  EXPECT_EQ(OtherScale(usual, {530, 5109.2}), "a typical ROI is 530 to 5109, and was 0.5 to 1.5") << "a revenue";
  EXPECT_NE(OtherScale(usual, {-0.9995, -0.9975}), "") << "revenue in thousands";
}

TEST(OtherScale, MarketsMayChange) {
  EXPECT_EQ(OtherScale({0.5, 1.5}, {0.5, 1.5}), "");
  EXPECT_EQ(OtherScale({0.5, 1.5}, {3.0, 20.0}), "");
  EXPECT_EQ(OtherScale({3.0, 20.0}, {0.5, 1.5}), "");
  EXPECT_EQ(OtherScale({-1.0, -0.999}, {-1.0, -0.2}), "") << "campaigns that earn nearly nothing have no scale";
  // The limit itself is far enough.
  EXPECT_EQ(OtherScale({0, 0}, {0, 8.99}), "");
  EXPECT_NE(OtherScale({0, 0}, {0, 9}), "");
}

TEST(LostWords, NoticesWordsThatAreSpeltOtherwiseOrNotLearnt) {
  const Schema serving{{Words("Channel", {"Search", "Email", "Social"})}};
  EXPECT_EQ(LostWords(serving, {{Words("Channel", {"ch_Search", "ch_Email", "Social"})}}),
            "2 of 3 of \"Channel\", such as \"Search\"");
  EXPECT_EQ(LostWords(serving, {{Words("Channel", {})}}), "3 of 3 of \"Channel\", such as \"Search\"");
  EXPECT_EQ(LostWords(serving, {{Words("Channel", {"Search", "Email", "TV"})}}), "");
}

TEST(LostWords, OneFeatureAmongOthersMayChangeItsWords) {
  const Schema serving{{Words("Campaign", {"May", "June"}), Words("Region", {"EU", "US"}), Words("Only", {"x"})}};
  EXPECT_EQ(LostWords(serving, {{Words("Campaign", {"July"}), Words("Region", {"EU", "US"}), Words("Only", {"y"})}}),
            "");
  EXPECT_EQ(LostWords(serving, {{Words("Campaign", {"July"}), Words("Region", {"eu", "us"}), Words("Only", {"y"})}}),
            "2 of 2 of \"Campaign\", such as \"May\"; 2 of 2 of \"Region\", such as \"EU\"");
  EXPECT_EQ(LostWords(serving, {}), "") << "features that are missing are another matter";
}

// Numbers are words of one spelling.
TEST(LostWords, ComparesAsRequestsAre) {
  EXPECT_EQ(LostWords({{Words("zip", {"1", "2"})}}, {{Words("zip", {"1.0", "2.0"})}}), "");
}

TEST(LostWords, ManyFeaturesAreCounted) {
  Schema serving, other;
  for (int i = 0; i < 6; ++i) {
    serving.features.push_back(Words("f" + std::to_string(i), {"a", "b"}));
    other.features.push_back(Words("f" + std::to_string(i), {"A", "B"}));
  }
  EXPECT_TRUE(LostWords(serving, other).ends_with("\"f3\", such as \"a\"; and of 2 more features"))
      << LostWords(serving, other);
}

}  // namespace
}  // namespace roicast
