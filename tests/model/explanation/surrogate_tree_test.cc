#include "model/explanation/surrogate_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "model/explanation/tree_split.h"
#include "model/features/calendar.h"
#include "tests/model/explanation/function_predictor.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

Schema SpendChannelStart() {
  return {{NumberFeature("spend"), WordFeature("channel", {"search", "social", "video", "tv"}), TimeFeature("start")}};
}

// 2024-01-01 00:00.
constexpr float kNewYear = 473352.0f;

std::vector<float> MixedRows(int n) {
  Random random(1);
  std::vector<float> rows;
  for (int i = 0; i < n; ++i) {
    rows.push_back(static_cast<float>(random.Uniform(0, 1000)));
    rows.push_back(static_cast<float>(random.Below(4)));
    rows.push_back(kNewYear + static_cast<float>(random.Below(24 * 366)));
  }
  return rows;
}

TEST(SurrogateTree, FindsTheRulesOfAModelThatIsATree) {
  const FunctionPredictor predictor(SpendChannelStart(), [](const float* row) {
    if (row[1] == 1 || row[1] == 3) return row[0] <= 300 ? 8.0 : 5.0;
    return row[0] <= 700 ? 1.0 : 0.0;
  });
  const auto tree = FitSurrogateTree(predictor, MixedRows(2000), {});
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(tree->rows + tree->rows_held_back, 2000);
  EXPECT_EQ(tree->rows_held_back, 600);
  EXPECT_GT(tree->fidelity, 0.999);
  const std::vector<TreeRule> rules = RulesOfTree(predictor.schema(), *tree);
  std::vector<std::string> words;
  double shares = 0;
  for (const TreeRule& rule : rules) {
    words.push_back(rule.conditions);
    shares += rule.share;
  }
  EXPECT_THAT(
      words, ElementsAre("spend ≤ 300 and channel is social or tv", "spend > 300 and channel is social or tv",
                         "spend ≤ 700 and channel is not social or tv", "spend > 700 and channel is not social or tv"));
  EXPECT_NEAR(rules[0].prediction, 8.0, 0.02);
  EXPECT_NEAR(rules[3].prediction, 0.0, 0.02);
  EXPECT_NEAR(shares, 1.0, 1e-12);
}

TEST(SurrogateTree, SpeaksOfMonthsAndDays) {
  const FunctionPredictor summer(SpendChannelStart(), [](const float* row) {
    const int month = PartsOfHour(static_cast<int64_t>(row[2])).month;
    return month >= 5 && month <= 7 ? 1.0 : 0.0;
  });
  SurrogateTreeOptions options;
  options.depth = 1;
  const auto tree = FitSurrogateTree(summer, MixedRows(3000), options);
  ASSERT_TRUE(tree.ok());
  const auto rules = RulesOfTree(summer.schema(), *tree);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].conditions, "start in June, July or August");
  EXPECT_EQ(rules[1].conditions, "start not in June, July or August");
  const FunctionPredictor drift(SpendChannelStart(),
                                [](const float* row) { return row[2] < kNewYear + 24 * 100 ? 1.0 : 0.0; });
  const auto late = FitSurrogateTree(drift, MixedRows(3000), options);
  ASSERT_TRUE(late.ok());
  const auto days = RulesOfTree(drift.schema(), *late);
  EXPECT_EQ(days[0].conditions, "start until 2024-04-09");
  EXPECT_EQ(days[1].conditions, "start from 2024-04-10");
}

TEST(SurrogateTree, FidelityIsOfRowsHeldBack) {
  // A tree of depth 1 explains 3/4 of the variance of a ramp.
  const FunctionPredictor ramp(SpendChannelStart(), [](const float* row) { return row[0]; });
  SurrogateTreeOptions options;
  options.depth = 1;
  const auto tree = FitSurrogateTree(ramp, MixedRows(20000), options);
  ASSERT_TRUE(tree.ok());
  EXPECT_NEAR(tree->fidelity, 0.75, 0.01);
  ASSERT_EQ(tree->nodes.size(), 3u);
  EXPECT_NEAR(tree->nodes[0].threshold, 500, 15);
  // Deeper is truer.
  options.depth = 4;
  EXPECT_GT(FitSurrogateTree(ramp, MixedRows(20000), options)->fidelity, 0.98);
}

TEST(SurrogateTree, AConstantIsOneLeaf) {
  const FunctionPredictor constant(SpendChannelStart(), [](const float*) { return 0.3; });
  const auto tree = FitSurrogateTree(constant, MixedRows(100), {});
  ASSERT_TRUE(tree.ok());
  ASSERT_EQ(tree->nodes.size(), 1u);
  EXPECT_TRUE(std::isnan(tree->fidelity));
  EXPECT_EQ(RulesOfTree(constant.schema(), *tree)[0].conditions, "all rows");
}

TEST(SurrogateTree, MissingValuesGoWhereTheyFit) {
  const FunctionPredictor predictor(SpendChannelStart(),
                                    [](const float* row) { return std::isnan(row[0]) || row[0] > 500 ? 1.0 : 0.0; });
  std::vector<float> rows = MixedRows(1000);
  for (size_t i = 0; i < rows.size(); i += 30) rows[i] = kMissingValue;
  const auto tree = FitSurrogateTree(predictor, rows, {});
  ASSERT_TRUE(tree.ok());
  EXPECT_GT(tree->fidelity, 0.99);
  const auto rules = RulesOfTree(predictor.schema(), *tree);
  EXPECT_EQ(rules[0].conditions, "spend > 500 or missing");
  EXPECT_EQ(rules[1].conditions, "spend ≤ 500");
  const float missing[] = {kMissingValue, 0, kNewYear};
  EXPECT_NEAR(tree->Predict(missing), 1.0, 0.02);
}

TEST(BestSplit, EqualsExhaustiveSearch) {
  Random random(3);
  const explanation::TreeAttribute number{0, FeatureKind::kNumeric, TimePart::kMoment};
  const explanation::TreeAttribute word{0, FeatureKind::kCategorical, TimePart::kMoment};
  const auto squares = [](const std::vector<double>& values) {
    double mean = 0, sum = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) sum += (value - mean) * (value - mean);
    return sum;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<float> values;
    std::vector<double> targets;
    for (int i = 0; i < 25; ++i) {
      values.push_back(random.Below(8) == 0 ? kMissingValue : static_cast<float>(random.Below(5)));
      targets.push_back(random.Normal());
    }
    for (const auto& attribute : {number, word}) {
      // Subsets of {missing, 0 … 4}; of numbers only those that a threshold can make.
      double best = 0;
      for (int set = 1; set < 63; ++set) {
        const int numbers = set >> 1;
        if (attribute.ordered() && (numbers & (numbers + 1)) != 0) continue;
        if (attribute.ordered() && (numbers == 0 || numbers == 31)) continue;
        std::vector<double> left, right;
        for (size_t i = 0; i < values.size(); ++i) {
          const int code = std::isnan(values[i]) ? 0 : static_cast<int>(values[i]) + 1;
          (set >> code & 1 ? left : right).push_back(targets[i]);
        }
        if (left.size() < 3 || right.size() < 3) continue;
        best = std::max(best, squares(targets) - squares(left) - squares(right));
      }
      const auto split = explanation::BestSplit(attribute, values, targets, 3);
      ASSERT_TRUE(split.has_value());
      EXPECT_NEAR(split->gain, best, 1e-9);
      std::vector<double> left, right;
      for (size_t i = 0; i < values.size(); ++i) {
        (split->GoesLeft(attribute, values[i]) ? left : right).push_back(targets[i]);
      }
      EXPECT_NEAR(squares(targets) - squares(left) - squares(right), best, 1e-9);
    }
  }
}

TEST(RoundestBetween, TakesFewDigits) {
  using explanation::RoundestBetween;
  EXPECT_EQ(RoundestBetween(297.3f, 303.9f), 300.0f);
  EXPECT_EQ(RoundestBetween(-3.0f, 4.0f), 0.0f);
  EXPECT_EQ(RoundestBetween(1.0f, 2.0f), 1.0f);
  EXPECT_FLOAT_EQ(RoundestBetween(0.1234f, 0.1262f), 0.125f);
  EXPECT_EQ(RoundestBetween(5.0f, std::nextafter(5.0f, 6.0f)), 5.0f);
  Random random(4);
  for (int i = 0; i < 10000; ++i) {
    const auto a = static_cast<float>(random.Normal() * std::pow(10.0, random.Uniform(-6, 6)));
    const auto b = static_cast<float>(a + std::abs(random.Normal()) * std::pow(10.0, random.Uniform(-6, 6)));
    if (a == b) continue;
    const float between = RoundestBetween(a, b);
    EXPECT_GE(between, a);
    EXPECT_LT(between, b);
  }
}

TEST(SurrogateTree, NamesWhatIsWrongAndStops) {
  const FunctionPredictor predictor(SpendChannelStart(), [](const float* row) { return row[0]; });
  EXPECT_EQ(FitSurrogateTree(predictor, MixedRows(19), {}).status().message(),
            "surrogate tree: expected at least 20 rows with a prediction, got 19");
  SurrogateTreeOptions options;
  options.depth = 7;
  EXPECT_EQ(FitSurrogateTree(predictor, MixedRows(30), options).status().message(), "depth: expected 1 to 6, got 7");
  EXPECT_EQ(FitSurrogateTree(predictor, MixedRows(30), {}, [] { return absl::CancelledError("no"); }).status(),
            absl::CancelledError("no"));
}

}  // namespace
}  // namespace roicast
