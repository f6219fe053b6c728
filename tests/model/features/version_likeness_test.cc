#include "model/features/version_likeness.h"

#include <gtest/gtest.h>

#include <cmath>
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

Feature Number(const std::string& name, double low, double high) {
  Feature feature;
  feature.name = name;
  feature.seen_min = low;
  feature.seen_max = high;
  return feature;
}

std::string OtherNumbersOfOne(const Feature& before, double usual_before, const Feature& after, double usual_after) {
  const Schema serving{{before}}, candidate{{after}};
  return OtherNumbers({serving, {usual_before}}, {candidate, {usual_after}});
}

// A version that learnt thousands served clients that sent euros: the ROI stays the same.
TEST(OtherNumbers, NoticesSpendInThousands) {
  const Feature euros = Number("Spend", 200, 15000), thousands = Number("Spend", 0.2, 15);
  EXPECT_EQ(OtherNumbersOfOne(euros, 3120, thousands, 3.12),
            "\"Spend\" is usually 3.12 (0.2 to 15), and was 3120 (200 to 15000)");
  EXPECT_NE(OtherNumbersOfOne(thousands, 3.12, euros, 3120), "") << "the correction as well";
  EXPECT_NE(OtherNumbersOfOne(Number("x", 1, 9), 3, Number("x", 20, 90), 25), "") << "ranges apart";
  EXPECT_NE(OtherNumbersOfOne(Number("x", 1, 9), 3, Number("x", -9, -1), -3), "") << "another sign";
}

TEST(OtherNumbers, TheUsualOneOfTwoValuesMayChange) {
  EXPECT_EQ(OtherNumbersOfOne(Number("Days", 1, 30), 1, Number("Days", 1, 30), 30), "");
  EXPECT_EQ(OtherNumbersOfOne(Number("Days", 1, 30), 30, Number("Days", 1, 30), 1), "");
  EXPECT_NE(OtherNumbersOfOne(Number("Days", 1, 30), 1, Number("Hours", 24, 720), 720).empty(), false) << "another one";
  EXPECT_NE(OtherNumbersOfOne(Number("x", 0, 9000), 40, Number("x", 0, 900000), 4000), "")
      << "cents, whose usual amount is within the range of euros";
  EXPECT_NE(OtherNumbersOfOne(Number("x", 200, 9000), 4000, Number("x", 0.2, 8000), 4), "")
      << "thousands, with one row that is none";
}

// A warm start keeps its refusal for other units.
TEST(MovedNumbers, AreNoneOfAnotherUnit) {
  const Schema winter{{Number("Week", 1, 13)}}, spring{{Number("Week", 14, 26)}}, cents{{Number("Week", 100, 1300)}};
  EXPECT_EQ(OtherUnits({winter, {7.0}}, {spring, {20.0}}), "");
  EXPECT_EQ(MovedNumbers({winter, {7.0}}, {spring, {20.0}}), "\"Week\" is usually 20 (14 to 26), and was 7 (1 to 13)");
  EXPECT_NE(OtherUnits({winter, {7.0}}, {cents, {700.0}}), "");
  EXPECT_EQ(MovedNumbers({winter, {7.0}}, {cents, {700.0}}), "");
  EXPECT_EQ(OtherNumbers({winter, {7.0}}, {spring, {20.0}}), MovedNumbers({winter, {7.0}}, {spring, {20.0}}));
}

TEST(OtherNumbers, NumbersMayGrowAndYearsGoOn) {
  EXPECT_EQ(OtherNumbersOfOne(Number("Spend", 200, 15000), 3000, Number("Spend", 500, 90000), 20000), "");
  EXPECT_EQ(OtherNumbersOfOne(Number("Year", 2022, 2023), 2022, Number("Year", 2024, 2025), 2024), "");
  EXPECT_EQ(OtherNumbersOfOne(Number("Clicks", 0, 40), 0, Number("Clicks", 0, 50), 1), "") << "mostly 0";
  EXPECT_EQ(OtherNumbersOfOne(Number("x", 1, 9), std::nan(""), Number("x", 100, 900), 300), "") << "not known";
  const Schema old{{Number("x", 1, 9)}}, renamed{{Number("y", 100, 900)}};
  EXPECT_EQ(OtherNumbers({old, {3.0}}, {renamed, {300.0}}), "") << "features that are missing are another matter";
  EXPECT_EQ(OtherNumbers({old, {}}, {old, {}}), "");
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
