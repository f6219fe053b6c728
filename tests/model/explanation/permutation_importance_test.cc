#include "model/explanation/permutation_importance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "tests/model/explanation/function_predictor.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

Schema ThreeNumbers() { return {{NumberFeature("a"), NumberFeature("b"), NumberFeature("unused")}}; }

// f = 3a + b; a, b and unused are standard normal and independent.
FunctionPredictor Linear() {
  return FunctionPredictor(ThreeNumbers(), [](const float* row) { return 3.0 * row[0] + row[1]; });
}

struct Sample {
  std::vector<float> rows;
  std::vector<double> truth;
};

// truth = f + noise of standard deviation 2.
Sample DrawSample(int n, uint64_t seed) {
  Random random(seed);
  Sample sample;
  for (int i = 0; i < n; ++i) {
    const double a = random.Normal(), b = random.Normal();
    for (const double value : {a, b, random.Normal()}) sample.rows.push_back(static_cast<float>(value));
    sample.truth.push_back(3.0 * a + b + 2.0 * random.Normal());
  }
  return sample;
}

TEST(PermutationImportance, MeetsTheKnownIncreaseOfALinearModel) {
  const Sample sample = DrawSample(20000, 1);
  const auto report = PermutationImportance(Linear(), sample.rows, sample.truth, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->against_truth);
  EXPECT_EQ(report->rows, 10000);
  EXPECT_EQ(report->rows_rejected, 0);
  EXPECT_NEAR(report->error, 2.0, 0.05);
  ASSERT_EQ(report->features.size(), 3u);
  // Shuffling a feature with weight w adds 2·w² to the mean squared error of 4.
  EXPECT_NEAR(report->features[0].importance, std::sqrt(4.0 + 18.0) - 2.0, 0.1);
  EXPECT_NEAR(report->features[1].importance, std::sqrt(4.0 + 2.0) - 2.0, 0.05);
  EXPECT_EQ(report->features[2].importance, 0.0);
  EXPECT_NEAR(report->features[2].low, 0.0, 1e-12);
  EXPECT_NEAR(report->features[2].high, 0.0, 1e-12);
  EXPECT_NEAR(report->features[0].ratio, std::sqrt(22.0 / 4.0), 0.08);
  for (int f = 0; f < 2; ++f) {
    EXPECT_LT(report->features[f].low, report->features[f].importance);
    EXPECT_GT(report->features[f].low, 0.0);
    EXPECT_NEAR(report->features[f].high - report->features[f].importance,
                report->features[f].importance - report->features[f].low, 1e-12);
  }
}

TEST(PermutationImportance, IntervalsHoldTheIncreaseOfAllRows) {
  const double truth = std::sqrt(22.0) - 2.0;
  int inside = 0;
  for (uint64_t world = 0; world < 200; ++world) {
    const Sample sample = DrawSample(150, 100 + world);
    ImportanceOptions options;
    options.features = {0};
    const auto report = PermutationImportance(Linear(), sample.rows, sample.truth, options);
    ASSERT_TRUE(report.ok());
    inside += report->features[0].low <= truth && truth <= report->features[0].high;
  }
  EXPECT_GE(inside, 170);
  EXPECT_LE(inside, 194);
}

TEST(PermutationImportance, EqualsAPlainComputation) {
  const Sample sample = DrawSample(40, 3);
  ImportanceOptions options;
  options.loss = ImportanceLoss::kAbsolute;
  const FunctionPredictor predictor = Linear();
  const auto report = PermutationImportance(predictor, sample.rows, sample.truth, options);
  ASSERT_TRUE(report.ok());
  // The mean over all pairs of rows is what shuffles estimate, but that no row keeps its value more than by chance.
  double before = 0, after = 0;
  for (size_t i = 0; i < 40; ++i) {
    before += std::abs(3.0 * sample.rows[3 * i] + sample.rows[3 * i + 1] - sample.truth[i]) / 40;
    for (size_t j = 0; j < 40; ++j) {
      after += std::abs(3.0 * sample.rows[3 * j] + sample.rows[3 * i + 1] - sample.truth[i]) / 1600;
    }
  }
  EXPECT_NEAR(report->error, before, 1e-5);
  EXPECT_NEAR(report->features[0].importance, after - before, 0.25);
  EXPECT_EQ(predictor.rows_predicted(), 40 + 3 * 10 * 40);
}

TEST(PermutationImportance, AFeatureDoesNotDependOnTheOthersAskedFor) {
  const Sample sample = DrawSample(100, 4);
  ImportanceOptions one;
  one.features = {1};
  const auto all = PermutationImportance(Linear(), sample.rows, sample.truth, {});
  const auto alone = PermutationImportance(Linear(), sample.rows, sample.truth, one);
  ASSERT_TRUE(all.ok() && alone.ok());
  ASSERT_EQ(alone->features.size(), 1u);
  EXPECT_EQ(alone->features[0].feature, 1);
  EXPECT_EQ(alone->features[0].importance, all->features[1].importance);
  EXPECT_EQ(alone->features[0].low, all->features[1].low);
}

TEST(PermutationImportance, WithoutTruthMeasuresHowFarPredictionsMove) {
  const Sample sample = DrawSample(5000, 5);
  const auto report = PermutationImportance(Linear(), sample.rows, {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->against_truth);
  EXPECT_EQ(report->error, 0.0);
  EXPECT_NEAR(report->features[0].importance, std::sqrt(18.0), 0.15);
  EXPECT_NEAR(report->features[1].importance, std::sqrt(2.0), 0.05);
  EXPECT_EQ(report->features[2].importance, 0.0);
  EXPECT_TRUE(std::isnan(report->features[0].ratio));
}

TEST(PermutationImportance, MeasuresProbabilitiesByLogLoss) {
  // P = 0.9 where a > 0, else 0.1, and it is right.
  const FunctionPredictor predictor(ThreeNumbers(), [](const float* row) { return row[0] > 0 ? 0.9 : 0.1; });
  Random random(6);
  std::vector<float> rows;
  std::vector<double> truth;
  for (int i = 0; i < 8000; ++i) {
    for (int f = 0; f < 3; ++f) rows.push_back(static_cast<float>(random.Normal()));
    truth.push_back(random.Uniform() < (rows[rows.size() - 3] > 0 ? 0.9 : 0.1) ? 1.0 : 0.0);
  }
  ImportanceOptions options;
  options.loss = ImportanceLoss::kLog;
  const auto report = PermutationImportance(predictor, rows, truth, options);
  ASSERT_TRUE(report.ok()) << report.status();
  const double right = -0.9 * std::log(0.9) - 0.1 * std::log(0.1);
  const double wrong = -0.1 * std::log(0.9) - 0.9 * std::log(0.1);
  EXPECT_NEAR(report->error, right, 0.02);
  EXPECT_NEAR(report->features[0].importance, (wrong - right) / 2, 0.03);
}

TEST(PermutationImportance, LeavesOutRowsWithoutPredictionOrOutcome) {
  const FunctionPredictor predictor(ThreeNumbers(), [](const float* row) { return row[0] > 2 ? NAN : row[0]; });
  std::vector<float> rows;
  for (int i = 0; i < 5; ++i) rows.insert(rows.end(), {static_cast<float>(i), 0, 0});
  const auto report = PermutationImportance(predictor, rows, {0, NAN, 2, 3, 4}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->rows, 2);
  EXPECT_EQ(report->rows_rejected, 3);
}

TEST(PermutationImportance, NamesWhatIsWrong) {
  const Sample sample = DrawSample(10, 7);
  ImportanceOptions options;
  options.shuffles = 1;
  EXPECT_EQ(PermutationImportance(Linear(), sample.rows, {}, options).status().message(),
            "shuffles: expected 2 to 100, got 1");
  options = {};
  options.features = {0, 3};
  EXPECT_EQ(PermutationImportance(Linear(), sample.rows, {}, options).status().message(),
            "features: expected indexes below 3, got 3");
  options.features = {1, 1};
  EXPECT_EQ(PermutationImportance(Linear(), sample.rows, {}, options).status().message(),
            "features: expected each once, got \"b\" twice");
  options = {};
  options.loss = ImportanceLoss::kLog;
  EXPECT_EQ(PermutationImportance(Linear(), sample.rows, {}, options).status().message(),
            "importance: expected the outcomes of the rows for a log loss, got none");
  EXPECT_THAT(PermutationImportance(Linear(), sample.rows, sample.truth, options).status().message(),
              HasSubstr("importance: expected outcomes of 0 or 1 for a log loss, got "));
  EXPECT_EQ(PermutationImportance(Linear(), {1, 2, 3}, {1.0}, {}).status().message(),
            "importance: expected at least 2 rows with a prediction and an outcome, got 1");
}

TEST(PermutationImportance, StopsWhenTold) {
  const Sample sample = DrawSample(2000, 8);
  const FunctionPredictor predictor = Linear();
  int asked = 0;
  const auto report = PermutationImportance(
      predictor, sample.rows, {}, {}, [&] { return ++asked < 7 ? absl::OkStatus() : absl::CancelledError("enough"); });
  EXPECT_EQ(report.status(), absl::CancelledError("enough"));
  EXPECT_EQ(asked, 7);
  EXPECT_LE(predictor.rows_predicted(), 6 * 512);
}

}  // namespace
}  // namespace roicast
