#include "model/data/moves_with_spend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace roicast {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Schema MakeSchema() {
  Schema schema;
  for (const char* name : {"clicks", "spend", "cpc", "price"}) {
    Feature& feature = schema.features.emplace_back();
    feature.name = name;
    feature.seen_min = 0.0;
    feature.seen_max = 1e6;
  }
  return schema;
}

// Clicks go with spend^0.75, and the cost of a click with what is left of it.
MovesWithSpend Moves() { return {1, {{0, 0.75, std::log(2.0)}, {2, 0.25, -std::log(2.0)}}}; }

std::vector<float> After(const std::vector<float>& row, float spend, const Schema& schema = MakeSchema()) {
  std::vector<float> moved = row;
  Moves().SetSpend(schema, spend, moved.data());
  return moved;
}

TEST(MovesWithSpend, ARowKeepsItsDistanceFromTheLineAndItsProduct) {
  const std::vector<float> row = {50.0f, 100.0f, 2.0f, 9.0f};
  const std::vector<float> moved = After(row, 1'600.0f);
  EXPECT_FLOAT_EQ(moved[0], 50.0f * 8.0f);
  EXPECT_EQ(moved[1], 1'600.0f);
  EXPECT_FLOAT_EQ(moved[2], 2.0f * 2.0f);
  EXPECT_FLOAT_EQ(moved[0] * moved[2], moved[1]);
  EXPECT_EQ(moved[3], 9.0f);
}

TEST(MovesWithSpend, NothingMovesAtTheRowsOwnSpend) {
  const std::vector<float> row = {49.7f, 123.4f, 2.13f, 9.0f};
  EXPECT_EQ(After(row, 123.4f), row);
}

TEST(MovesWithSpend, WhatIsMissingIsWhatUsuallyGoesWithTheSpend) {
  for (const std::vector<float>& row :
       {std::vector<float>{kNaN, 100.0f, 2.0f, 9.0f}, {50.0f, kNaN, 2.0f, 9.0f}, {50.0f, 0.0f, 2.0f, 9.0f}}) {
    const std::vector<float> moved = After(row, 16.0f);
    EXPECT_FLOAT_EQ(moved[0], 2.0f * 8.0f);
    EXPECT_EQ(moved[3], 9.0f);
  }
  // Of a row that has its own spend, too.
  EXPECT_FLOAT_EQ(After({kNaN, 16.0f, 2.0f, 9.0f}, 16.0f)[0], 16.0f);
}

TEST(MovesWithSpend, WithoutSpendNothingMovesAndRangesAreKept) {
  const std::vector<float> row = {50.0f, 100.0f, 2.0f, 9.0f};
  EXPECT_EQ(After(row, 0.0f), (std::vector<float>{50.0f, 0.0f, 2.0f, 9.0f}));
  Schema narrow = MakeSchema();
  narrow.features[0].allowed_max = 60.0;
  EXPECT_EQ(After(row, 1'600.0f, narrow)[0], 60.0f);
}

// The schema of MakeSchema with channels "email", "search" and "video"; clicks of e-mail are a fifth of the usual ones
// for the spend, and those of search five times as many, at what is left of the spend for each.
constexpr int kChannel = 4;
Schema WithChannels() {
  Schema schema = MakeSchema();
  Feature& channel = schema.features.emplace_back();
  channel.name = "channel";
  channel.kind = FeatureKind::kCategorical;
  channel.vocabulary = {"email", "search", "video"};
  return schema;
}
MovesWithSpend ByChannel() {
  MovesWithSpend moves = Moves();
  const double level = std::log(5.0);
  moves.features[0].words = {{kChannel, kMissingCode, 0.1}, {kChannel, 0, -level}, {kChannel, 1, level}};
  moves.features[1].words = {{kChannel, kMissingCode, -0.1}, {kChannel, 0, level}, {kChannel, 1, -level}};
  moves.features[0].spread = 0.3;
  moves.features[1].spread = -0.3;
  return moves;
}

TEST(MovesWithSpend, WhatIsMissingHasTheLevelsOfTheRowsWords) {
  const MovesWithSpend moves = ByChannel();
  EXPECT_EQ(moves.LevelFeatures(), std::vector<int>{kChannel});
  const struct {
    float channel;
    double level;
    bool known;
  } cases[] = {{0.0f, -std::log(5.0), true},
               {1.0f, std::log(5.0), true},
               {kNaN, 0.1, true},
               // A word without a level, and one that training has not seen.
               {2.0f, 0.0, false},
               {kUnseenCode, 0.0, false}};
  for (const auto& c : cases) {
    std::vector<float> row = {kNaN, 100.0f, kNaN, 9.0f, c.channel};
    EXPECT_TRUE(moves.FillsIn(row.data()));
    EXPECT_NEAR(moves.UnknownLevel(row.data()), c.known ? 0.0 : std::sqrt((0.01 + 2 * std::pow(std::log(5.0), 2)) / 3),
                1e-12);
    moves.SetSpend(WithChannels(), 16.0f, row.data());
    EXPECT_FLOAT_EQ(row[0], static_cast<float>(2.0 * 8.0 * std::exp(c.level))) << c.channel;
    EXPECT_FLOAT_EQ(row[0] * row[2], 16.0f) << c.channel;
  }
  // What the row has counts, whatever its words.
  std::vector<float> row = {50.0f, 100.0f, 2.0f, 9.0f, 0.0f};
  EXPECT_FALSE(moves.FillsIn(row.data()));
  EXPECT_EQ(moves.UnknownLevel(std::vector<float>{50.0f, 100.0f, 2.0f, 9.0f, 2.0f}.data()), 0.0);
  moves.SetSpend(WithChannels(), 1'600.0f, row.data());
  EXPECT_FLOAT_EQ(row[0], 50.0f * 8.0f);
}

// E-mail has no clicks here.
TEST(MovesWithSpend, WhatRowsUsuallyLackStaysAsItIs) {
  MovesWithSpend moves = ByChannel();
  moves.features[0].lacking = 0.2;
  moves.features[0].words[1].lacking = 0.75;
  moves.features[0].words[2].lacking = -0.125;
  EXPECT_EQ(moves.Validate(WithChannels()), absl::OkStatus());
  for (const float clicks : {kNaN, 0.0f}) {
    std::vector<float> row = {clicks, 100.0f, 2.0f, 9.0f, 0.0f};
    EXPECT_FALSE(moves.FillsIn(row.data()));
    moves.SetSpend(WithChannels(), 16.0f, row.data(), 1.0);
    EXPECT_EQ(std::isnan(row[0]), std::isnan(clicks));
    EXPECT_TRUE(std::isnan(clicks) || row[0] == 0.0f);
    // The cost of a click is what the row has.
    EXPECT_FLOAT_EQ(row[2], 2.0f * static_cast<float>(std::pow(0.16, 0.25)));
    // Of search, and of words that are not known, the level is filled in.
    for (const float channel : {1.0f, 2.0f}) {
      row = {clicks, 100.0f, 2.0f, 9.0f, channel};
      EXPECT_TRUE(moves.FillsIn(row.data()));
      // As if it were a channel that has clicks: not e-mail.
      EXPECT_NEAR(moves.UnknownLevel(row.data()),
                  channel == 1.0f ? 0.0 : std::sqrt((0.01 + std::pow(std::log(5.0), 2)) / 2), 1e-12);
      moves.SetSpend(WithChannels(), 16.0f, row.data());
      EXPECT_FLOAT_EQ(row[0], 2.0f * 8.0f * (channel == 1.0f ? 5.0f : 1.0f));
    }
  }
  // What such a row has moves.
  std::vector<float> row = {50.0f, 100.0f, 2.0f, 9.0f, 0.0f};
  moves.SetSpend(WithChannels(), 1'600.0f, row.data());
  EXPECT_FLOAT_EQ(row[0], 50.0f * 8.0f);
  // Without a word, too, where most rows lack it.
  moves.features[0].lacking = 0.75;
  row = {kNaN, 100.0f, 2.0f, 9.0f, kUnseenCode};
  EXPECT_FALSE(moves.FillsIn(row.data()));
}

// Zero times anything is zero: a campaign without clicks would have none at any spend.
TEST(MovesWithSpend, ZeroIsFilledInAtAnotherSpend) {
  for (const float clicks : {0.0f, -3.0f}) {
    const std::vector<float> row = {clicks, 100.0f, 2.0f, 9.0f};
    EXPECT_EQ(After(row, 100.0f), row);
    EXPECT_FLOAT_EQ(After(row, 16.0f)[0], 2.0f * 8.0f);
    EXPECT_TRUE(Moves().FillsIn(row.data()));
  }
}

TEST(MovesWithSpend, DeviationsMoveWhatIsFilledInAllTogether) {
  const MovesWithSpend moves = ByChannel();
  const auto clicks_at = [&](float channel, double deviations) {
    std::vector<float> row = {kNaN, 100.0f, kNaN, 9.0f, channel};
    moves.SetSpend(WithChannels(), 16.0f, row.data(), deviations);
    EXPECT_FLOAT_EQ(row[0] * row[2], 16.0f) << channel << " " << deviations;
    return std::log(row[0] / 16.0);
  };
  EXPECT_NEAR(clicks_at(0.0f, 2.0), -std::log(5.0) + 2.0 * 0.3, 1e-6);
  EXPECT_NEAR(clicks_at(0.0f, -1.0), -std::log(5.0) - 0.3, 1e-6);
  const double unknown = std::sqrt((0.01 + 2 * std::pow(std::log(5.0), 2)) / 3);
  EXPECT_NEAR(clicks_at(2.0f, 1.0), std::hypot(unknown, 0.3), 1e-6);
  std::vector<float> own = {50.0f, 100.0f, 2.0f, 9.0f, 0.0f};
  moves.SetSpend(WithChannels(), 1'600.0f, own.data(), 2.0);
  EXPECT_FLOAT_EQ(own[0], 50.0f * 8.0f);
}

Table TableWithChannels() {
  Table table;
  for (const Feature& feature : WithChannels().features) {
    Column column;
    column.name = feature.name;
    column.kind = feature.kind;
    // In order of occurrence.
    if (feature.kind == FeatureKind::kCategorical) column.dictionary = {"email", "search", "video"};
    EXPECT_TRUE(table.AddColumn(std::move(column)).ok());
  }
  return table;
}

TEST(MovesWithSpend, WordsFollowIntoAnotherVocabulary) {
  Schema other = WithChannels();
  other.features[kChannel].vocabulary = {"video", "search"};
  std::swap(other.features[0], other.features[kChannel]);
  const MovesWithSpend moves = ByChannel().For(TableWithChannels(), other);
  ASSERT_EQ(moves.features.size(), 2u);
  EXPECT_EQ(moves.Validate(other), absl::OkStatus());
  EXPECT_EQ(moves.features[0].feature, 2);
  EXPECT_EQ(moves.features[1].words, (std::vector<WordLevel>{{0, kMissingCode, 0.1}, {0, 1, std::log(5.0)}}));
  EXPECT_EQ(moves.features[1].spread, 0.3);
  // Without the channels nothing is known of the levels.
  const MovesWithSpend without = ByChannel().For(TableWithChannels(), MakeSchema());
  EXPECT_TRUE(without.features[0].words.empty());
  const double unknown = std::sqrt((0.01 + 2 * std::pow(std::log(5.0), 2)) / 3);
  EXPECT_NEAR(without.features[0].spread, std::hypot(unknown, 0.3), 1e-12);
  EXPECT_NEAR(without.features[1].spread, -std::hypot(unknown, 0.3), 1e-12);
}

TEST(MovesWithSpend, FollowTheirNamesIntoAnotherSchema) {
  Schema other;
  for (const char* name : {"spend", "clicks"}) other.features.emplace_back().name = name;
  const MovesWithSpend moves = Moves().For(TableWithChannels(), other);
  EXPECT_EQ(moves.spend, 0);
  ASSERT_EQ(moves.features.size(), 1u);
  EXPECT_EQ(moves.features[0], (SpendCompanion{1, 0.75, std::log(2.0)}));
  other.features.erase(other.features.begin());
  EXPECT_TRUE(Moves().For(TableWithChannels(), other).empty());
}

TEST(MovesWithSpend, AreChecked) {
  const Schema schema = MakeSchema();
  EXPECT_EQ(Moves().Validate(schema), absl::OkStatus());
  EXPECT_EQ(MovesWithSpend().Validate(schema), absl::OkStatus());
  MovesWithSpend moves = Moves();
  moves.spend = 4;
  EXPECT_EQ(moves.Validate(schema),
            absl::InvalidArgumentError("moves_with_spend.spend: expected a numeric feature, got 4"));
  moves = Moves();
  moves.features[1].feature = 1;
  EXPECT_EQ(moves.Validate(schema),
            absl::InvalidArgumentError(
                "moves_with_spend.features[1].feature: expected a numeric feature other than the spend, got 1"));
  moves.features[1].feature = 0;
  EXPECT_EQ(moves.Validate(schema),
            absl::InvalidArgumentError("moves_with_spend.features[1].feature: expected ascending features, got 0"));
  moves = Moves();
  moves.features[0].elasticity = 11.0;
  EXPECT_EQ(
      moves.Validate(schema),
      absl::InvalidArgumentError("moves_with_spend.features[0].elasticity: expected a number from -10 to 10, got 11"));
  moves = Moves();
  moves.features[0].level = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(moves.Validate(schema).message(),
            "moves_with_spend.features[0].level: expected a number from -500 to 500, got nan");
  moves = Moves();
  moves.features[0].spread = 501.0;
  EXPECT_EQ(moves.Validate(schema).message(),
            "moves_with_spend.features[0].spread: expected a number from -500 to 500, got 501");
  moves = Moves();
  moves.features[0].lacking = 1.5;
  EXPECT_EQ(moves.Validate(schema).message(),
            "moves_with_spend.features[0].lacking: expected a share from 0 to 1, got 1.5");
}

TEST(MovesWithSpend, LevelsOfWordsAreChecked) {
  const Schema schema = WithChannels();
  EXPECT_EQ(ByChannel().Validate(schema), absl::OkStatus());
  const auto message_of = [&](const auto& change) {
    MovesWithSpend moves = ByChannel();
    change(moves.features[1].words);
    return std::string(moves.Validate(schema).message());
  };
  EXPECT_EQ(message_of([](auto& words) { words[1].feature = 0; }),
            "moves_with_spend.features[1].words[1].feature: expected a categorical feature, got 0");
  EXPECT_EQ(message_of([](auto& words) { words[2].code = 3; }),
            "moves_with_spend.features[1].words[2].code: expected a word's, below 3, or -1, got 3");
  EXPECT_EQ(message_of([](auto& words) { words[2].code = 2; }),
            "moves_with_spend.features[1].words[2].code: expected ascending words, the same of all features, got 2");
  EXPECT_EQ(message_of([](auto& words) { words[2].level = kNaN; }),
            "moves_with_spend.features[1].words[2].level: expected a number from -500 to 500, got nan");
  EXPECT_EQ(message_of([](auto& words) { words[2].lacking = -1.5; }),
            "moves_with_spend.features[1].words[2].lacking: expected a number from -1 to 1, got -1.5");
  EXPECT_EQ(message_of([](auto& words) { words.pop_back(); }),
            "moves_with_spend.features[1].words: expected 3, as of the first, got 2");
  EXPECT_EQ(message_of([](auto& words) { words.assign(5000, {}); }),
            "moves_with_spend.features[1].words: expected 3, as of the first, got 5000");
  MovesWithSpend many = ByChannel();
  many.features[0].words.assign(2049, {});
  EXPECT_EQ(many.Validate(schema).message(),
            "moves_with_spend.features: expected at most 4096 levels of words, got 4098");
}

}  // namespace
}  // namespace roicast
