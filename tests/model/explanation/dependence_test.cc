#include "model/explanation/dependence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "model/features/calendar.h"
#include "tests/model/explanation/function_predictor.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

// spend, channel, start.
Schema SpendChannelStart() {
  Schema schema{{NumberFeature("spend"), WordFeature("channel", {"search", "social", "video"}), TimeFeature("start")}};
  schema.features[0].allowed_min = 0;
  schema.features[0].allowed_min_exclusive = true;
  return schema;
}

// 2024-05-17 14:00, a Friday.
constexpr float kFriday = 476654.0f;

std::vector<float> SomeRows(int n) {
  Random random(1);
  std::vector<float> rows;
  for (int i = 0; i < n; ++i) {
    rows.push_back(static_cast<float>(random.Uniform(1, 1000)));
    rows.push_back(static_cast<float>(i % 3 == 0 ? 0 : 1));
    rows.push_back(kFriday + static_cast<float>(24 * static_cast<int>(random.Below(300))));
  }
  return rows;
}

double Formula(const float* row) {
  const CalendarParts parts = PartsOfHour(static_cast<int64_t>(row[2]));
  return 0.01 * row[0] * (row[1] == 0 ? 1 : 2) + parts.month + 100 * parts.weekday;
}

TEST(PartialDependence, IsTheMeanOverRowsWithTheValueSet) {
  const FunctionPredictor predictor(SpendChannelStart(), Formula);
  const std::vector<float> rows = SomeRows(300);
  DependenceOptions options;
  options.curves = 4;
  const auto dependence = PartialDependence(predictor, rows, 0, options);
  ASSERT_TRUE(dependence.ok()) << dependence.status();
  EXPECT_EQ(dependence->rows, 300);
  ASSERT_EQ(dependence->grid.size(), 24);
  int64_t counted = 0;
  for (size_t k = 0; k < 24; ++k) {
    double sum = 0;
    std::vector<double> predictions;
    for (size_t i = 0; i < rows.size(); i += 3) {
      const float row[] = {dependence->grid.values[k], rows[i + 1], rows[i + 2]};
      predictions.push_back(Formula(row));
      sum += predictions.back();
    }
    std::sort(predictions.begin(), predictions.end());
    EXPECT_NEAR(dependence->mean[k], sum / 300, 1e-4);
    EXPECT_NEAR(dependence->low[k], predictions[30], 1e-4);
    EXPECT_NEAR(dependence->high[k], predictions[269], 1e-4);
    counted += dependence->grid.rows[k];
  }
  EXPECT_EQ(counted, 300);
  EXPECT_TRUE(std::is_sorted(dependence->grid.values.begin(), dependence->grid.values.end()));
  ASSERT_EQ(dependence->curves.size(), 4u);
  double before = -1e9;
  for (const IndividualCurve& curve : dependence->curves) {
    const float* row = rows.data() + 3 * curve.row;
    EXPECT_GE(Formula(row), before);
    before = Formula(row);
    for (size_t k = 0; k < 24; ++k) {
      const float varied[] = {dependence->grid.values[k], row[1], row[2]};
      EXPECT_NEAR(curve.values[k], Formula(varied), 1e-4);
    }
  }
}

TEST(PartialDependence, TakesCategoriesByFrequency) {
  const FunctionPredictor predictor(SpendChannelStart(), [](const float* row) { return row[1] * 10; });
  const auto dependence = PartialDependence(predictor, SomeRows(30), 1, {});
  ASSERT_TRUE(dependence.ok());
  EXPECT_THAT(dependence->grid.values, ElementsAre(1, 0));
  EXPECT_THAT(dependence->grid.rows, ElementsAre(20, 10));
  EXPECT_THAT(dependence->mean, ElementsAre(10, 0));
  EXPECT_EQ(GridLabel(predictor.schema(), dependence->grid, 0), "social");
}

TEST(PartialDependence, VariesTheMonthAlone) {
  const FunctionPredictor predictor(SpendChannelStart(), Formula);
  DependenceOptions options;
  options.grid.values = {0, 1, 11};
  const std::vector<float> rows = SomeRows(50);
  const auto dependence = PartialDependence(predictor, rows, 2, options);
  ASSERT_TRUE(dependence.ok());
  double rest = 0;
  for (size_t i = 0; i < rows.size(); i += 3) {
    rest += (Formula(rows.data() + i) - PartsOfHour(static_cast<int64_t>(rows[i + 2])).month) / 50;
  }
  EXPECT_NEAR(dependence->mean[0], rest, 1e-3);
  EXPECT_NEAR(dependence->mean[1], rest + 1, 1e-3);
  EXPECT_NEAR(dependence->mean[2], rest + 11, 1e-3);
  EXPECT_EQ(GridLabel(predictor.schema(), dependence->grid, 2), "December");
}

TEST(FeatureGrid, EveryPartOfATimeKeepsTheOthers) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    const auto hours = static_cast<float>(kMinHours + static_cast<int64_t>(random.Below(kMaxHours - kMinHours)));
    const CalendarParts before = PartsOfHour(static_cast<int64_t>(hours));
    FeatureGrid grid;
    grid.kind = FeatureKind::kTime;
    const auto after = [&](TimePart part, int value) {
      grid.part = part;
      return PartsOfHour(static_cast<int64_t>(SetGridValue(grid, static_cast<float>(value), hours)));
    };
    const int month = static_cast<int>(random.Below(12)), weekday = static_cast<int>(random.Below(7));
    const int hour = static_cast<int>(random.Below(24));
    const CalendarParts moved = after(TimePart::kMonth, month);
    EXPECT_EQ(moved.month, month);
    EXPECT_EQ(moved.weekday, before.weekday);
    EXPECT_EQ(moved.hour, before.hour);
    const CalendarParts turned = after(TimePart::kWeekday, weekday);
    EXPECT_EQ(turned.month, before.month);
    EXPECT_EQ(turned.weekday, weekday);
    EXPECT_EQ(turned.hour, before.hour);
    const CalendarParts shifted = after(TimePart::kHour, hour);
    EXPECT_EQ(shifted.month, before.month);
    EXPECT_EQ(shifted.weekday, before.weekday);
    EXPECT_EQ(shifted.hour, hour);
    // The value that it has changes nothing.
    grid.part = TimePart::kMonth;
    EXPECT_EQ(SetGridValue(grid, static_cast<float>(before.month), hours), hours);
    grid.part = TimePart::kWeekday;
    EXPECT_EQ(SetGridValue(grid, static_cast<float>(before.weekday), hours), hours);
  }
}

TEST(FeatureGrid, SkipsMissingAndUnseenValues) {
  const Schema schema = SpendChannelStart();
  const std::vector<float> rows = {kMissingValue, kUnseenCode, kMissingValue, 5, 2, kFriday, 7, kMissingValue, kFriday};
  const auto spend = MakeFeatureGrid(schema, rows, 0, {});
  ASSERT_TRUE(spend.ok());
  EXPECT_THAT(spend->values, ElementsAre(5, 7));
  const auto channel = MakeFeatureGrid(schema, rows, 1, {});
  ASSERT_TRUE(channel.ok());
  EXPECT_THAT(channel->values, ElementsAre(2));
  GridOptions options;
  options.time_part = TimePart::kMoment;
  const auto start = MakeFeatureGrid(schema, rows, 2, options);
  ASSERT_TRUE(start.ok());
  EXPECT_THAT(start->values, ElementsAre(kFriday));
  EXPECT_EQ(GridLabel(schema, *start, 0), "2024-05-17");
  options.time_part = TimePart::kWeekday;
  EXPECT_EQ(GridLabel(schema, *MakeFeatureGrid(schema, rows, 2, options), 0), "Friday");
  options.time_part = TimePart::kHour;
  EXPECT_EQ(GridLabel(schema, *MakeFeatureGrid(schema, rows, 2, options), 0), "14:00");
}

TEST(FeatureGrid, NamesWhatIsWrong) {
  const Schema schema = SpendChannelStart();
  const std::vector<float> rows = {5, 2, kFriday};
  GridOptions options;
  options.values = {1, 0};
  EXPECT_EQ(MakeFeatureGrid(schema, rows, 0, options).status().message(), "grid of \"spend\": expected > 0, got 0");
  options.values = {3};
  EXPECT_EQ(MakeFeatureGrid(schema, rows, 1, options).status().message(),
            "grid of \"channel\": expected whole numbers below 3, got 3");
  options.values = {12};
  EXPECT_EQ(MakeFeatureGrid(schema, rows, 2, options).status().message(),
            "grid of \"start\": expected whole numbers below 12, got 12");
  options.values = {1e9f};
  options.time_part = TimePart::kMoment;
  EXPECT_EQ(MakeFeatureGrid(schema, rows, 2, options).status().message(),
            "grid of \"start\": expected a time in the years 1900 to 2199, got 1e+09");
  EXPECT_EQ(MakeFeatureGrid(schema, {kMissingValue, 0, 0}, 0, {}).status().message(),
            "grid of \"spend\": expected a row with a value, got none");
  options = {};
  options.points = 1;
  EXPECT_EQ(MakeFeatureGrid(schema, rows, 0, options).status().message(), "grid.points: expected 2 to 200, got 1");
}

TEST(PartialDependenceOfPair, SetsBoth) {
  const FunctionPredictor predictor(SpendChannelStart(), Formula);
  const std::vector<float> rows = SomeRows(40);
  DependenceOptions options;
  options.grid.points = 3;
  const auto joint = PartialDependenceOfPair(predictor, rows, 0, 1, options);
  ASSERT_TRUE(joint.ok()) << joint.status();
  ASSERT_EQ(joint->first.size(), 3);
  ASSERT_EQ(joint->second.size(), 2);
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 2; ++b) {
      double mean = 0;
      for (size_t i = 0; i < rows.size(); i += 3) {
        const float row[] = {joint->first.values[a], joint->second.values[b], rows[i + 2]};
        mean += Formula(row) / 40;
      }
      EXPECT_NEAR(joint->mean[a * 2 + b], mean, 1e-4);
    }
  }
  EXPECT_EQ(PartialDependenceOfPair(predictor, rows, 1, 1, options).status().message(),
            "features: expected each once, got \"channel\" twice");
}

TEST(PartialDependence, StopsWhenToldAndWantsARow) {
  const FunctionPredictor predictor(SpendChannelStart(), Formula);
  const auto stop = [] { return absl::DeadlineExceededError("late"); };
  EXPECT_EQ(PartialDependence(predictor, SomeRows(9), 0, {}, stop).status(), absl::DeadlineExceededError("late"));
  EXPECT_EQ(PartialDependence(predictor, {}, 0, {}).status().message(),
            "dependence: expected at least 1 row with a prediction, got 0");
}

}  // namespace
}  // namespace roicast
