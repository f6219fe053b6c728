#include "model/explanation/shapley.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "model/explanation/coalitions.h"
#include "model/explanation/prediction_batch.h"
#include "tests/model/explanation/function_predictor.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Background RandomBackground(int size, int features, uint64_t seed) {
  Random random(seed);
  Background background;
  for (int i = 0; i < size * features; ++i) background.rows.push_back(static_cast<float>(random.Normal()));
  background.weights.assign(size, 1.0f / static_cast<float>(size));
  return background;
}

std::vector<float> RandomRows(int n, int features, uint64_t seed) {
  Random random(seed);
  std::vector<float> rows;
  for (int i = 0; i < n * features; ++i) rows.push_back(static_cast<float>(1.5 * random.Normal()));
  return rows;
}

Attributions ExplainOrFail(const Predictor& predictor, const Background& background, const std::vector<float>& rows,
                           const ShapleyOptions& options = {}) {
  const int64_t n = static_cast<int64_t>(rows.size()) / predictor.schema().size();
  auto result = ExplainRows(predictor, background, rows.data(), n, options);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : Attributions();
}

// By the definition, with all orders of the features: a mean over n! walks.
std::vector<double> ByAllOrders(const Predictor& predictor, const Background& background, const float* row) {
  const int features = predictor.schema().size();
  std::vector<double> values(features);
  double orders = 0.0;
  std::vector<int> order(features);
  std::iota(order.begin(), order.end(), 0);
  do {
    ++orders;
    for (int b = 0; b < background.size(); ++b) {
      std::vector<float> mixed(background.rows.begin() + b * features, background.rows.begin() + (b + 1) * features);
      float before = 0.0f, after = 0.0f;
      predictor.Predict(mixed.data(), 1, absl::MakeSpan(&before, 1), {});
      for (const int feature : order) {
        mixed[feature] = row[feature];
        predictor.Predict(mixed.data(), 1, absl::MakeSpan(&after, 1), {});
        values[feature] += background.weights[b] * (static_cast<double>(after) - before);
        before = after;
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
  for (double& value : values) value /= orders;
  return values;
}

void ExpectSums(const Attributions& result, int features) {
  for (size_t i = 0; i < result.predictions.size(); ++i) {
    if (std::isnan(result.predictions[i])) continue;
    double sum = 0.0;
    for (int f = 0; f < features; ++f) {
      const double value = result.values[i * features + f];
      ASSERT_TRUE(std::isfinite(value));
      ASSERT_GE(result.standard_errors[i * features + f], 0.0);
      sum += value;
    }
    const double expected = result.predictions[i] - result.base_value;
    EXPECT_NEAR(sum, expected, 1e-4 * std::abs(expected) + 1e-12) << "row " << i;
  }
}

double Bent(const float* x) {
  return std::sin(x[0]) * x[1] * (x[2] > 0.0f ? 1.0 : -0.5) + std::tanh(x[3] + x[4] * x[0]) + 0.3 * x[1] * x[4];
}

TEST(Shapley, IsTheMeanOverAllOrders) {
  const FunctionPredictor predictor(NumericSchema(5), Bent);
  Background background = RandomBackground(3, 5, 1);
  background.weights = {0.5f, 0.2f, 0.3f};
  const std::vector<float> rows = RandomRows(4, 5, 2);
  const Attributions result = ExplainOrFail(predictor, background, rows);
  for (int i = 0; i < 4; ++i) {
    const std::vector<double> expected = ByAllOrders(predictor, background, &rows[i * 5]);
    for (int f = 0; f < 5; ++f) {
      EXPECT_NEAR(result.values[i * 5 + f], expected[f], 1e-6);
      EXPECT_EQ(result.standard_errors[i * 5 + f], 0.0);
    }
  }
  ExpectSums(result, 5);
}

TEST(Shapley, OfALinearModelIsWeightTimesDistanceFromTheMean) {
  const std::vector<double> weights = {2.0, -1.0, 0.0, 0.5, 3.0, 1.0, 1.0, -2.0, 0.25, 4.0};
  const FunctionPredictor predictor(
      NumericSchema(10), [&](const float* x) { return std::inner_product(weights.begin(), weights.end(), x, 7.0); });
  const Background background = RandomBackground(16, 10, 3);
  const std::vector<float> rows = RandomRows(5, 10, 4);
  for (const int exact : {0, 16}) {
    const Attributions result = ExplainOrFail(predictor, background, rows, {.exact_features = exact});
    for (int i = 0; i < 5; ++i) {
      for (int f = 0; f < 10; ++f) {
        double mean = 0.0;
        for (int b = 0; b < 16; ++b) mean += background.rows[b * 10 + f] / 16.0;
        EXPECT_NEAR(result.values[i * 10 + f], weights[f] * (rows[i * 10 + f] - mean), 1e-5) << exact;
        EXPECT_NEAR(result.standard_errors[i * 10 + f], 0.0, 1e-6);
      }
    }
    ExpectSums(result, 10);
  }
}

TEST(Shapley, SamplingIsExactForInteractionsOfTwoFeatures) {
  const FunctionPredictor predictor(NumericSchema(12), [](const float* x) {
    double sum = 0.0;
    for (int f = 0; f < 12; ++f) sum += std::sin(x[f]) * std::cos(x[(f + 5) % 12]) + x[f] * x[f];
    return sum;
  });
  const Background background = RandomBackground(8, 12, 5);
  const std::vector<float> rows = RandomRows(6, 12, 6);
  const Attributions exact = ExplainOrFail(predictor, background, rows, {.exact_features = 12});
  const Attributions sampled = ExplainOrFail(predictor, background, rows, {.exact_features = 0});
  for (size_t i = 0; i < exact.values.size(); ++i) EXPECT_NEAR(sampled.values[i], exact.values[i], 1e-5);
}

TEST(Shapley, GivesNothingToAFeatureThatTheModelDoesNotUse) {
  const FunctionPredictor predictor(NumericSchema(10), Bent);  // 5 to 9 are not used
  const Attributions result = ExplainOrFail(predictor, RandomBackground(8, 10, 7), RandomRows(10, 10, 8));
  for (int i = 0; i < 10; ++i) {
    for (int f = 5; f < 10; ++f) EXPECT_EQ(result.values[i * 10 + f], 0.0);
  }
  ExpectSums(result, 10);
}

TEST(Shapley, TreatsEqualFeaturesEqually) {
  const FunctionPredictor predictor(NumericSchema(9), [](const float* x) {
    const double sum = std::accumulate(x, x + 9, 0.0);
    return sum * sum * sum;
  });
  Background background;
  background.rows.assign(9, 0.25f);
  background.weights = {1.0f};
  const Attributions result = ExplainOrFail(predictor, background, std::vector<float>(9, 1.0f), {.exact_features = 9});
  for (int f = 0; f < 9; ++f) {
    EXPECT_NEAR(result.values[f], (result.predictions[0] - result.base_value) / 9.0, 1e-4);
  }
}

// Real networks of 9 to 12 features, which sampling has to come close to.
TEST(Shapley, SampledValuesAgreeWithExactOnes) {
  Random random(21);
  for (int model = 0; model < 12; ++model) {
    testing::ArtifactShape shape;
    shape.numeric = 7 + static_cast<int>(random.Below(3));
    shape.categorical = 1 + static_cast<int>(random.Below(2));
    shape.time = 1;
    shape.hidden = {32, 16};
    shape.activation = model % 2 == 0 ? Activation::kSilu : Activation::kRelu;
    shape.ramps = model % 3 == 0 ? 6 : 0;
    if (model % 4 == 3) shape.kind = TargetKind::kTwoValued;
    Artifact artifact = testing::MakeArtifact(shape, random);
    artifact.target.roi_floor = -std::numeric_limits<double>::infinity();  // it may bite on all rows
    const auto predictor = Predictor::CompileUnverified(artifact);
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    const int features = artifact.schema.size();
    ASSERT_LE(features, 12);
    const std::vector<float> rows = testing::MakeRows(artifact.schema, 40, false, random);
    const std::vector<float> data = testing::MakeRows(artifact.schema, 400, false, random);
    const auto background =
        *FitBackground(Eigen::Map<const RowMajorMatrix>(data.data(), 400, features), artifact.schema);
    ASSERT_TRUE(background.has_value());
    const Attributions exact = ExplainOrFail(**predictor, *background, rows, {.exact_features = 12});
    const Attributions sampled = ExplainOrFail(**predictor, *background, rows, {.exact_features = 0});
    ExpectSums(exact, features);
    ExpectSums(sampled, features);
    double error = 0.0, xy = 0.0, xx = 0.0, yy = 0.0, z = 0.0;
    for (size_t i = 0; i < exact.values.size(); ++i) {
      const double x = exact.values[i], y = sampled.values[i];
      error += std::abs(x - y) / static_cast<double>(exact.values.size());
      xy += x * y;
      xx += x * x;
      yy += y * y;
      if (sampled.standard_errors[i] > 0.0) z += std::pow((y - x) / sampled.standard_errors[i], 2);
    }
    const auto [low, high] = std::minmax_element(exact.predictions.begin(), exact.predictions.end());
    EXPECT_GT(xy / std::sqrt(xx * yy), 0.99) << "model " << model;
    EXPECT_LT(error, 0.01 * (*high - *low)) << "model " << model;
    // The errors are as large as the standard errors say.
    EXPECT_LT(z / static_cast<double>(exact.values.size()), 2.5) << "model " << model;
    EXPECT_GT(z / static_cast<double>(exact.values.size()), 0.4) << "model " << model;
  }
}

TEST(Shapley, SumsForEveryKindOfModelAndRow) {
  Random random(31);
  for (int model = 0; model < 30; ++model) {
    const Artifact artifact = testing::MakeRandomArtifact(random);
    const auto predictor = Predictor::CompileUnverified(artifact);
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    const int features = artifact.schema.size();
    const std::vector<float> data = testing::MakeRows(artifact.schema, 100, true, random);
    const auto background =
        *FitBackground(Eigen::Map<const RowMajorMatrix>(data.data(), 100, features), artifact.schema);
    ASSERT_TRUE(background.has_value());
    const std::vector<float> rows = testing::MakeRows(artifact.schema, 20, true, random);
    const Attributions result = ExplainOrFail(**predictor, *background, rows);
    std::vector<float> expected(20);
    (*predictor)->Predict(rows.data(), 20, absl::MakeSpan(expected), {});
    for (int i = 0; i < 20; ++i) {
      if (std::isnan(expected[i])) {
        EXPECT_TRUE(std::isnan(result.predictions[i]));
        for (int f = 0; f < features; ++f) EXPECT_TRUE(std::isnan(result.values[i * features + f]));
        for (int f = 0; f < features; ++f) EXPECT_TRUE(std::isnan(result.standard_errors[i * features + f]));
      } else {
        EXPECT_EQ(result.predictions[i], expected[i]);
      }
    }
    ExpectSums(result, features);
  }
}

TEST(Shapley, SumsWhereTheBackgroundIsAlmostTheRow) {
  const FunctionPredictor predictor(NumericSchema(10), [](const float* x) {
    return 1000.0 + 1e-3 * x[0] + 1e3 * x[1] - 1e3 * x[2] + x[3] * x[4] * x[5];
  });
  Background background = RandomBackground(4, 10, 9);
  std::vector<float> rows(background.rows.begin(), background.rows.begin() + 10);
  rows[0] += 0.5f;
  ExpectSums(ExplainOrFail(predictor, background, rows), 10);
}

TEST(Shapley, ARowThatEqualsTheBackgroundHasNothingToExplain) {
  const FunctionPredictor predictor(NumericSchema(3),
                                    [](const float* x) { return x[0] + (std::isnan(x[1]) ? 1.0 : x[1]); });
  Background background;
  background.rows = {1.0f, kNan, 2.0f};
  background.weights = {1.0f};
  const Attributions result = ExplainOrFail(predictor, background, {1.0f, kNan, 2.0f, 1.0f, 5.0f, 2.0f});
  EXPECT_EQ(result.base_value, 2.0);
  EXPECT_EQ(result.values, (std::vector<double>{0.0, 0.0, 0.0, 0.0, 4.0, 0.0}));
  EXPECT_EQ(result.predictions, (std::vector<float>{2.0f, 6.0f}));
  EXPECT_EQ(result.evaluations, 3);
}

TEST(Shapley, AConstantModelHasNothingToExplain) {
  const FunctionPredictor predictor(NumericSchema(12), [](const float*) { return 0.5; });
  const Attributions result = ExplainOrFail(predictor, RandomBackground(8, 12, 1), RandomRows(2, 12, 2));
  EXPECT_EQ(result.base_value, 0.5);
  for (const double value : result.values) EXPECT_EQ(value, 0.0);
  for (const double error : result.standard_errors) EXPECT_EQ(error, 0.0);
}

TEST(Shapley, ARowDoesNotDependOnItsNeighbours) {
  const FunctionPredictor predictor(NumericSchema(11), Bent);
  const Background background = RandomBackground(8, 11, 1);
  const std::vector<float> rows = RandomRows(5, 11, 2);
  const Attributions together = ExplainOrFail(predictor, background, rows);
  const Attributions alone = ExplainOrFail(predictor, background, {rows.begin() + 33, rows.begin() + 44});
  for (int f = 0; f < 11; ++f) {
    EXPECT_EQ(together.values[33 + f], alone.values[f]);
    EXPECT_EQ(together.standard_errors[33 + f], alone.standard_errors[f]);
  }
  const Attributions other = ExplainOrFail(predictor, background, rows, {.seed = 2});
  EXPECT_NE(together.values, other.values);
}

TEST(Shapley, MoreRoundsGiveSmallerErrors) {
  const FunctionPredictor predictor(NumericSchema(11), Bent);
  const Background background = RandomBackground(8, 11, 1);
  const std::vector<float> rows = RandomRows(20, 11, 2);
  const auto mean_error = [&](int rounds) {
    const Attributions result = ExplainOrFail(predictor, background, rows, {.rounds = rounds, .exact_features = 0});
    return std::accumulate(result.standard_errors.begin(), result.standard_errors.end(), 0.0);
  };
  EXPECT_NEAR(mean_error(200) / mean_error(2), 0.1, 0.03);
}

TEST(Shapley, EnumeratesMoreSetsThanABatchHolds) {
  const FunctionPredictor predictor(NumericSchema(13), Bent);
  const Background background = RandomBackground(2, 13, 1);
  const std::vector<float> rows = RandomRows(2, 13, 2);
  const Attributions many = ExplainOrFail(predictor, background, rows, {.exact_features = 13});
  EXPECT_EQ(many.evaluations, 2 + 2 + 2 * 2 * ((1 << 13) - 2));
  for (int i = 0; i < 2; ++i) {
    std::vector<double> few;
    const Schema five = NumericSchema(5);
    const FunctionPredictor small(five, Bent);
    Background used;
    for (int b = 0; b < 2; ++b) {
      used.rows.insert(used.rows.end(), background.rows.begin() + b * 13, background.rows.begin() + b * 13 + 5);
    }
    used.weights = background.weights;
    const Attributions expected = ExplainOrFail(small, used, {rows.begin() + i * 13, rows.begin() + i * 13 + 5});
    for (int f = 0; f < 5; ++f) EXPECT_NEAR(many.values[i * 13 + f], expected.values[f], 1e-9);
  }
}

TEST(Shapley, ExplainsNoRowWhosePredictionsOverflow) {
  const FunctionPredictor predictor(NumericSchema(2), [](const float* x) {
    return x[0] > 1.0f && x[1] < 0.0f ? std::numeric_limits<double>::infinity() : x[0];
  });
  Background background;
  background.rows = {0.0f, -1.0f};
  background.weights = {1.0f};
  const Attributions result = ExplainOrFail(predictor, background, {2.0f, 1.0f, 0.5f, 1.0f});
  EXPECT_TRUE(std::isnan(result.predictions[0]));
  EXPECT_TRUE(std::isnan(result.values[0]) && std::isnan(result.values[1]));
  EXPECT_EQ(result.values[2], 0.5);
}

TEST(Shapley, StopsWhenAsked) {
  const FunctionPredictor predictor(NumericSchema(12), Bent);
  const std::vector<float> rows = RandomRows(50, 12, 2);
  int asked = 0;
  const StopCheck stop = [&] { return ++asked == 5 ? absl::DeadlineExceededError("too late") : absl::OkStatus(); };
  const auto result = ExplainRows(predictor, RandomBackground(32, 12, 1), rows.data(), 50, {}, stop);
  EXPECT_EQ(result.status(), absl::DeadlineExceededError("too late"));
  EXPECT_EQ(asked, 5);
  EXPECT_LE(predictor.rows_predicted(), 5 * PredictionBatch::kBatchRows);
}

TEST(Shapley, NamesWhatIsInvalid) {
  const FunctionPredictor predictor(NumericSchema(2), [](const float* x) { return x[0]; });
  const Background background = RandomBackground(2, 2, 1);
  const float row[] = {0.0f, 0.0f};
  const auto explain = [&](const Background& b, const ShapleyOptions& options) {
    return ExplainRows(predictor, b, row, 1, options).status();
  };
  EXPECT_EQ(explain(background, {.rounds = 1}), absl::InvalidArgumentError("rounds: expected 2 to 10000, got 1"));
  EXPECT_EQ(explain(background, {.exact_features = 17}),
            absl::InvalidArgumentError("exact_features: expected 0 to 16, got 17"));
  EXPECT_EQ(explain(RandomBackground(2, 3, 1), {}),
            absl::InvalidArgumentError("background.rows: expected 4 numbers, got 6"));
  const FunctionPredictor infinite(NumericSchema(2), [](const float*) { return HUGE_VAL; });
  EXPECT_EQ(ExplainRows(infinite, background, row, 1).status(),
            absl::FailedPreconditionError("background.rows[0]: expected a finite prediction, got inf"));
}

TEST(Shapley, OfNoRowsIsEmpty) {
  const FunctionPredictor predictor(NumericSchema(2), [](const float* x) { return x[0]; });
  const Attributions result = ExplainOrFail(predictor, RandomBackground(2, 2, 1), {});
  EXPECT_TRUE(result.values.empty());
  EXPECT_EQ(result.evaluations, 2);
}

TEST(ShapleyValues, OfTheGloveGame) {
  // Players 0 and 1 have a left glove, 2 a right one: only pairs are worth something.
  std::vector<double> values(3, 0.0);
  AddShapleyValues({0, 0, 0, 0, 0, 1, 1, 1}, absl::MakeSpan(values));
  EXPECT_DOUBLE_EQ(values[0], 1.0 / 6.0);
  EXPECT_DOUBLE_EQ(values[1], 1.0 / 6.0);
  EXPECT_DOUBLE_EQ(values[2], 4.0 / 6.0);
}

}  // namespace
}  // namespace roicast
