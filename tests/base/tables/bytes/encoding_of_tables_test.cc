#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/tables/table_reader.h"
#include "tests/base/tables/whole_reading.h"

namespace roicast {
namespace {

using std::string_literals::operator""s;
using roicast::testing::Cells;
using roicast::testing::Notes;
using roicast::testing::Read;
using roicast::testing::Reading;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(TableReader, OneNulInAFileOfTextIsNamed) {
  std::string text = "campaign,channel,spend,revenue\nalpha,Search,100,200\nbeta,Vi_deo,300,400\n";
  text[text.find('_')] = '\0';
  TableReader reader(FileOptions(), {});
  absl::Status status = reader.Feed(text);
  if (status.ok()) status = reader.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "line 3, column 2: expected text, got a NUL character: is the file damaged, or in another encoding than "
            "utf-8 (--encoding)?");
}

TEST(TableReader, ReadsWindows1252AndSaysSo) {
  const Reading reading = Read("R\xE9gion;D\xE9pense\r\n\xCEle;3,10 \x80\r\nSud;4\r\n");
  EXPECT_EQ(reading.form.encoding, Encoding::kWindows1252);
  EXPECT_THAT(reading.header, ElementsAre("R\xC3\xA9gion", "D\xC3\xA9pense"));
  EXPECT_THAT(reading.rows[0], ElementsAre("\xC3\x8Ele", "3,10 \xE2\x82\xAC"));
  EXPECT_EQ(Notes(reading)[0], "the text is not UTF-8; it was read as Windows-1252 | --encoding latin-1");
}

TEST(TableReader, RefusesEncodingsOfOtherScripts) {
  // 广告系列,消费 in GBK.
  const std::string text = "\xB9\xE3\xB8\xE6\xCF\xB5\xC1\xD0,\xCF\xFB\xB7\xD1\nx,1\n";
  EXPECT_THAT(std::string(Read(text).status.message()), HasSubstr("got text that looks Chinese (GBK): convert it"));
  FileOptions options;
  options.encoding = Encoding::kWindows1252;
  EXPECT_THAT(Read(text, options).rows, SizeIs(1));
}

TEST(TableReader, ReadsUtf16WithAndWithoutMark) {
  for (const bool mark : {false, true}) {
    std::string bytes = mark ? "\xFF\xFE"s : ""s;
    for (const char c : "a\tb\n1\t2\n"s) bytes += {c, '\0'};
    const Reading reading = Read(bytes);
    EXPECT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.form.encoding, Encoding::kUtf16Le);
    EXPECT_EQ(reading.form.byte_order_mark, mark);
    EXPECT_EQ(reading.form.delimiter, '\t');
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}));
  }
}

TEST(TableReader, BytesBeyondTheSampleChangeTheEncoding) {
  std::string text = "a,b\n";
  while (text.size() < 300'000) text += "plain,1\n";
  const Reading reading = Read(text + "r\xE9gion,2\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.form.encoding, Encoding::kWindows1252);
  EXPECT_EQ(reading.rows.back()[0], "r\xC3\xA9gion");
}

TEST(TableReader, BytesThatContradictTheSampleNameABetterWay) {
  std::string text = "a,b\n\xC3\xA9,1\n";
  while (text.size() < 300'000) text += "plain,1\n";
  for (int i = 0; i < 10; ++i) text += "r\xE9gion,2\n";
  const Reading reading = Read(text);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(reading.status.message()), HasSubstr("(--encoding windows-1252)"));
  ASSERT_TRUE(reading.better.has_value());
  EXPECT_EQ(reading.better->encoding, Encoding::kWindows1252);
  const Reading again = Read(text, *reading.better);
  EXPECT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(again.rows.back()[0], "r\xC3\xA9gion");
}

TEST(TableReader, WarnsOfDamagedCharacters) {
  const Reading reading = Read("name,b\n\xC3\xA9\xC3\xA9\xC3\xA9,1\nx\xE9,2\n");
  EXPECT_THAT(reading.rows[1], ElementsAre("x\xEF\xBF\xBD", "2"));
  EXPECT_THAT(Notes(reading),
              ElementsAre("! 3: 1 character is not valid UTF-8 and became U+FFFD | --encoding windows-1252"));
}

}  // namespace
}  // namespace roicast
