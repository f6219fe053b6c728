#include "base/csv/csv_values.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace roicast {
namespace {

TEST(MissingSpellings, KnowsTheUsualOnesWithoutCase) {
  const MissingSpellings spellings;
  for (const char* cell : {"", "  ", "\t", "NA", "na", " N/A ", "#N/A", "NULL", "None", "NaN"}) {
    EXPECT_TRUE(IsMissing(cell, spellings)) << cell;
  }
  for (const char* cell : {"0", "nano", "n a", "no"}) EXPECT_FALSE(IsMissing(cell, spellings)) << cell;
}

TEST(MissingSpellings, GivenOnesReplaceTheDefaultOnes) {
  const MissingSpellings spellings(std::vector<std::string>{"?", "Unknown"});
  EXPECT_TRUE(IsMissing("?", spellings));
  EXPECT_TRUE(IsMissing("unknown", spellings));
  EXPECT_TRUE(IsMissing("", spellings));
  EXPECT_FALSE(IsMissing("NA", spellings));
}

TEST(ParseNumber, TakesDecimalNumbers) {
  EXPECT_EQ(ParseNumber("12"), 12.0);
  EXPECT_EQ(ParseNumber(" -0.5 "), -0.5);
  EXPECT_EQ(ParseNumber("+1e-3"), 0.001);
  EXPECT_EQ(ParseNumber(".5"), 0.5);
  EXPECT_EQ(ParseNumber("5."), 5.0);
  EXPECT_EQ(ParseNumber("0.1"), 0.1);
  EXPECT_EQ(ParseNumber("1E5"), 1e5);
}

TEST(ParseNumber, RefusesEverythingElse) {
  for (const char* cell : {"", "abc", "1,000", "1 000", "0x10", "inf", "-Infinity", "nan", "1e999", "1.2.3", "++1",
                           "+-1", "12%", "$5", "--1"}) {
    EXPECT_EQ(ParseNumber(cell), std::nullopt) << cell;
  }
}

TEST(ParseTime, TakesIso8601) {
  EXPECT_EQ(ParseTime("1970-01-01"), 0);
  EXPECT_EQ(ParseTime("2025-03-01"), 1740787200);
  EXPECT_EQ(ParseTime("2025-03-01T12:30:45Z"), 1740832245);
  EXPECT_EQ(ParseTime("2025-03-01 12:30:45"), 1740832245);
  EXPECT_EQ(ParseTime("2025-03-01 12:30"), 1740832200);
  EXPECT_EQ(ParseTime("2025-03-01T12:30:45.987Z"), 1740832245);
  EXPECT_EQ(ParseTime("2025-03-01T14:30:45+02:00"), 1740832245);
  EXPECT_EQ(ParseTime("2025-03-01T14:30:45+0200"), 1740832245);
  EXPECT_EQ(ParseTime("2025-03-01T07:30:45-05"), 1740832245);
  EXPECT_EQ(ParseTime(" 2024-02-29 "), 1709164800);
  EXPECT_EQ(ParseTime("1900-01-01"), -2208988800);
  EXPECT_EQ(ParseTime("1969-12-31T23:59:59Z"), -1);
}

TEST(ParseTime, RefusesWhatIsNotATime) {
  for (const char* cell : {"",
                           "2025",
                           "2025-3-1",
                           "2025-13-01",
                           "2025-02-29",
                           "2025-00-10",
                           "2025-01-32",
                           "01/02/2025",
                           "2025-03-01T",
                           "2025-03-01T24:00",
                           "2025-03-01T12",
                           "2025-03-01T12:60",
                           "2025-03-01 12:30:60",
                           "2025-03-01T12:30:45X",
                           "2025-03-01T12:30:45+25:00",
                           "2025-03-01T12:30:45.",
                           "20250301",
                           "1899-12-31",
                           "2200-01-01",
                           "2025-03-01T12:30Z1"}) {
    EXPECT_EQ(ParseTime(cell), std::nullopt) << cell;
  }
}

TEST(FormatTime, IsReadBackByParseTime) {
  EXPECT_EQ(FormatTime(1740832245), "2025-03-01T12:30:45Z");
  for (int64_t time = -2208988800; time < 7258118400; time += 86400 * 97 + 12345) {
    EXPECT_EQ(ParseTime(FormatTime(time)), time) << FormatTime(time);
  }
}

}  // namespace
}  // namespace roicast
