#include "base/tables/bytes/foreign_file.h"

#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

using std::string_literals::operator""s;

std::string Refusal(absl::string_view start) {
  const absl::Status status = RefuseForeignFile(start);
  return status.ok() ? "" : std::string(status.message());
}

TEST(ForeignFile, SaysWhatItIsAndWhatToDo) {
  const std::string expected = "expected a text file with rows and columns, got ";
  EXPECT_EQ(Refusal("PK\x03\x04..[Content_Types].xml..."),
            expected + "an Excel workbook (.xlsx) or another Office file: save it as CSV");
  EXPECT_EQ(Refusal("PK\x03\x04..table.csv.."), expected + "a ZIP archive: unpack it, or use gzip or zstd");
  EXPECT_EQ(Refusal("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x01\x02"),
            expected + "an Excel workbook (.xls) or another old Office file: save it as CSV");
  EXPECT_EQ(Refusal("PAR1\x15\x04"s), expected + "a Parquet file: export it as CSV");
  EXPECT_EQ(Refusal("%PDF-1.7\n"), expected + "a PDF document: export rows and columns as CSV");
  EXPECT_EQ(Refusal("SQLite format 3\0x"s), expected + "an SQLite database: export it as CSV");
  EXPECT_EQ(Refusal("\n <!DOCTYPE html><html>"),
            expected + "a web page (HTML): was it saved from a browser that was not signed in? Download the CSV");
  for (const char* json : {"[{\"a\": 1}]", "{\n  \"rows\": []}", "\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}"}) {
    EXPECT_EQ(Refusal(json), expected + "JSON: convert it to CSV, with a row per campaign");
  }
  EXPECT_EQ(Refusal(std::string(257, 'x') + "ustar\0"s), expected + "a tar archive: unpack it");
}

TEST(ForeignFile, TakesTextThatOnlyLooksLikeIt) {
  for (const char* text : {"a,b\n1,2\n", "", "ORC_id,b\n", "PAR1,x\n", "[id],[name]\n1,2\n", "{id},x\n", "Rar!,x\n"}) {
    EXPECT_EQ(Refusal(text), "") << text;
  }
}

}  // namespace
}  // namespace roicast
