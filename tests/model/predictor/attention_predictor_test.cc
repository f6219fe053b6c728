// Attention over features: the compiled form against the plain one, and its routes against each other.
#include "model/predictor/attention_predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "model/predictor/predictor.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using testing::ArtifactShape;
using testing::MakeAttentionArtifact;
using testing::MakeRows;

constexpr int64_t kCount = 41;  // two whole blocks and a part of one

std::vector<uint32_t> Bits(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (const float x : values) bits.push_back(std::bit_cast<uint32_t>(x));
  return bits;
}

Artifact RandomOne(Random& random) {
  ArtifactShape shape;
  shape.numeric = 1 + static_cast<int>(random.Below(6));
  shape.categorical = static_cast<int>(random.Below(3));
  shape.time = static_cast<int>(random.Below(2));
  shape.target = random.Below(2) == 0 ? TargetTransform::kAsinh : TargetTransform::kNone;
  const int heads = 1 + static_cast<int>(random.Below(4));
  const AttentionShape attention = {heads * (2 + static_cast<int>(random.Below(6))), heads,
                                    1 + static_cast<int>(random.Below(3)), 1 + static_cast<int>(random.Below(40))};
  return MakeAttentionArtifact(shape, attention, random);
}

class AttentionPredictorTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    if (!IsSupported(GetParam())) GTEST_SKIP() << "this machine lacks " << InstructionSetName(GetParam());
  }
  std::unique_ptr<const Predictor> Compile(const Artifact& artifact) const {
    auto predictor = predictor::CompileAttention(artifact, attention::KernelsFor(GetParam()));
    EXPECT_TRUE(predictor.ok()) << predictor.status();
    return *std::move(predictor);
  }
};

TEST_P(AttentionPredictorTest, AgreesWithReference) {
  Random random(20261128);
  int refused = 0;
  for (int round = 0; round < 40; ++round) {
    const Artifact artifact = RandomOne(random);
    const std::vector<float> rows = MakeRows(artifact.schema, kCount, true, random);
    std::vector<float> roi(kCount);
    Compile(artifact)->Predict(rows.data(), kCount, absl::MakeSpan(roi), {});
    const auto expected = PredictByReference(artifact, rows.data(), kCount);
    ASSERT_TRUE(expected.ok()) << expected.status();
    for (int64_t i = 0; i < kCount; ++i) {
      const double truth = (*expected)[i];
      ASSERT_EQ(std::isnan(roi[i]), std::isnan(truth)) << "round " << round << " row " << i;
      refused += std::isnan(truth) ? 1 : 0;
      if (std::isnan(truth)) continue;
      const double scale = std::max(std::abs(truth), artifact.target.RoiPerDeviation(truth));
      ASSERT_LE(std::abs(roi[i] - truth), 1e-5 * scale)
          << "round " << round << " row " << i << ": " << roi[i] << " against " << truth << " for "
          << artifact.DescribeNetwork();
    }
  }
  EXPECT_GT(refused, 10);
}

TEST_P(AttentionPredictorTest, EachRouteGivesTheSameBits) {
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    const Artifact artifact = RandomOne(random);
    const int features = artifact.schema.size();
    const std::vector<float> rows = MakeRows(artifact.schema, kCount, true, random);
    const auto predictor = Compile(artifact);
    std::vector<float> together(kCount), alone(kCount), shifted(kCount), by_column(kCount);
    std::vector<uint8_t> flags(kCount), flags_alone(kCount), flags_by_column(kCount);
    predictor->Predict(rows.data(), kCount, absl::MakeSpan(together), absl::MakeSpan(flags));
    for (int64_t i = 0; i < kCount; ++i) {
      predictor->Predict(&rows[i * features], 1, absl::MakeSpan(&alone[i], 1), absl::MakeSpan(&flags_alone[i], 1));
    }
    // Other neighbours, and another place in the block.
    predictor->Predict(&rows[5 * features], kCount - 5, absl::MakeSpan(shifted), {});
    std::vector<std::vector<float>> columns(features, std::vector<float>(kCount));
    std::vector<ColumnView> views(features);
    for (int f = 0; f < features; ++f) {
      for (int64_t i = 0; i < kCount; ++i) columns[f][i] = rows[i * features + f];
      views[f].floats = columns[f].data();
    }
    predictor->PredictColumns(views, kCount, absl::MakeSpan(by_column), absl::MakeSpan(flags_by_column));
    ASSERT_EQ(Bits(alone), Bits(together)) << "round " << round;
    ASSERT_EQ(Bits(by_column), Bits(together)) << "round " << round;
    shifted.resize(kCount - 5);
    ASSERT_EQ(Bits(shifted), Bits({together.begin() + 5, together.end()})) << "round " << round;
    ASSERT_EQ(flags_alone, flags) << "round " << round;
    ASSERT_EQ(flags_by_column, flags) << "round " << round;
    for (int64_t i = 0; i < kCount; ++i) {
      std::vector<RowWarning> warnings;
      const absl::Status status = predictor->Explain(&rows[i * features], warnings);
      ASSERT_EQ(status.ok(), !std::isnan(together[i])) << status;
      ASSERT_EQ(flags[i] != 0, !status.ok() || !warnings.empty()) << "round " << round << " row " << i;
    }
  }
}

TEST_P(AttentionPredictorTest, TheSpreadIsThePredictionBeforeItsInverse) {
  Random random(9);
  for (int round = 0; round < 10; ++round) {
    const Artifact artifact = RandomOne(random);
    const std::vector<float> rows = MakeRows(artifact.schema, kCount, true, random);
    const auto predictor = Compile(artifact);
    std::vector<float> plain(kCount), roi(kCount), location(kCount), log_scale(kCount, 9.0f);
    predictor->Predict(rows.data(), kCount, absl::MakeSpan(plain), {});
    predictor->PredictWithSpread(rows.data(), kCount, absl::MakeSpan(roi), {},
                                 {absl::MakeSpan(location), absl::MakeSpan(log_scale)});
    ASSERT_EQ(Bits(roi), Bits(plain)) << "round " << round;
    for (int64_t i = 0; i < kCount; ++i) {
      ASSERT_EQ(std::isnan(location[i]), std::isnan(roi[i]));
      ASSERT_EQ(log_scale[i], std::isnan(roi[i]) ? log_scale[i] : 0.0f);
      if (std::isnan(roi[i])) continue;
      const double z = (location[i] - artifact.target.offset) / artifact.target.factor;
      const double expected = artifact.target.ToRoi(z);
      ASSERT_NEAR(roi[i], expected, 1e-4 * (1.0 + std::abs(expected)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, AttentionPredictorTest, ::testing::ValuesIn(kAllInstructionSets),
                         [](const auto& set) { return std::string(InstructionSetName(set.param)); });

TEST(AttentionPredictor, IsCompiledForAnArtifactWithAttention) {
  Random random(3);
  Artifact artifact = MakeAttentionArtifact({}, {8, 2, 2, 8}, random);
  EXPECT_THAT(Predictor::Compile(artifact).status().message(),
              ::testing::HasSubstr("golden rows: expected at least 16"));
  testing::AddGoldenRows(16, random, artifact);
  const auto predictor = Predictor::Compile(artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  EXPECT_EQ((*predictor)->memory_bytes(), 4 * artifact.parameter_count());
  artifact.golden.predictions[4] += 1.0f;
  EXPECT_EQ(Predictor::Compile(artifact).status().code(), absl::StatusCode::kDataLoss);
}

TEST(AttentionPredictor, RefusesOtherInputs) {
  Random random(3);
  Artifact artifact = MakeAttentionArtifact({2, 0, 0}, {4, 1, 1, 4}, random);
  artifact.attention->feature_inputs = {9};
  artifact.attention->parameters.assign(AttentionLayout({4, 1, 1, 4}, {9}).size, 0.0f);
  const auto predictor = Predictor::CompileUnverified(artifact);
  EXPECT_EQ(predictor.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(predictor.status().message(), ::testing::HasSubstr("of 2 features, got 9 of 1"));
}

}  // namespace
}  // namespace roicast
