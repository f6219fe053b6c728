// The compiled form against the plain one, over random schemas, networks and rows, for each instruction set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "model/features/preprocessor.h"
#include "model/predictor/compiled_predictor.h"
#include "model/predictor/kernels.h"
#include "model/predictor/predictor.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using predictor::Kernels;
using testing::MakeRandomArtifact;
using testing::MakeRandomEnsemble;
using testing::MakeRows;

constexpr int64_t kRows = 150;  // two whole blocks and a part of one

class PredictorProperty : public ::testing::TestWithParam<const Kernels*> {};

std::vector<uint32_t> BitsOf(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (const float x : values) bits.push_back(std::bit_cast<uint32_t>(x));
  return bits;
}

TEST_P(PredictorProperty, CompiledAgreesWithReference) {
  Random random(20261123);
  int floored = 0, refused_beside_a_floor = 0;
  for (int round = 0; round < 150; ++round) {
    const Artifact artifact = round % 3 == 2 ? MakeRandomEnsemble(random) : MakeRandomArtifact(random);
    const std::vector<float> rows = MakeRows(artifact.schema, kRows, true, random);
    const auto predictor = predictor::CompileFor(artifact, *GetParam());
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    std::vector<float> roi(kRows);
    (*predictor)->Predict(rows.data(), kRows, absl::MakeSpan(roi), {});
    const auto expected = PredictByReference(artifact, rows.data(), kRows);
    ASSERT_TRUE(expected.ok()) << expected.status();
    for (int64_t i = 0; i < kRows; ++i) {
      const double truth = (*expected)[i];
      ASSERT_EQ(std::isnan(roi[i]), std::isnan(truth)) << "round " << round << " row " << i;
      const double floor = artifact.target.roi_floor;
      floored += roi[i] == static_cast<float>(floor) ? 1 : 0;
      refused_beside_a_floor += std::isfinite(floor) && std::isnan(truth) ? 1 : 0;
      if (std::isnan(truth)) continue;
      const double scale = std::max(std::abs(truth), artifact.target.RoiPerDeviation(truth));
      ASSERT_LE(std::abs(roi[i] - truth), 1e-5 * scale) << "round " << round << " row " << i << ": " << roi[i]
                                                        << " against " << truth << " for " << artifact.mlp.Describe();
    }
  }
  EXPECT_GT(floored, 0);
  EXPECT_GT(refused_beside_a_floor, 0);
}

TEST_P(PredictorProperty, EachRouteGivesTheSameBits) {
  Random random(7);
  for (int round = 0; round < 150; ++round) {
    const Artifact artifact = round % 3 == 2 ? MakeRandomEnsemble(random) : MakeRandomArtifact(random);
    const int features = artifact.schema.size();
    const std::vector<float> rows = MakeRows(artifact.schema, kRows, true, random);
    const auto predictor = predictor::CompileFor(artifact, *GetParam());
    ASSERT_TRUE(predictor.ok()) << predictor.status();

    std::vector<float> together(kRows), alone(kRows), shifted(kRows), by_column(kRows);
    std::vector<uint8_t> flags(kRows), flags_alone(kRows), flags_shifted(kRows), flags_by_column(kRows);
    (*predictor)->Predict(rows.data(), kRows, absl::MakeSpan(together), absl::MakeSpan(flags));
    for (int64_t i = 0; i < kRows; ++i) {
      (*predictor)->Predict(&rows[i * features], 1, absl::MakeSpan(&alone[i], 1), absl::MakeSpan(&flags_alone[i], 1));
    }
    // Other neighbours, another place in the block, a part of a block.
    for (int64_t begin = 0, size = 1; begin < kRows; begin += size, ++size) {
      size = std::min(size, kRows - begin);
      (*predictor)
          ->Predict(&rows[begin * features], size, absl::MakeSpan(&shifted[begin], size),
                    absl::MakeSpan(&flags_shifted[begin], size));
    }
    std::vector<std::vector<float>> columns(features, std::vector<float>(kRows));
    std::vector<ColumnView> views(features);
    for (int f = 0; f < features; ++f) {
      for (int64_t i = 0; i < kRows; ++i) columns[f][i] = rows[i * features + f];
      views[f].floats = columns[f].data();
    }
    (*predictor)->PredictColumns(views, kRows, absl::MakeSpan(by_column), absl::MakeSpan(flags_by_column));

    ASSERT_EQ(BitsOf(alone), BitsOf(together)) << "round " << round << " " << artifact.mlp.Describe();
    ASSERT_EQ(BitsOf(shifted), BitsOf(together)) << "round " << round << " " << artifact.mlp.Describe();
    ASSERT_EQ(BitsOf(by_column), BitsOf(together)) << "round " << round << " " << artifact.mlp.Describe();
    ASSERT_EQ(flags_alone, flags) << "round " << round;
    ASSERT_EQ(flags_shifted, flags) << "round " << round;
    ASSERT_EQ(flags_by_column, flags) << "round " << round;
  }
}

TEST_P(PredictorProperty, FlagsAgreeWithExplain) {
  Random random(99);
  int warned = 0, refused = 0, usual = 0;
  for (int round = 0; round < 60; ++round) {
    const Artifact artifact = round % 3 == 2 ? MakeRandomEnsemble(random) : MakeRandomArtifact(random);
    const std::vector<float> rows = MakeRows(artifact.schema, kRows, true, random);
    const auto predictor = predictor::CompileFor(artifact, *GetParam());
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    std::vector<float> roi(kRows);
    std::vector<uint8_t> flags(kRows);
    (*predictor)->Predict(rows.data(), kRows, absl::MakeSpan(roi), absl::MakeSpan(flags));
    for (int64_t i = 0; i < kRows; ++i) {
      std::vector<RowWarning> warnings;
      const absl::Status status = (*predictor)->Explain(&rows[i * artifact.schema.size()], warnings);
      ASSERT_EQ(status.ok(), !std::isnan(roi[i])) << status;
      ASSERT_EQ(flags[i] != 0, !status.ok() || !warnings.empty()) << "round " << round << " row " << i;
      if (!status.ok()) {
        ASSERT_TRUE(warnings.empty());
      }
      ++(!status.ok() ? refused : warnings.empty() ? usual : warned);
    }
  }
  EXPECT_GT(usual, 100);
  EXPECT_GT(warned, 100);
  EXPECT_GT(refused, 100);
}

INSTANTIATE_TEST_SUITE_P(Kernels, PredictorProperty, ::testing::ValuesIn(predictor::SupportedKernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace roicast
