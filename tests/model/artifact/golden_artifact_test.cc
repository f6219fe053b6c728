// A file written once has to load for ever, with the predictions it had then.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/sha256.h"
#include "model/artifact/artifact.h"
#include "model/predictor/predictor.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

std::string GoldenFile(const std::string& name) {
  std::ifstream in(std::string(ROICAST_GOLDEN_DIR "/") + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TEST(GoldenArtifact, FormatOneLoadsAndPredictsAsWhenItWasWritten) {
  const std::string bytes = GoldenFile("format_1.roicast");
  ASSERT_EQ(Sha256Hex(bytes), "d7d335c003348b17c10552262b4978a4dba40bce676c6dc5b4ca363a6dafad98");
  const auto artifact = ParseArtifact(bytes);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->mlp.Describe(), "57 → 6 SiLU → 4 SiLU → 1");
  EXPECT_EQ(SerializeArtifact(*artifact), bytes);
  const auto predictor = Predictor::Compile(*artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  const auto reference = PredictByReference(*artifact, artifact->golden.rows.data(), 3);
  ASSERT_TRUE(reference.ok()) << reference.status();
  const float expected[] = {-0.0409229621f, -0.101426534f, -0.065366216f};
  for (int i = 0; i < 3; ++i) EXPECT_NEAR((*reference)[i], expected[i], 1e-5 * std::abs(expected[i])) << i;
}

// Writes the file of the current format to the path in ROICAST_WRITE_GOLDEN; only for a new format version.
TEST(GoldenArtifact, IsWrittenOnRequest) {
  const char* path = std::getenv("ROICAST_WRITE_GOLDEN");
  if (path == nullptr) GTEST_SKIP() << "ROICAST_WRITE_GOLDEN is not set";
  Random random(2026);
  testing::ArtifactShape shape;
  shape.numeric = 5;
  shape.hidden = {6, 4};
  shape.activation = Activation::kSilu;
  Artifact artifact = testing::MakeArtifact(shape, random);
  testing::AddGoldenRows(16, random, artifact);
  std::ofstream out(path, std::ios::binary);
  out << SerializeArtifact(artifact);
  ASSERT_TRUE(out.good());
  std::printf("%s\n", artifact.mlp.Describe().c_str());
  for (int i = 0; i < 3; ++i) std::printf("%.9gf, ", artifact.golden.predictions[i]);
}

}  // namespace
}  // namespace roicast
