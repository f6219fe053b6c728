#include "model/training/preparation/find_moves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/preparation/moves/logarithms.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Spend in "spend", other numbers as they are added, and optionally a channel.
class PastCampaigns {
 public:
  // deviation: of ln of the spend.
  explicit PastCampaigns(int rows, double deviation = 2.0) : random_(3) {
    for (int i = 0; i < rows; ++i) spend_.push_back(100.0 * std::exp(deviation * random_.Normal()));
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
  void SetSpend(const std::vector<double>& spend) {
    Table other;
    for (Column column : table_.columns()) {
      if (column.name == "spend") column.numbers = spend;
      ASSERT_TRUE(other.AddColumn(std::move(column)).ok());
    }
    table_ = std::move(other);
    spend_ = spend;
  }
  void AddChannel(const std::vector<int>& codes) { AddWords("channel", {"search", "social"}, codes); }
  void AddWords(const std::string& name, const std::vector<std::string>& words, const std::vector<int>& codes) {
    Column column;
    column.name = name;
    column.kind = FeatureKind::kCategorical;
    for (const int code : codes) column.codes.push_back(code);
    for (const std::string& word : words) column.dictionary.push_back(word);
    ASSERT_TRUE(table_.AddColumn(std::move(column)).ok());
    Feature& feature = schema_.features.emplace_back();
    feature.name = name;
    feature.kind = FeatureKind::kCategorical;
  }
  // Clicks that are the spend over their costs, which vary as e^(deviation · normal) does.
  std::vector<double> AddClicksAndCost(double deviation) {
    std::vector<double> clicks, cost;
    for (const double spend : spend_) {
      cost.push_back(std::exp(deviation * random_.Normal()));
      clicks.push_back(spend / cost.back());
    }
    Add("clicks", clicks);
    Add("cost", cost);
    return clicks;
  }
  // Numbers that have nothing to do with the spend, and lack a share of their values.
  void AddUnrelated(int count, double missing) {
    for (int i = 0; i < count; ++i) {
      std::vector<double> values;
      for (size_t row = 0; row < spend_.size(); ++row) {
        values.push_back(random_.Uniform() < missing ? std::numeric_limits<double>::quiet_NaN()
                                                     : std::exp(random_.Normal()));
      }
      Add(absl::StrCat("unrelated", i), values);
    }
  }
  absl::StatusOr<FoundMoves> TryToFind(const StopCheck& stop) const {
    std::vector<int64_t> rows(spend_.size());
    std::iota(rows.begin(), rows.end(), int64_t{0});
    return FindMovesWithSpend(schema_, table_, rows, schema_.IndexOf("spend"), stop);
  }
  FoundMoves Find() const {
    const auto found = TryToFind({});
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
  const Table& table() const { return table_; }

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

TEST(FindMoves, LevelsOfWordsAreKeptWhereTheyMatter) {
  PastCampaigns past(600);
  std::vector<int> channel, week;
  std::vector<double> clicks, cost;
  for (size_t i = 0; i < past.spend().size(); ++i) {
    // Clicks cost 0.10 and 5.00, and three rows have neither channel.
    channel.push_back(i < 3 ? kMissingCode : static_cast<int>(i % 2));
    week.push_back(static_cast<int>(i / 2 % 2));
    cost.push_back((i < 3 ? 1.0 : i % 2 == 0 ? 0.1 : 5.0) * std::exp(0.25 * past.random().Normal()));
    clicks.push_back(past.spend()[i] / cost.back());
  }
  past.AddChannel(channel);
  past.Add("clicks", clicks);
  past.Add("cost", cost);
  past.AddWords("week", {"odd", "even"}, week);
  const MovesWithSpend moves = past.Find().moves;
  ASSERT_EQ(moves.features.size(), 2u);
  for (const SpendCompanion& moving : moves.features) {
    const double sign = moving.feature == 2 ? 1.0 : -1.0;
    ASSERT_EQ(moving.words.size(), 2u);
    for (int code = 0; code < 2; ++code) {
      const WordLevel& word = moving.words[static_cast<size_t>(code)];
      EXPECT_EQ(word.feature, 1);
      EXPECT_EQ(word.code, code);
      EXPECT_NEAR(moving.level + word.level, -sign * std::log(code == 0 ? 0.1 : 5.0), 0.15);
    }
    EXPECT_NEAR(moving.spread, sign * 0.25, 0.03);
  }
  // Their product is the spend for each word.
  EXPECT_NEAR(moves.features[0].level + moves.features[1].level, 0.0, 1e-9);
  EXPECT_NEAR(moves.features[0].words[0].level + moves.features[1].words[0].level, 0.0, 1e-9);
}

TEST(FindMoves, NoMoreLevelsOfWordsAreKeptThanAreStored) {
  PastCampaigns past(2'000);
  // 64 numbers times 64 words are as many as are stored; levels of countries are larger.
  std::vector<int> country, region;
  std::vector<std::string> countries, regions;
  for (int i = 0; i < 64; ++i) countries.push_back(absl::StrCat("country", i));
  for (int i = 0; i < 20; ++i) regions.push_back(absl::StrCat("region", i));
  for (size_t i = 0; i < past.spend().size(); ++i) {
    country.push_back(static_cast<int>(i % 64));
    region.push_back(static_cast<int>(past.random().Uniform(0.0, 20.0)));
  }
  past.AddWords("region", regions, region);
  past.AddWords("country", countries, country);
  for (int f = 0; f < kMostMovingFeatures; ++f) {
    std::vector<double> values;
    for (size_t i = 0; i < past.spend().size(); ++i) {
      values.push_back(past.spend()[i] * std::exp(0.05 * country[i] + 0.05 * region[i]));
    }
    past.Add(absl::StrCat("moves", f), values);
  }
  const MovesWithSpend moves = past.Find().moves;
  ASSERT_EQ(moves.features.size(), static_cast<size_t>(kMostMovingFeatures));
  ASSERT_EQ(moves.features.back().words.size(), 64u);
  EXPECT_EQ(moves.features.back().words.front().feature, 2);
  // What regions add is not known.
  EXPECT_NEAR(moves.features.back().spread, 0.05 * std::sqrt((20.0 * 20.0 - 1.0) / 12.0), 0.02);
}

// Clicks are those of all channels but television (every sixth row), whether such rows are empty or hold zeros.
TEST(FindMoves, WhatAWordNeverHasMovesInOtherRows) {
  for (const double none : {0.0, std::numeric_limits<double>::quiet_NaN()}) {
    PastCampaigns past(600, 1.0);
    std::vector<int> channel, country;
    std::vector<double> clicks, views;
    for (size_t i = 0; i < past.spend().size(); ++i) {
      channel.push_back(static_cast<int>(i % 6));
      country.push_back(static_cast<int>(past.random().Uniform(0.0, 3.0)));
      const double value = past.spend()[i] * (i % 6 == 1 ? 5.0 : 1.0) * std::exp(0.2 * past.random().Normal());
      clicks.push_back(i % 6 == 0 ? none : value);
      // And views are those of one channel only.
      views.push_back(i % 6 == 2 ? value : none);
    }
    past.AddWords("channel", {"television", "search", "video", "social", "mail", "maps"}, channel);
    past.AddWords("country", {"DE", "FR", "US"}, country);
    past.Add("clicks", clicks);
    past.Add("views", views);
    ASSERT_THAT(past.Names(), ElementsAre("clicks", "views"));
    const MovesWithSpend moves = past.Find().moves;
    EXPECT_NEAR(moves.features[0].elasticity, 1.0, 0.03);
    EXPECT_NEAR(moves.features[1].elasticity, 1.0, 0.05);
    EXPECT_NEAR(moves.features[0].lacking, 1.0 / 6.0, 1e-9);
    EXPECT_EQ(moves.LevelFeatures(), std::vector<int>{1});
    for (int code = 0; code < 6; ++code) {
      for (int of_country = 0; of_country < 3; ++of_country) {
        const float empty = std::numeric_limits<float>::quiet_NaN();
        std::vector<float> row = {empty, static_cast<float>(code), static_cast<float>(of_country), empty, empty};
        Schema schema = past.schema();
        for (Feature& feature : schema.features) feature.allowed_max = 1e9;
        EXPECT_EQ(moves.UnknownLevel(row.data()), 0.0);
        moves.SetSpend(schema, 100.0f, row.data());
        EXPECT_EQ(std::isnan(row[3]), code == 0);
        EXPECT_EQ(std::isnan(row[4]), code != 2);
        if (code == 1) {
          EXPECT_NEAR(std::log(row[3] / 500.0), 0.0, 0.1);
        }
      }
    }
    EXPECT_TRUE(MovesWarning(past.schema(), past.Find())->serious);
  }
}

// The word has rows enough, but values in four of them only.
TEST(FindMoves, WordsNeedFiveValuesToHaveALevel) {
  for (const size_t values : {4, 5}) {
    PastCampaigns past(300, 1.0);
    std::vector<int> channel;
    std::vector<double> clicks;
    for (size_t i = 0; i < past.spend().size(); ++i) {
      channel.push_back(i < 7 ? 2 : static_cast<int>(i % 2));
      clicks.push_back(i >= values && i < 7 ? 0.0 : past.spend()[i] * (i % 2 == 0 ? 1.0 : 5.0));
    }
    past.AddWords("channel", {"search", "social", "mail"}, channel);
    past.Add("clicks", clicks);
    const MovesWithSpend moves = past.Find().moves;
    ASSERT_EQ(moves.features.size(), 1u);
    EXPECT_EQ(moves.features[0].words.size(), values < 5 ? 2u : 3u);
  }
}

// Each campaign spends what it always does, so that their names explain the spend, and what goes along with it.
TEST(FindMoves, CampaignsOfSteadyBudgetsHideNothing) {
  for (const double daily : {0.0, 0.01, 0.08, 0.3}) {
    PastCampaigns past(1'200, 1.0);
    std::vector<int> campaign, channel;
    std::vector<std::string> names;
    std::vector<double> spend, clicks, leads, cost, price;
    for (int c = 0; c < 60; ++c) names.push_back(absl::StrCat("campaign", c));
    for (size_t i = 0; i < past.spend().size(); ++i) {
      campaign.push_back(static_cast<int>(i % 60));
      channel.push_back(static_cast<int>(i % 3));
      spend.push_back(past.spend()[i % 60] * std::exp(daily * past.random().Normal()));
      const double usual = channel.back() == 0 ? 20.0 : 1.0;
      clicks.push_back(spend.back() * usual * std::exp(0.25 * past.random().Normal()));
      // Costs of leads vary so much that neither follows the spend, and are rounded.
      leads.push_back(std::ceil(spend.back() * std::exp(2.0 * past.random().Normal())));
      cost.push_back(std::round(1e3 * spend.back() / leads.back()) / 1e3);
      price.push_back(std::exp(0.5 * past.random().Normal()));
    }
    past.AddWords("campaign", names, campaign);
    past.AddWords("channel", {"search", "social", "mail"}, channel);
    past.Add("clicks", clicks);
    past.Add("leads", leads);
    past.Add("price", price);
    past.SetSpend(spend);
    ASSERT_THAT(past.Names(), ElementsAre("clicks")) << daily;
    EXPECT_NEAR(past.Find().moves.features[0].elasticity, 1.0, 0.1) << daily;
    EXPECT_GT(past.Find().r2[0], 0.85) << daily;
    past.Add("cost", cost);
    EXPECT_THAT(past.Names(), ElementsAre("clicks", "leads", "cost")) << daily;
  }
}

// What a campaign spends of a budget is the chance of the day, so that within a campaign little of it shows in the
// budget; but a campaign that spends twice as much has twice the budget.
TEST(FindMoves, BudgetsMoveThoughSpendsOfCampaignsVaryByChance) {
  PastCampaigns past(1'200, 1.0);
  std::vector<int> campaign;
  std::vector<std::string> names;
  std::vector<double> budget, spend;
  for (int c = 0; c < 60; ++c) names.push_back(absl::StrCat("campaign", c));
  for (size_t i = 0; i < past.spend().size(); ++i) {
    campaign.push_back(static_cast<int>(i % 60));
    budget.push_back(past.spend()[i % 60] * std::exp(0.05 * past.random().Normal()));
    spend.push_back(budget.back() * std::exp(0.08 * past.random().Normal()));
  }
  past.AddWords("campaign", names, campaign);
  past.Add("budget", budget);
  past.SetSpend(spend);
  ASSERT_THAT(past.Names(), ElementsAre("budget"));
  EXPECT_NEAR(past.Find().moves.features[0].elasticity, 1.0, 0.02);
}

// Spends and audiences of one channel are a thousand times those of the other, but larger spends of a channel have no
// larger audiences.
TEST(FindMoves, WhatIsLargeWhereSpendsAreIsNoMove) {
  PastCampaigns past(400, 0.5);
  std::vector<int> channel, campaign;
  std::vector<double> spend, audience;
  std::vector<std::string> names;
  for (int c = 0; c < 20; ++c) names.push_back(absl::StrCat("campaign", c));
  for (size_t i = 0; i < past.spend().size(); ++i) {
    channel.push_back(static_cast<int>(i % 2));
    campaign.push_back(static_cast<int>(i % 20));
    spend.push_back(past.spend()[i % 20] * (i % 2 == 0 ? 1.0 : 1'000.0));
    audience.push_back((i % 2 == 0 ? 1.0 : 1'000.0) * std::exp(0.1 * past.random().Normal()));
  }
  past.AddChannel(channel);
  past.Add("audience", audience);
  past.SetSpend(spend);
  EXPECT_THAT(past.Names(), IsEmpty());
  // Within campaigns the spend does not vary, and nothing can be said.
  past.AddWords("campaign", names, campaign);
  EXPECT_THAT(past.Names(), IsEmpty());
}

// What campaigns of a channel have in common is the channel's, whichever column comes first.
TEST(FindMoves, LevelsDoNotDependOnTheOrderOfColumns) {
  std::vector<std::vector<WordLevel>> channels;
  for (const bool campaign_first : {true, false}) {
    PastCampaigns past(600, 1.0);
    std::vector<int> campaign, channel;
    std::vector<std::string> names;
    std::vector<double> clicks, own;
    for (int c = 0; c < 30; ++c) {
      names.push_back(absl::StrCat("campaign", c));
      own.push_back(0.15 * past.random().Normal());
    }
    for (size_t i = 0; i < past.spend().size(); ++i) {
      campaign.push_back(static_cast<int>(i % 30));
      channel.push_back(static_cast<int>(i % 2));
      clicks.push_back(past.spend()[i] * (i % 2 == 0 ? 1.0 : 50.0) *
                       std::exp(own[i % 30] + 0.2 * past.random().Normal()));
    }
    if (campaign_first) past.AddWords("campaign", names, campaign);
    past.AddChannel(channel);
    if (!campaign_first) past.AddWords("campaign", names, campaign);
    past.Add("clicks", clicks);
    const MovesWithSpend moves = past.Find().moves;
    ASSERT_EQ(moves.features.size(), 1u);
    const int of = past.schema().IndexOf("channel");
    std::vector<WordLevel>& levels = channels.emplace_back();
    for (WordLevel word : moves.features[0].words) {
      if (word.feature == of) word.feature = 0, levels.push_back(word);
    }
    ASSERT_EQ(levels.size(), 2u);
    EXPECT_NEAR(levels[1].level - levels[0].level, std::log(50.0), 0.15);
  }
  EXPECT_EQ(channels[0], channels[1]);
}

// A table of many rows has more words than the rows that are looked at.
TEST(FindMoves, WordsAreThoseThatOccur) {
  PastCampaigns past(100);
  std::vector<std::string> words;
  for (int i = 0; i < 10'000; ++i) words.push_back(absl::StrCat("word", i));
  std::vector<int> codes;
  for (int i = 0; i < 100; ++i) codes.push_back(i % 2 == 0 ? 9'999 : i % 4 == 1 ? 17 : kMissingCode);
  past.AddWords("word", words, codes);
  std::vector<int64_t> rows(100);
  std::iota(rows.begin(), rows.end(), int64_t{0});
  const CategoriesOfRows categories(past.table(), rows);
  ASSERT_EQ(categories.categoricals().size(), 1u);
  EXPECT_THAT(categories.categoricals()[0].words, ElementsAre(kMissingCode, 17, 9'999));
  Logarithms values(100, 1.0);
  values[0] = 101.0;
  CategoriesOfRows::Effects effects;
  categories.TakeOff(values, 1, &effects);
  EXPECT_THAT(effects[0], ElementsAre(::testing::DoubleNear(-1.0, 1e-9), ::testing::DoubleNear(-1.0, 1e-9),
                                      ::testing::DoubleNear(1.0, 1e-9)));
}

// In the three rows that have both, they would give anything.
TEST(FindMoves, NumbersThatHardlyMeetGiveNoSpend) {
  PastCampaigns past(400);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> first(400, kNone), second(400, kNone);
  for (size_t i = 0; i < 400; ++i) {
    if (i < 202) first[i] = std::exp(past.random().Normal());
    if (i >= 199) second[i] = std::exp(past.random().Normal());
  }
  past.Add("first", first);
  past.Add("second", second);
  EXPECT_THAT(past.Names(), IsEmpty());
}

TEST(FindMoves, ThreeNumbersMayGiveTheSpendTogether) {
  PastCampaigns past(400);
  std::vector<double> days, clicks, cost;
  for (const double spend : past.spend()) {
    days.push_back(std::exp(past.random().Normal()));
    clicks.push_back(std::exp(past.random().Normal()));
    cost.push_back(spend / (days.back() * clicks.back()));
  }
  past.Add("days", days);
  past.Add("clicks", clicks);
  past.Add("cost", cost);
  past.AddUnrelated(3, 0.0);
  EXPECT_THAT(past.Names(), ElementsAre("days", "clicks", "cost"));
  // One of them is not enough to know the spend, and neither are two.
  PastCampaigns two(400);
  two.Add("days", days);
  two.Add("clicks", clicks);
  EXPECT_THAT(two.Names(), IsEmpty());
}

TEST(FindMoves, WhatAddsLittleToOthersIsNoFactor) {
  PastCampaigns past(400);
  std::vector<double> budget, share;
  for (const double spend : past.spend()) {
    // The budget alone leaves 0.15 % of the spend, and with the share 0.07 %: less than a thousandth, but not a tenth
    // of what it was.
    const double known = past.random().Normal(), unknown = past.random().Normal();
    budget.push_back(spend * std::exp(2.0 * std::sqrt(0.0008) * known + 2.0 * std::sqrt(0.0007) * unknown));
    share.push_back(std::exp(known));
  }
  past.Add("budget", budget);
  past.Add("share", share);
  EXPECT_THAT(past.Names(), ElementsAre("budget"));
}

TEST(FindMoves, ProductsAreFoundInRowsThatHaveTheirFactors) {
  // No row has all numbers.
  PastCampaigns past(600);
  std::vector<int> channel;
  for (size_t i = 0; i < past.spend().size(); ++i) channel.push_back(static_cast<int>(i % 2));
  past.AddChannel(channel);
  past.AddClicksAndCost(2.0);
  past.AddUnrelated(20, 0.08);
  EXPECT_THAT(past.Names(), ElementsAre("clicks", "cost"));
  // Of factors that have gaps themselves, the means of categories are those of other rows.
  PastCampaigns gaps(600);
  std::vector<double> clicks, cost;
  for (size_t i = 0; i < gaps.spend().size(); ++i) {
    cost.push_back(std::exp(2.0 * gaps.random().Normal()));
    clicks.push_back(gaps.spend()[i] / cost.back());
    if (i % 13 == 0) cost.back() = std::numeric_limits<double>::quiet_NaN();
    if (i % 17 == 0) clicks.back() = std::numeric_limits<double>::quiet_NaN();
  }
  gaps.AddChannel(channel);
  gaps.Add("clicks", clicks);
  gaps.Add("cost", cost);
  EXPECT_THAT(gaps.Names(), ElementsAre("clicks", "cost"));
}

TEST(FindMoves, ProductsAreLookedForAmongTheNumbersThatFollowTheSpendBest) {
  for (const size_t others : {kMostFactors - 2, kMostFactors - 1}) {
    PastCampaigns past(400);
    for (size_t i = 0; i < others; ++i) past.AddMoving(absl::StrCat("follows", i), 0.5, 1.0);
    // Costs vary so much that the spend explains less of either than half.
    past.AddClicksAndCost(4.0);
    if (others == kMostFactors - 2) {
      EXPECT_THAT(past.Names(), ElementsAre("clicks", "cost"));
    } else {
      EXPECT_THAT(past.Names(), IsEmpty());
    }
  }
}

TEST(FindMoves, RowsThatAreLookedAtAreSpreadOverAll) {
  PastCampaigns past(2 * static_cast<int>(kMostRowsCompared));
  std::vector<double> early = past.spend(), each_second;
  for (size_t i = 0; i < early.size(); ++i) {
    const double unrelated = std::exp(2.0 * past.random().Normal());
    if (i >= kMostRowsCompared) early[i] = unrelated;
    each_second.push_back(i % 2 == 0 ? past.spend()[i] : unrelated);
  }
  past.Add("early", early);
  past.Add("each second", each_second);
  past.AddMoving("clicks", 1.0, 0.1);
  EXPECT_THAT(past.Names(), ElementsAre("clicks"));
}

// Channels that take turns: each second row is that of one of them.
TEST(FindMoves, RowsThatAreLookedAtAreOfAllWordsThatTakeTurns) {
  PastCampaigns past(2 * static_cast<int>(kMostRowsCompared), 1.0);
  std::vector<int> channel;
  std::vector<double> clicks;
  for (size_t i = 0; i < past.spend().size(); ++i) {
    channel.push_back(static_cast<int>(i % 2));
    clicks.push_back(past.spend()[i] * (i % 2 == 0 ? 1.0 : 10.0) * std::exp(0.2 * past.random().Normal()));
  }
  past.AddChannel(channel);
  past.Add("clicks", clicks);
  const MovesWithSpend moves = past.Find().moves;
  ASSERT_EQ(moves.features.size(), 1u);
  ASSERT_EQ(moves.features[0].words.size(), 2u);
  EXPECT_NEAR(moves.features[0].words[1].level - moves.features[0].words[0].level, std::log(10.0), 0.02);
  EXPECT_EQ(past.Find().moves.features, moves.features);
}

TEST(FindMoves, AsManyMoveAsAreStored) {
  PastCampaigns past(100);
  for (int i = 0; i < kMostMovingFeatures + 3; ++i) past.AddMoving(absl::StrCat("moves", i), 1.0, 0.1);
  const std::vector<std::string> names = past.Names();
  ASSERT_EQ(names.size(), static_cast<size_t>(kMostMovingFeatures));
  EXPECT_EQ(names.back(), absl::StrCat("moves", kMostMovingFeatures - 1));
}

TEST(FindMoves, FewRowsAndConstantSpendsShowNothing) {
  PastCampaigns few(19);
  few.AddMoving("clicks", 1.0, 0.0);
  EXPECT_THAT(few.Names(), IsEmpty());
  // A number needs twenty values, in one of twenty rows.
  for (const int rows : {100, 1'000}) {
    PastCampaigns rare(rows);
    std::vector<double> clicks = rare.spend(), too_rare = rare.spend();
    const size_t fewest = rows == 100 ? 20 : 50;
    for (size_t i = fewest; i < clicks.size(); ++i) clicks[i] = 0.0;
    for (size_t i = fewest - 1; i < clicks.size(); ++i) too_rare[i] = 0.0;
    rare.Add("clicks", clicks);
    rare.Add("too rare", too_rare);
    EXPECT_THAT(rare.Names(), ElementsAre("clicks"));
  }
  for (const double deviation : {0.0, 0.01, 0.04}) {
    PastCampaigns constant(100, deviation);
    constant.AddMoving("clicks", 1.0, 0.0);
    EXPECT_THAT(constant.Names().size(), deviation > 0.02 ? 1 : 0) << deviation;
  }
}

TEST(FindMoves, StopsWhenAskedTo) {
  PastCampaigns past(100);
  past.AddClicksAndCost(2.0);
  int asked = 0;
  EXPECT_TRUE(past.TryToFind([&asked] { return ++asked, absl::OkStatus(); }).ok());
  // Each number, each first factor of a product, and each line.
  EXPECT_EQ(asked, 3 + 2 + 2);
  for (int stop_at = 1; stop_at <= asked; ++stop_at) {
    int now = 0;
    const auto found =
        past.TryToFind([&] { return ++now == stop_at ? absl::CancelledError("stopped") : absl::OkStatus(); });
    EXPECT_EQ(found.status(), absl::CancelledError("stopped"));
  }
}

TEST(FindMoves, MemoryIsThatOfTheBestFactors) {
  PastCampaigns narrow(2'000), wide(2'000), long_one(1'000);
  narrow.AddUnrelated(static_cast<int>(kMostFactors), 0.0);
  wide.AddUnrelated(400, 0.0);
  EXPECT_EQ(FindMovesBytes(wide.table()), FindMovesBytes(narrow.table()));
  EXPECT_LT(FindMovesBytes(long_one.table()), FindMovesBytes(narrow.table()) / 2);
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
  PastCampaigns product(400);
  product.AddClicksAndCost(2.0);
  EXPECT_THAT(MovesWarning(product.schema(), product.Find())->message,
              HasSubstr("\"clicks\" and \"cost\" move with \"spend\" (together they give it): "));
}

}  // namespace
}  // namespace roicast
