#include "server/telemetry/protobuf_log.h"

#include <gmock/gmock.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_split.h"
#include "tests/testing/fake_clock.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

TEST(ProtobufLog, ItsLinesHaveTheLogsFormAndAClientCannotFillTheLog) {
  // libprotobuf keeps the logger until the process ends.
  auto* const out = new std::ostringstream;
  const auto* const clock = new FakeClock(absl::FromUnixSeconds(1'700'000'000));
  const auto* const logger = new Logger({.format = LogFormat::kJson, .out = out, .clock = clock});
  SendProtobufLogTo(logger);
  const std::string not_utf8("\x0a\x02\xff\xfe", 4);
  google::protobuf::StringValue message;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(message.ParseFromString(not_utf8));
  const std::vector<std::string> lines = absl::StrSplit(out->str(), '\n', absl::SkipEmpty());
  ASSERT_GE(lines.size(), 1u);
  // The loop may run into the next second, or the one after.
  EXPECT_LE(lines.size(), 30u);
  EXPECT_THAT(lines[0], HasSubstr("\"level\":\"error\",\"message\":\"libprotobuf\",\"text\":\"String field "
                                  "'google.protobuf.StringValue.value' contains invalid UTF-8 data"));
  EXPECT_THAT(lines[0], HasSubstr("\"suppressed\":0}"));
}

}  // namespace
}  // namespace roicast
