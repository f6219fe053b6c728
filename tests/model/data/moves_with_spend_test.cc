#include "model/data/moves_with_spend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
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

TEST(MovesWithSpend, FollowTheirNamesIntoAnotherSchema) {
  Schema other;
  for (const char* name : {"spend", "clicks"}) other.features.emplace_back().name = name;
  const MovesWithSpend moves = Moves().For(MakeSchema(), other);
  EXPECT_EQ(moves.spend, 0);
  ASSERT_EQ(moves.features.size(), 1u);
  EXPECT_EQ(moves.features[0], (SpendCompanion{1, 0.75, std::log(2.0)}));
  other.features.erase(other.features.begin());
  EXPECT_TRUE(Moves().For(MakeSchema(), other).empty());
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
}

}  // namespace
}  // namespace roicast
