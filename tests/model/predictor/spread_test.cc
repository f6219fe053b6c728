// The second road: predictions with what intervals are made of.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "model/features/preprocessor.h"
#include "model/predictor/compiled_predictor.h"
#include "model/predictor/kernels.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using testing::MakeRandomArtifact;
using testing::MakeRows;

constexpr int64_t kRows = 150;

std::vector<uint32_t> BitsOf(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (const float value : values) bits.push_back(std::isnan(value) ? 0x7fc00000u : std::bit_cast<uint32_t>(value));
  return bits;
}

// A random head, unless the network has no hidden layer.
Artifact WithHead(Random& random) {
  Artifact artifact = MakeRandomArtifact(random);
  Calibration& calibration = artifact.calibration.emplace();
  calibration.groups = {{-1, 3, {-1.0f, 0.0f, 2.0f}}};
  if (artifact.gate.has_value()) calibration.levels = {-1, 3, {0.0f, 0.5f, 1.0f}};
  const size_t layers = artifact.mlp.layers.size();
  if (layers == 1) return artifact;
  DenseLayer& head = calibration.log_scale.emplace();
  head.weights.resize(1, artifact.mlp.layers[layers - 2].weights.rows());
  for (float& weight : head.weights.reshaped()) weight = static_cast<float>(0.3 * random.Normal());
  head.biases = Eigen::VectorXf::Constant(1, -1.5f);
  return artifact;
}

struct Result {
  explicit Result(int64_t n) : roi(n), location(n), log_scale(n), share(n), flags(n) {}
  std::vector<float> roi, location, log_scale, share;
  std::vector<uint8_t> flags;
  Predictor::Spread spread() { return {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)}; }
};

class Spread : public ::testing::TestWithParam<const predictor::Kernels*> {};

TEST_P(Spread, EachRouteGivesTheSameBitsAndThoseOfPredict) {
  Random random(17);
  for (int round = 0; round < 60; ++round) {
    const Artifact artifact = WithHead(random);
    const int features = artifact.schema.size();
    const std::vector<float> rows = MakeRows(artifact.schema, kRows, true, random);
    const auto predictor = predictor::CompileFor(artifact, *GetParam());
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    std::vector<float> plain(kRows);
    std::vector<uint8_t> plain_flags(kRows);
    (*predictor)->Predict(rows.data(), kRows, absl::MakeSpan(plain), absl::MakeSpan(plain_flags));

    Result together(kRows), alone(kRows), by_column(kRows);
    (*predictor)
        ->PredictWithSpread(rows.data(), kRows, absl::MakeSpan(together.roi), absl::MakeSpan(together.flags),
                            together.spread());
    for (int64_t i = 0; i < kRows; ++i) {
      (*predictor)
          ->PredictWithSpread(&rows[i * features], 1, absl::MakeSpan(&alone.roi[i], 1),
                              absl::MakeSpan(&alone.flags[i], 1),
                              {absl::MakeSpan(&alone.location[i], 1), absl::MakeSpan(&alone.log_scale[i], 1),
                               absl::MakeSpan(&alone.share[i], 1)});
    }
    std::vector<std::vector<float>> columns(features, std::vector<float>(kRows));
    std::vector<ColumnView> views(features);
    for (int f = 0; f < features; ++f) {
      for (int64_t i = 0; i < kRows; ++i) columns[f][i] = rows[i * features + f];
      views[f].floats = columns[f].data();
    }
    (*predictor)
        ->PredictColumnsWithSpread(views, kRows, absl::MakeSpan(by_column.roi), absl::MakeSpan(by_column.flags),
                                   by_column.spread());

    for (Result* result : {&together, &alone, &by_column}) {
      ASSERT_EQ(BitsOf(result->roi), BitsOf(plain)) << "round " << round;
      ASSERT_EQ(result->flags, plain_flags) << "round " << round;
      for (int64_t i = 0; i < kRows; ++i) {
        ASSERT_EQ(std::isnan(result->location[i]), std::isnan(plain[i]));
        if (std::isnan(plain[i])) result->log_scale[i] = result->share[i] = 0.0f;  // not told
      }
      ASSERT_EQ(BitsOf(result->location), BitsOf(together.location)) << "round " << round;
      ASSERT_EQ(BitsOf(result->log_scale), BitsOf(together.log_scale)) << "round " << round;
      ASSERT_EQ(BitsOf(result->share), BitsOf(together.share)) << "round " << round;
    }
  }
}

TEST_P(Spread, MatchesThePlainFormulas) {
  Random random(23);
  int heads = 0, gates = 0;
  for (int round = 0; round < 40; ++round) {
    const Artifact artifact = WithHead(random);
    const std::vector<float> rows = MakeRows(artifact.schema, kRows, false, random);
    const auto predictor = predictor::CompileFor(artifact, *GetParam());
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    Result result(kRows);
    (*predictor)->PredictWithSpread(rows.data(), kRows, absl::MakeSpan(result.roi), {}, result.spread());
    const auto preprocessor = Preprocessor::Create(artifact.schema, artifact.features);
    std::vector<float> encoded(preprocessor->encoded_size());
    // The head in the place of the last layer.
    Mlp head = artifact.mlp;
    if (artifact.calibration->log_scale.has_value()) head.layers.back() = *artifact.calibration->log_scale;
    heads += artifact.calibration->log_scale.has_value();
    for (int64_t i = 0; i < kRows; ++i) {
      preprocessor->EncodeRow(&rows[i * artifact.schema.size()], encoded.data());
      const double m = artifact.target.ToTransformed(artifact.mlp.Evaluate(encoded.data()));
      ASSERT_NEAR(result.location[i], m, 1e-4 * (1.0 + std::abs(m))) << "round " << round;
      const double scale = artifact.calibration->log_scale.has_value() ? head.Evaluate(encoded.data()) : 0.0;
      ASSERT_NEAR(result.log_scale[i], scale, 1e-4 * (1.0 + std::abs(scale))) << "round " << round;
      if (!artifact.gate.has_value()) continue;
      ++gates;
      const double log_odds = artifact.mlp.EvaluateHead(encoded.data(), *artifact.gate);
      ASSERT_NEAR(result.share[i], 1.0 / (1.0 + std::exp(-log_odds)), 1e-4) << "round " << round;
    }
  }
  EXPECT_GT(heads, 10);
  EXPECT_GT(gates, 0);
}

TEST_P(Spread, IntervalsMatchThePlainFormulas) {
  Random random(29);
  for (const TargetTransform transform : {TargetTransform::kNone, TargetTransform::kAsinh, TargetTransform::kLog1p}) {
    Artifact artifact = testing::MakeArtifact({.target = transform}, random);
    artifact.target.roi_floor = -1.0;
    const auto predictor = predictor::CompileFor(artifact, *GetParam());
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    const FittedTarget plain = artifact.target.WithoutSmearing();
    for (const int64_t n : {1, 3, 5, 16, 37}) {
      std::vector<float> location(n), log_scale(n), low_score(n), high_score(n), low(n), high(n), score(n);
      for (int64_t i = 0; i < n; ++i) {
        location[i] = static_cast<float>(random.Normal());
        log_scale[i] = static_cast<float>(random.Normal());
        low_score[i] = static_cast<float>(-random.Uniform());
        high_score[i] = static_cast<float>(random.Uniform());
      }
      location[n - 1] = n > 1 ? NAN : location[0];
      (*predictor)
          ->FillIntervals({n, location.data(), log_scale.data(), low_score.data(), high_score.data(), low.data(),
                           high.data(), 0.25f, score.data()});
      for (int64_t i = 0; i < n; ++i) {
        if (std::isnan(location[i])) {
          EXPECT_TRUE(std::isnan(low[i]) && std::isnan(high[i]) && std::isnan(score[i]));
          continue;
        }
        const double scale = std::exp(log_scale[i]);
        const double z = (location[i] - plain.offset) / plain.factor;
        const double expected_low = plain.ToRoi(z + low_score[i] * scale);
        const double expected_high = plain.ToRoi(z + high_score[i] * scale);
        EXPECT_NEAR(low[i], expected_low, 1e-4 * (1.0 + std::abs(expected_low)));
        EXPECT_NEAR(high[i], expected_high, 1e-4 * (1.0 + std::abs(expected_high)));
        EXPECT_GE(low[i], -1.0f);
        const double expected_score = (0.25 - location[i]) / (plain.factor * scale);
        EXPECT_NEAR(score[i], expected_score, 1e-4 * (1.0 + std::abs(expected_score)));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Spread, ::testing::ValuesIn(predictor::SupportedKernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace roicast
