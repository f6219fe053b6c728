#include "model/explanation/interaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "tests/model/explanation/function_predictor.h"

namespace roicast {
namespace {

Schema FourNumbers() { return {{NumberFeature("a"), NumberFeature("b"), NumberFeature("c"), NumberFeature("d")}}; }

std::vector<float> NormalRows(int n) {
  Random random(1);
  std::vector<float> rows;
  for (int i = 0; i < 4 * n; ++i) rows.push_back(static_cast<float>(random.Normal()));
  return rows;
}

TEST(FeatureInteraction, FindsTheProductAndNoOther) {
  const FunctionPredictor predictor(
      FourNumbers(), [](const float* row) { return 2.0 * row[0] * row[1] + 3.0 * row[2] + std::exp(row[3]); });
  const auto report = FeatureInteraction(predictor, NormalRows(64), {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->rows, 64);
  ASSERT_EQ(report->pairs.size(), 6u);
  EXPECT_EQ(report->pairs[0].first, 0);
  EXPECT_EQ(report->pairs[0].second, 1);
  EXPECT_NEAR(report->pairs[0].strength, 2.0, 0.6);
  EXPECT_GT(report->pairs[0].h, 0.9);
  for (size_t k = 1; k < 6; ++k) {
    EXPECT_LT(report->pairs[k].strength, 1e-5);
    EXPECT_LT(report->pairs[k].h, 1e-5);
  }
}

TEST(FeatureInteraction, EqualsTheDefinition) {
  const auto formula = [](const float* row) { return row[0] * row[1] * row[2] + row[0] * row[3]; };
  const FunctionPredictor predictor(FourNumbers(), formula);
  const int n = 12;
  const std::vector<float> rows = NormalRows(n);
  InteractionOptions options;
  options.features = {2, 0};
  const auto report = FeatureInteraction(predictor, rows, options);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->pairs.size(), 1u);
  // F(i) with the features in `set` from row i.
  const auto dependence = [&](const std::vector<int>& set) {
    std::vector<double> means(n);
    double mean = 0;
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < n; ++k) {
        std::vector<float> row(rows.begin() + 4 * k, rows.begin() + 4 * k + 4);
        for (const int f : set) row[f] = rows[4 * i + f];
        means[i] += formula(row.data()) / n;
      }
      mean += means[i] / n;
    }
    for (double& value : means) value -= mean;
    return means;
  };
  const auto first = dependence({0}), second = dependence({2}), both = dependence({0, 2});
  double rest = 0, whole = 0;
  for (int i = 0; i < n; ++i) {
    rest += std::pow(both[i] - first[i] - second[i], 2);
    whole += both[i] * both[i];
  }
  EXPECT_EQ(report->pairs[0].first, 0);
  EXPECT_EQ(report->pairs[0].second, 2);
  EXPECT_NEAR(report->pairs[0].strength, std::sqrt(rest / n), 1e-5);
  EXPECT_NEAR(report->pairs[0].h, std::sqrt(rest / whole), 1e-5);
}

TEST(FeatureInteraction, AConstantHasNone) {
  const FunctionPredictor predictor(FourNumbers(), [](const float*) { return 0.3; });
  const auto report = FeatureInteraction(predictor, NormalRows(20), {});
  ASSERT_TRUE(report.ok());
  for (const PairInteraction& pair : report->pairs) {
    EXPECT_EQ(pair.h, 0.0);
    EXPECT_LT(pair.strength, 1e-9);
  }
}

TEST(FeatureInteraction, NamesWhatIsWrongAndStops) {
  const FunctionPredictor predictor(FourNumbers(), [](const float* row) { return row[0]; });
  EXPECT_EQ(FeatureInteraction(predictor, NormalRows(7), {}).status().message(),
            "interaction: expected at least 8 rows with a prediction, got 7");
  InteractionOptions options;
  options.features = {2};
  EXPECT_EQ(FeatureInteraction(predictor, NormalRows(9), options).status().message(),
            "interaction: expected at least 2 features, got 1");
  options = {};
  options.max_rows = 2000;
  EXPECT_EQ(FeatureInteraction(predictor, NormalRows(9), options).status().message(),
            "max_rows: expected 8 to 1000, got 2000");
  EXPECT_EQ(FeatureInteraction(predictor, NormalRows(9), {}, [] { return absl::CancelledError("no"); }).status(),
            absl::CancelledError("no"));
}

}  // namespace
}  // namespace roicast
