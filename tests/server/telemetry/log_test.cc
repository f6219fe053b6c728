#include "server/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "server/telemetry/access_log.h"
#include "tests/testing/fake_clock.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

class LogTest : public ::testing::Test {
 protected:
  Logger Make(LogFormat format, LogLevel level = LogLevel::kInfo) {
    LogOptions options;
    options.format = format;
    options.level = level;
    options.out = &out_;
    options.clock = &clock_;
    return Logger(options);
  }
  size_t Lines() const {
    const std::string text = out_.str();
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  FakeClock clock_{absl::FromUnixMillis(1'769'860'800'123)};
  std::ostringstream out_;
};

TEST_F(LogTest, TextHasTimeLevelMessageAndFields) {
  Make(LogFormat::kText)
      .Info("published", {{"model", "shop"}, {"version", 3}, {"r2", 0.5}, {"new", true}, {"note", "a \"b\"\nc"}});
  EXPECT_EQ(out_.str(),
            "2026-01-31T12:00:00.123Z info published model=shop version=3 r2=0.5 new=true note=\"a \\\"b\\\"\\nc\"\n");
}

TEST_F(LogTest, JsonIsOneObjectALine) {
  Make(LogFormat::kJson).Error("disk \"full\"", {{"model", "shop"}, {"version", 3}, {"r2", 0.5}, {"bytes", "a\xff"}});
  EXPECT_EQ(out_.str(),
            "{\"time\":\"2026-01-31T12:00:00.123Z\",\"level\":\"error\",\"message\":\"disk \\\"full\\\"\","
            "\"model\":\"shop\",\"version\":3,\"r2\":0.5,\"bytes\":\"a\xEF\xBF\xBD\"}\n");
}

// Names and messages come from clients; a log is read on a terminal.
TEST_F(LogTest, TextFromOutsideIsShownHarmlessly) {
  const char hostile[] = "x\x1b]0;t\x07\u009b2J\u202Ey\r\nz";
  Make(LogFormat::kText).Info(hostile, {{"model", hostile}, {"word", "\u202Ex"}, {"escape", "\x1b[2J"}});
  EXPECT_EQ(out_.str(),
            "2026-01-31T12:00:00.123Z info x\\033]0;t\\007<U+009B>2J<U+202E>y\\r\\nz "
            "model=\"x\\033]0;t\\007<U+009B>2J<U+202E>y\\r\\nz\" word=\"<U+202E>x\" escape=\"\\033[2J\"\n");
  out_.str("");
  Make(LogFormat::kJson).Info("m", {{"model", hostile}});
  EXPECT_THAT(out_.str(), HasSubstr("\"model\":\"x\\u001b]0;t\\u0007\\u009b2J\\u202ey\\r\\nz\""));
}

TEST_F(LogTest, LinesBelowTheLevelAreLeftOut) {
  const Logger logger = Make(LogFormat::kText, LogLevel::kWarning);
  logger.Debug("d");
  logger.Info("i");
  logger.Warning("w");
  logger.Error("e");
  EXPECT_EQ(out_.str(), "2026-01-31T12:00:00.123Z warning w\n2026-01-31T12:00:00.123Z error e\n");
}

TEST_F(LogTest, TheLevelCanBeChanged) {
  Logger logger = Make(LogFormat::kText, LogLevel::kWarning);
  logger.SetLevel(LogLevel::kDebug);
  logger.Debug("d");
  logger.SetLevel(LogLevel::kError);
  logger.Warning("w");
  EXPECT_EQ(out_.str(), "2026-01-31T12:00:00.123Z debug d\n");
}

TEST_F(LogTest, BracesInAMessageArePlainText) {
  Make(LogFormat::kText).Info("{} {0} %v");
  EXPECT_THAT(out_.str(), HasSubstr(" info {} {0} %v\n"));
}

TEST_F(LogTest, NamesOfLevelsAndFormatsAreChecked) {
  EXPECT_EQ(*ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("loud").status(),
            absl::InvalidArgumentError("expected debug, info, warning or error, got \"loud\""));
  EXPECT_EQ(*ParseLogFormat("json"), LogFormat::kJson);
  EXPECT_EQ(ParseLogFormat("xml").status(), absl::InvalidArgumentError("expected text or json, got \"xml\""));
}

TEST_F(LogTest, TheAccessLogTakesEveryNthCall) {
  const Logger logger = Make(LogFormat::kText);
  AccessLogOptions options;
  options.sample_every = 3;
  AccessLog log(logger, options);
  int sampled = 0;
  for (int i = 0; i < 9; ++i) sampled += log.Sampled() ? 1 : 0;
  EXPECT_EQ(sampled, 3);
  AccessLog off(logger, AccessLogOptions());
  EXPECT_FALSE(off.Sampled());
  off.SampleEvery(1);
  EXPECT_TRUE(off.Sampled());
}

TEST_F(LogTest, TheAccessLogIsLimitedPerSecondAndCountsWhatItLeftOut) {
  const Logger logger = Make(LogFormat::kText);
  AccessLogOptions options;
  options.sample_every = 1;
  options.max_lines_per_second = 2;
  options.clock = &clock_;
  AccessLog log(logger, options);
  AccessRecord record;
  record.method = "PredictionService/Predict";
  record.code = absl::StatusCode::kNotFound;
  record.latency = absl::Microseconds(150);
  record.model = "shop";
  record.version = 2;
  record.rows = 1;
  record.peer = "ipv4:127.0.0.1:5000";
  for (int i = 0; i < 5; ++i) log.Record(record);
  EXPECT_EQ(Lines(), 2u);
  clock_.Advance(absl::Seconds(1));
  log.Record(record);
  EXPECT_THAT(out_.str(),
              HasSubstr("2026-01-31T12:00:01.123Z info call method=PredictionService/Predict code=NOT_FOUND "
                        "latency_us=150 model=shop version=2 rows=1 peer=ipv4:127.0.0.1:5000 suppressed=3\n"));
}

}  // namespace
}  // namespace roicast
