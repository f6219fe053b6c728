#include "server/services/models/artifact_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/campaign_artifact.h"
#include "model/artifact/artifact.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMegabyte = uint64_t{1} << 20;

// The header of an artifact of so many bytes.
std::string HeaderOf(uint64_t size) {
  std::string header = SerializeArtifact(bench::MakeCampaignArtifact(1)).substr(0, 56);
  for (size_t i = 0; i < 8; ++i) header[16 + i] = static_cast<char>((size - 56) >> (8 * i));
  return header;
}

TEST(ArtifactImport, TakesAnArtifactInPiecesOfAnySize) {
  const std::string bytes = SerializeArtifact(bench::MakeCampaignArtifact(1));
  for (const size_t piece : {size_t{1}, size_t{55}, size_t{1000}, bytes.size()}) {
    MemoryBudget memory(100 * kMegabyte, 0);
    ArtifactImport import(&memory);
    for (size_t begin = 0; begin < bytes.size(); begin += piece) {
      ASSERT_EQ(import.Add(absl::string_view(bytes).substr(begin, piece)), absl::OkStatus());
    }
    ASSERT_EQ(import.Finish(), absl::OkStatus());
    EXPECT_EQ(import.bytes(), bytes);
  }
}

// Whole files were received before the first byte was looked at.
TEST(ArtifactImport, WhatIsNoArtifactIsRefusedWithItsFirstPiece) {
  ArtifactImport import(MemoryBudget::Unlimited());
  EXPECT_EQ(import.Add("PK"), absl::InvalidArgumentError("not an artifact: the file does not start with \"ROICAST\""));
}

TEST(ArtifactImport, AnArtifactThatSaysThatItIsTooLargeIsRefusedWithItsHeader) {
  ArtifactImport import(MemoryBudget::Unlimited());
  const absl::Status refused = import.Add(HeaderOf(static_cast<uint64_t>(kMaxArtifactBytes) + 1));
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(refused.message(), "artifact bytes: limit 268435456, got 268435457");
  EXPECT_EQ(ReasonOf(refused), v1::REQUEST_TOO_LARGE);
}

TEST(ArtifactImport, MoreThanTheHeaderSaysIsRefusedAtOnce) {
  ArtifactImport import(MemoryBudget::Unlimited());
  EXPECT_EQ(import.Add(HeaderOf(100)), absl::OkStatus());
  EXPECT_EQ(import.Add(std::string(44, 'x')), absl::OkStatus());
  EXPECT_EQ(import.Add("x"),
            absl::DataLossError("artifact has trailing bytes: expected 100 bytes as its header says, got 101"));
}

TEST(ArtifactImport, WhatHasComeDrawsFromTheBudgetAndNotWhatTheHeaderPromises) {
  MemoryBudget memory(10 * kMegabyte, 0);
  {
    ArtifactImport import(&memory);
    EXPECT_EQ(import.Add(HeaderOf(200 * kMegabyte)), absl::OkStatus());
    EXPECT_EQ(memory.held(MemoryUse::kImports), kMegabyte);
    EXPECT_EQ(import.Add(std::string(8 * kMegabyte, 'x')), absl::OkStatus());
    EXPECT_EQ(memory.held(MemoryUse::kImports), 9 * kMegabyte);
    const absl::Status refused = import.Add(std::string(2 * kMegabyte, 'x'));
    EXPECT_TRUE(absl::IsResourceExhausted(refused));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("memory for imports: "));
    EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  }
  EXPECT_EQ(memory.held(), 0u);
}

TEST(ArtifactImport, VerifyingTakesMemoryForAMoment) {
  const std::string bytes = SerializeArtifact(bench::MakeCampaignArtifact(1));
  MemoryBudget memory(100 * kMegabyte, 0);
  ArtifactImport import(&memory);
  ASSERT_EQ(import.Add(bytes), absl::OkStatus());
  ASSERT_EQ(import.Finish(), absl::OkStatus());
  EXPECT_EQ(memory.held(), 4 * bytes.size());
  import.Verified();
  EXPECT_EQ(memory.held(), bytes.size());
}

}  // namespace
}  // namespace roicast
