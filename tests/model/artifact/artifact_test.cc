#include "model/artifact/artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "tests/model/artifact/artifact_bytes.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using testing::SmallArtifact;
using testing::WithBody;

std::string Message(absl::string_view bytes) { return std::string(ParseArtifact(bytes).status().message()); }

// An imported version showed 0 where the same one, published by its job, showed that nothing was held out.
TEST(TrainingReport, HoldoutR2IsNanWhereNothingWasHeldOut) {
  TrainingReport report;
  EXPECT_TRUE(std::isnan(report.HoldoutR2()));
  report.holdout.model.rows = 10;
  report.holdout.model.transformed.r2 = 0.75;
  EXPECT_EQ(report.HoldoutR2(), 0.75);
}

TEST(ArtifactFile, HeaderIsAsDocumented) {
  const std::string bytes = SerializeArtifact(SmallArtifact());
  EXPECT_EQ(bytes.substr(0, 8), std::string("ROICAST\0", 8));
  EXPECT_EQ(bytes.substr(8, 8), std::string("\x01\0\0\0\x38\0\0\0", 8));
  const size_t body = bytes.size() - 56;
  EXPECT_EQ(static_cast<uint8_t>(bytes[16]) + 256u * static_cast<uint8_t>(bytes[17]), body);
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(24, 32)), Sha256Hex(bytes.substr(56)));
}

TEST(ArtifactFile, RoundTripsByteForByte) {
  Random random(11);
  for (int round = 0; round < 20; ++round) {
    Artifact artifact = testing::MakeRandomArtifact(random);
    testing::AddGoldenRows(16, random, artifact);
    const std::string bytes = SerializeArtifact(artifact);
    const auto parsed = ParseArtifact(bytes);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(SerializeArtifact(*parsed), bytes);
    EXPECT_EQ(parsed->schema.Digest(), artifact.schema.Digest());
    EXPECT_EQ(parsed->mlp.layers[0].weights, artifact.mlp.layers[0].weights);
    EXPECT_EQ(parsed->target.roi_floor, artifact.target.roi_floor);
  }
}

TEST(ArtifactFile, TornAtAnyByteIsDataLoss) {
  const std::string bytes = SerializeArtifact(SmallArtifact());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto parsed = ParseArtifact(absl::string_view(bytes).substr(0, size));
    ASSERT_EQ(parsed.status().code(), absl::StatusCode::kDataLoss) << size << ": " << parsed.status();
  }
  EXPECT_EQ(Message(bytes.substr(0, 20)), "artifact is truncated: expected a header of 56 bytes, got 20");
  EXPECT_EQ(
      Message(bytes.substr(0, bytes.size() - 1)),
      absl::StrCat("artifact is truncated: expected a body of ", bytes.size() - 56, " bytes, got ", bytes.size() - 57));
}

TEST(ArtifactFile, TrailingBytesAreDataLoss) {
  const std::string bytes = SerializeArtifact(SmallArtifact()) + "x";
  EXPECT_EQ(ParseArtifact(bytes).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(bytes), HasSubstr("artifact has trailing bytes"));
}

TEST(ArtifactFile, AFlippedBitAnywhereIsRefused) {
  const std::string bytes = SerializeArtifact(SmallArtifact());
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ mask);
      const absl::StatusCode code = ParseArtifact(flipped).status().code();
      // Wrong magic or format version: not an artifact of this release. Anything else: a damaged one.
      ASSERT_EQ(code, i < 12 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kDataLoss) << i;
    }
  }
}

TEST(ArtifactFile, ForeignFileIsRefused) {
  EXPECT_EQ(ParseArtifact("PK\x03\x04 a zip archive of some model").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message("PK\x03\x04 a zip archive of some model"),
            "not an artifact: the file does not start with \"ROICAST\"");
}

TEST(ArtifactFile, FutureFormatIsRefusedNamingBothVersions) {
  std::string bytes = SerializeArtifact(SmallArtifact());
  bytes[8] = 7;
  EXPECT_EQ(ParseArtifact(bytes).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(bytes), "artifact has format version 7, this release reads version 1");
}

TEST(ArtifactFile, OversizedFileIsRefusedUnread) {
  const std::string bytes = SerializeArtifact(SmallArtifact());
  const absl::string_view huge(bytes.data(), static_cast<size_t>(kMaxArtifactBytes) + 1);
  EXPECT_EQ(ParseArtifact(huge).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Message(huge), "artifact: expected at most 268435456 bytes, got 268435457");
}

TEST(ArtifactFile, ABodyOfAMillionEmptyFeaturesIsRefusedBeforeItIsBuilt) {
  std::string features;
  for (int i = 0; i < 1 << 20; ++i) features.append("\x12\0", 2);  // field 2, length 0
  EXPECT_EQ(ParseArtifact(WithBody(features)).status().code(), absl::StatusCode::kInvalidArgument);
  features.append("\x12\0", 2);
  EXPECT_EQ(Message(WithBody(features)), "artifact body: more than 1048576 fields");
}

TEST(ArtifactFile, ABodyThatIsNotAProtobufIsRefused) {
  EXPECT_EQ(Message(WithBody("\xff\xff\xff\xff\xff\xff")), "artifact body: not a valid protobuf message");
  EXPECT_EQ(ParseArtifact(WithBody("")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ArtifactFile, ItsSizeIsKnownFromItsHeader) {
  const std::string bytes = SerializeArtifact(SmallArtifact());
  for (const size_t size : {size_t{0}, size_t{1}, size_t{8}, size_t{55}}) {
    const auto known = ArtifactSizeFromStart(absl::string_view(bytes).substr(0, size));
    ASSERT_TRUE(known.ok()) << known.status();
    EXPECT_EQ(*known, std::nullopt) << size;
  }
  for (const size_t size : {size_t{56}, bytes.size()}) {
    const auto known = ArtifactSizeFromStart(absl::string_view(bytes).substr(0, size));
    ASSERT_TRUE(known.ok()) << known.status();
    EXPECT_EQ(*known, static_cast<int64_t>(bytes.size()));
  }
}

TEST(ArtifactFile, OtherFilesAreRecognisedByTheirFirstByte) {
  EXPECT_EQ(ArtifactSizeFromStart("P").status(),
            absl::InvalidArgumentError("not an artifact: the file does not start with \"ROICAST\""));
  std::string bytes = SerializeArtifact(SmallArtifact());
  bytes[8] = 7;
  EXPECT_EQ(ArtifactSizeFromStart(bytes).status(),
            absl::InvalidArgumentError("artifact has format version 7, this release reads version 1"));
  bytes[8] = 1;
  for (int i = 16; i < 24; ++i) bytes[static_cast<size_t>(i)] = '\xff';
  EXPECT_EQ(*ArtifactSizeFromStart(bytes), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace roicast
