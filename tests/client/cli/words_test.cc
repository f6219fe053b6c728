#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/enum_words.h"
#include "client/cli/format.h"

namespace roicast::client {
namespace {

TEST(Format, WritesNumbersForPeople) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(FormatCount(-123456), "-123,456");
  EXPECT_EQ(FormatNumber(0.12345), "0.1235");
  EXPECT_EQ(FormatNumber(-12493.4), "-12,493");
  EXPECT_EQ(FormatNumber(1e12), "1e+12");
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatClock(absl::Seconds(7)), "0:07");
  EXPECT_EQ(FormatClock(absl::Seconds(3725)), "1:02:05");
  EXPECT_EQ(FormatLatency(85'000), "85 µs");
  EXPECT_EQ(FormatLatency(1'250'000), "1.25 ms");
  EXPECT_EQ(FormatState(v1::JOB_STATE_RUNNING), "running");
  EXPECT_EQ(FormatVersion("mine", 3), "mine version 3");
  EXPECT_EQ(FormatTransform(v1::NUMERIC_TRANSFORM_LOG1P), "log1p");
  EXPECT_EQ(FormatTransform(v1::NUMERIC_TRANSFORM_NONE), "");
  EXPECT_EQ(WarningName(v1::WARNING_KIND_VALUE_IMPUTED), "value_imputed");
  EXPECT_EQ(FormatRate(500, absl::Milliseconds(100)), "5,000");
  EXPECT_EQ(FormatBar(0.5, 4), "[##..]");
  EXPECT_EQ(FormatBar(7, 4), "[####]");
  EXPECT_EQ(FormatValidation(1234, true), "1,234 to choose the epoch");
  EXPECT_EQ(FormatValidation(1234, false), "1,234 only watched");
  EXPECT_EQ(FormatValidation(0, false), "0 for validation");
}

TEST(EnumWords, AreThoseOfTheApi) {
  EXPECT_THAT(EnumWords<v1::Preset>(),
              ::testing::ElementsAre("compact", "classic", "classic-full-batch", "accurate", "attention", "auto"));
  EXPECT_THAT(EnumWords<v1::TargetKind>(), ::testing::ElementsAre("number", "two-valued", "zero-heavy"));
  EXPECT_EQ(EnumOfWord<v1::Activation>("leaky-relu"), v1::ACTIVATION_LEAKY_RELU);
  EXPECT_EQ(EnumOfWord<v1::Activation>("linear"), v1::ACTIVATION_UNSPECIFIED);
  EXPECT_EQ(EnumWord(v1::JOB_STATE_UNSPECIFIED, ' '), "unspecified");
}

}  // namespace
}  // namespace roicast::client
