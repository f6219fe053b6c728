#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

TEST(NearestName, IsTheOneWithTheFewestEditsOrNone) {
  const std::vector<std::string> known = {"spend", "channel", "price"};
  EXPECT_EQ(NearestName("spendd", known), "spend");
  EXPECT_EQ(NearestName("Chanel", known), "channel");
  EXPECT_EQ(NearestName("pirce", known), "price");
  EXPECT_EQ(NearestName("region", known), "");
  EXPECT_EQ(NearestName("", known), "");
  EXPECT_EQ(NearestName("Campaign Name", {"campaign_names"}), "campaign_names");
  EXPECT_EQ(NearestName("--max_row", {"--max-rows"}), "--max-rows") << "a hyphen for an underscore is no edit";
  EXPECT_EQ(NearestName(std::string(101, 'p'), {std::string(101, 'p')}), "") << "too long to compare";
}

TEST(DidYouMean, SuggestsOnlyANearName) {
  EXPECT_EQ(DidYouMean("spned", {"spend", "price"}), "; did you mean \"spend\"?");
  EXPECT_EQ(DidYouMean("region", {"spend", "price"}), "");
}

TEST(DidYouMean, ListsTheFirstKnownNamesIfNoneIsNear) {
  EXPECT_EQ(DidYouMeanOrList("spned", {"spend", "price"}, "it has"), "; did you mean \"spend\"?");
  EXPECT_EQ(DidYouMeanOrList("region", {"spend", "price"}, "it has"), "; it has spend, price");
  std::vector<std::string> many;
  for (int i = 0; i < 23; ++i) many.push_back(absl::StrCat("feature_", i));
  const std::string list = DidYouMeanOrList("zzz", many, "it has");
  EXPECT_EQ(list.substr(0, 20), "; it has feature_0, ");
  EXPECT_EQ(list.substr(list.size() - 21), "feature_19 and 3 more");
}

}  // namespace
}  // namespace roicast
