#include "model/training/new_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/random.h"
#include "tests/model/explanation/function_predictor.h"

namespace roicast {
namespace {

// ROI = 2 · a; b is not used.
Artifact TwiceA() {
  Artifact artifact;
  artifact.schema.features = {NumberFeature("a"), NumberFeature("b")};
  artifact.features.resize(2);
  DenseLayer layer;
  layer.weights.resize(1, 2);
  layer.weights << 2.0f, 0.0f;
  layer.biases.resize(1);
  layer.biases << 0.0f;
  artifact.mlp.layers.push_back(layer);
  return artifact;
}

TEST(ReportNewRows, ShowsSomeRowsAndTheImportanceOfAllFeatures) {
  Random random(1);
  RowMajorMatrix raw(1200, 2);
  std::vector<double> truth;
  for (int i = 0; i < 1200; ++i) {
    raw(i, 0) = static_cast<float>(i);
    raw(i, 1) = static_cast<float>(random.Normal());
    truth.push_back(2.0 * i + 0.5);
  }
  const auto report = ReportNewRows(TwiceA(), raw, truth, {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->rows, 1200);
  ASSERT_EQ(report->predicted.size(), 500u);
  ASSERT_EQ(report->actual.size(), 500u);
  for (size_t k = 0; k < 500; ++k) EXPECT_DOUBLE_EQ(report->actual[k] - report->predicted[k], 0.5);
  EXPECT_EQ(report->predicted.front(), 2.0);
  EXPECT_EQ(report->predicted.back(), 2.0 * 1198);
  ASSERT_EQ(report->importance.size(), 2u);
  EXPECT_EQ(report->importance[0].feature, "a");
  // Shuffled, the error is that of two independent rows: √2 · 2 · 1200/√12.
  EXPECT_NEAR(report->importance[0].importance, std::sqrt(2.0) * 2 * 1200 / std::sqrt(12.0), 60);
  EXPECT_GT(report->importance[0].low, 0.0);
  EXPECT_EQ(report->importance[1].importance, 0.0);
}

TEST(ReportNewRows, TellsWhatTheModelHasLearnt) {
  Random random(2);
  RowMajorMatrix raw(400, 2);
  for (int i = 0; i < 400; ++i) raw.row(i) << static_cast<float>(random.Uniform()), static_cast<float>(random.Normal());
  const auto report = ReportNewRows(TwiceA(), raw, std::vector<double>(400, 1.0), {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->dependence.size(), 2u);
  const DependenceShape& a = report->dependence[0];
  EXPECT_EQ(a.feature, "a");
  ASSERT_EQ(a.values.size(), 16u);
  ASSERT_EQ(a.labels.size(), 16u);
  for (size_t k = 0; k < 16; ++k) EXPECT_NEAR(a.mean[k], 2 * a.values[k], 1e-5);
  EXPECT_EQ(std::accumulate(a.rows.begin(), a.rows.end(), int64_t{0}), 400);
  EXPECT_TRUE(a.moved_along.empty());
  // Of rows that differ in b, which does not matter: each has the mean's curve.
  ASSERT_EQ(a.individual.size(), 12u);
  for (const DependenceShape::Curve& curve : a.individual) {
    ASSERT_EQ(curve.values.size(), 16u);
    for (size_t k = 0; k < 16; ++k) EXPECT_NEAR(curve.values[k], 2 * a.values[k], 1e-5);
  }
  // Ascending by the rows' own predictions, which b does not change.
  const DependenceShape& b = report->dependence[1];
  ASSERT_EQ(b.individual.size(), 12u);
  EXPECT_LT(b.individual.front().values[0], 0.2);
  EXPECT_GT(b.individual.back().values[0], 1.8);
  for (const double mean : report->dependence[1].mean) EXPECT_EQ(mean, report->dependence[1].mean[0]);
  ASSERT_EQ(report->interactions.size(), 1u);
  EXPECT_NEAR(report->interactions[0].h, 0.0, 1e-5);
  ASSERT_GE(report->tree.rules.size(), 4u);
  EXPECT_GT(report->tree.fidelity, 0.9);
  EXPECT_THAT(report->tree.rules[0].conditions, ::testing::StartsWith("a > "));
}

TEST(ReportNewRows, MovesAlongWhatGoesWithTheSpend) {
  RowMajorMatrix raw(100, 2);
  for (int i = 0; i < 100; ++i) raw.row(i) << static_cast<float>(i + 1), static_cast<float>(i + 1);
  MovesWithSpend moves;
  moves.spend = 1;
  moves.features = {{.feature = 0, .elasticity = 1.0}};
  const auto report = ReportNewRows(TwiceA(), raw, std::vector<double>(100, 1.0), moves, {});
  ASSERT_TRUE(report.ok()) << report.status();
  const auto b = std::find_if(report->dependence.begin(), report->dependence.end(),
                              [](const DependenceShape& shape) { return shape.feature == "b"; });
  ASSERT_NE(b, report->dependence.end());
  EXPECT_THAT(b->moved_along, ::testing::ElementsAre("a"));
  for (size_t k = 0; k < b->mean.size(); ++k) EXPECT_NEAR(b->mean[k], 2 * b->values[k], 1e-3 * b->mean[k]);
}

TEST(ReportNewRows, LeavesOutAFeatureWithoutValues) {
  RowMajorMatrix raw = RowMajorMatrix::Random(50, 2);
  raw.col(1).setConstant(std::nanf(""));
  Artifact artifact = TwiceA();
  const auto report = ReportNewRows(artifact, raw, std::vector<double>(50, 1.0), {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->dependence.size(), 1u);
  EXPECT_EQ(report->dependence[0].feature, "a");
}

TEST(ReportNewRows, OfNoneIsEmptyAndOfOneHasNoImportance) {
  const auto none = ReportNewRows(TwiceA(), RowMajorMatrix(0, 2), {}, {}, {});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->rows, 0);
  RowMajorMatrix raw(1, 2);
  raw << 1.0f, 2.0f;
  const auto one = ReportNewRows(TwiceA(), raw, {3.0}, {}, {});
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->rows, 1);
  EXPECT_EQ(one->actual[0], 3.0);
  EXPECT_TRUE(one->importance.empty());
}

TEST(ReportNewRows, StopsWhenTold) {
  RowMajorMatrix raw = RowMajorMatrix::Random(50, 2);
  EXPECT_EQ(ReportNewRows(TwiceA(), raw, std::vector<double>(50, 1.0), {}, [] { return absl::CancelledError("no"); })
                .status(),
            absl::CancelledError("no"));
}

}  // namespace
}  // namespace roicast
