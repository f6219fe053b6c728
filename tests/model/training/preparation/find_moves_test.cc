#include "model/training/preparation/find_moves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Spend in "spend", other numbers as they are added, and optionally a channel.
class PastCampaigns {
 public:
  explicit PastCampaigns(int rows) : random_(3) {
    for (int i = 0; i < rows; ++i) spend_.push_back(100.0 * std::exp(2.0 * random_.Normal()));
    Add("spend", spend_);
  }
  // factor(row) · spend^elasticity, times e^(noise · normal).
  void AddMoving(const std::string& name, double elasticity, double noise) {
    std::vector<double> values;
    for (const double spend : spend_)
      values.push_back(std::pow(spend, elasticity) * std::exp(noise * random_.Normal()));
    Add(name, values);
  }
  void Add(const std::string& name, const std::vector<double>& values) {
    Column column;
    column.name = name;
    column.numbers = values;
    ASSERT_TRUE(table_.AddColumn(std::move(column)).ok());
    schema_.features.emplace_back().name = name;
  }
  void AddChannel(const std::vector<int>& codes) {
    Column column;
    column.name = "channel";
    column.kind = FeatureKind::kCategorical;
    for (const int code : codes) column.codes.push_back(code);
    for (const char* word : {"search", "social"}) column.dictionary.push_back(word);
    ASSERT_TRUE(table_.AddColumn(std::move(column)).ok());
    Feature& feature = schema_.features.emplace_back();
    feature.name = "channel";
    feature.kind = FeatureKind::kCategorical;
  }
  FoundMoves Find() const {
    std::vector<int64_t> rows(spend_.size());
    std::iota(rows.begin(), rows.end(), int64_t{0});
    const auto found = FindMovesWithSpend(schema_, table_, rows, schema_.IndexOf("spend"), {});
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(FoundMoves());
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const SpendCompanion& moving : Find().moves.features) {
      names.push_back(schema_.features[static_cast<size_t>(moving.feature)].name);
    }
    return names;
  }
  std::vector<double>& spend() { return spend_; }
  Random& random() { return random_; }
  const Schema& schema() const { return schema_; }

 private:
  Random random_;
  std::vector<double> spend_;
  Table table_;
  Schema schema_;
};

TEST(FindMoves, NumbersThatGoAlongHaveTheirElasticity) {
  PastCampaigns past(400);
  past.AddMoving("clicks", 0.8, 0.3);
  past.AddMoving("price", 0.0, 0.5);
  past.AddMoving("audience", 0.2, 0.5);  // R2 0.4
  EXPECT_THAT(past.Names(), ElementsAre("clicks"));
  const FoundMoves found = past.Find();
  EXPECT_EQ(found.moves.spend, 0);
  EXPECT_NEAR(found.moves.features[0].elasticity, 0.8, 0.03);
  EXPECT_NEAR(found.moves.features[0].level, 0.0, 0.15);
  EXPECT_NEAR(found.r2[0], 1.6 * 1.6 / (1.6 * 1.6 + 0.3 * 0.3), 0.02);
}

TEST(FindMoves, FactorsOfTheSpendMoveThoughNeitherFollowsIt) {
  PastCampaigns past(400);
  std::vector<double> clicks, cost;
  for (const double spend : past.spend()) {
    clicks.push_back(std::pow(spend, 0.7) * std::exp(1.5 * past.random().Normal()));
    cost.push_back(std::round(1e4 * spend / clicks.back()) / 1e4);
  }
  past.Add("clicks", clicks);
  past.AddMoving("price", 0.0, 0.5);
  past.Add("cost per click", cost);
  past.AddMoving("budget", 1.0, 0.0);
  EXPECT_THAT(past.Names(), ElementsAre("clicks", "cost per click", "budget"));
  const std::vector<SpendCompanion>& moving = past.Find().moves.features;
  EXPECT_NEAR(moving[0].elasticity + moving[1].elasticity, 1.0, 0.005);
}

TEST(FindMoves, LevelsOfChannelsAreNoMoves) {
  PastCampaigns past(400);
  std::vector<int> channel;
  std::vector<double> audience, reach;
  for (size_t i = 0; i < past.spend().size(); ++i) {
    // Spends of the second channel are a thousand times those of the first, and so are audiences.
    channel.push_back(static_cast<int>(i % 2));
    audience.push_back(std::exp((i % 2 == 0 ? 2.0 : 9.0) + 0.1 * past.random().Normal()));
    reach.push_back(past.spend()[i] / (i % 2 == 0 ? 1.0 : 1e6));
  }
  past.AddChannel(channel);
  past.Add("audience", audience);
  past.Add("reach", reach);
  EXPECT_THAT(past.Names(), ElementsAre("reach"));
  EXPECT_NEAR(past.Find().moves.features[0].elasticity, 1.0, 1e-6);
}

TEST(FindMoves, FewRowsAndConstantSpendsShowNothing) {
  PastCampaigns few(19);
  few.AddMoving("clicks", 1.0, 0.0);
  EXPECT_THAT(few.Names(), IsEmpty());
  PastCampaigns often_zero(100);
  std::vector<double> clicks = often_zero.spend();
  for (size_t i = 0; i < 20; ++i) clicks[i] = 0.0;
  often_zero.Add("clicks", clicks);
  EXPECT_THAT(often_zero.Names(), IsEmpty());
}

TEST(FindMoves, TheWarningNamesThemAndTheFlagsThatLeaveThemOut) {
  PastCampaigns past(400);
  EXPECT_FALSE(MovesWarning(past.schema(), past.Find()).has_value());
  past.AddMoving("clicks", 0.8, 0.3);
  past.AddMoving("impressions", 1.0, 0.1);
  const auto warning = MovesWarning(past.schema(), past.Find());
  ASSERT_TRUE(warning.has_value());
  EXPECT_TRUE(warning->serious);
  EXPECT_THAT(warning->message, ::testing::StartsWith("\"clicks\" and \"impressions\" move with \"spend\" (R2 of the "
                                                      "logarithms at least 0.9"));
  EXPECT_THAT(warning->flags, ElementsAre("--exclude clicks --exclude impressions"));
}

}  // namespace
}  // namespace roicast
