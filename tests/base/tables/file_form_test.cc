#include "base/tables/file_form.h"

#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

TEST(FileForm, EncodingsHaveTheNamesOfFlags) {
  for (const Encoding encoding :
       {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf16Be, Encoding::kWindows1252, Encoding::kLatin1}) {
    EXPECT_EQ(ParseEncoding(EncodingName(encoding)), encoding);
  }
  EXPECT_EQ(EncodingName(Encoding::kWindows1252), "windows-1252");
  EXPECT_EQ(ParseEncoding("UTF-16LE"), Encoding::kUtf16Le);
  EXPECT_EQ(ParseEncoding("utf8x"), std::nullopt);
}

TEST(FileForm, DelimitersHaveNames) {
  EXPECT_EQ(DelimiterName(';'), "a semicolon");
  EXPECT_EQ(DelimiterName('~'), "\"~\"");
}

TEST(FileOptions, RefuseWhatCannotBe) {
  EXPECT_TRUE(FileOptions().Validate().ok());
  FileOptions options;
  for (const char delimiter : {'"', '\n', '\r', '\0', '\xE9'}) {
    options.delimiter = delimiter;
    EXPECT_EQ(options.Validate().message(),
              "delimiter: expected one ASCII character other than a quote, a line end or NUL");
  }
  options = {};
  options.header_line = 0;
  EXPECT_EQ(options.Validate().message(), "header_line: expected the number of a line, from 1, got 0");
  options.header_line = 3;
  EXPECT_TRUE(options.Validate().ok());
  options.has_header = false;
  EXPECT_EQ(options.Validate().message(), "header_line: expected none for a file without a header, got 3");
}

TEST(FileOptions, FromAFormLeaveNothingToDetect) {
  FileForm form;
  form.encoding = Encoding::kWindows1252;
  form.delimiter = ';';
  form.header_line = 4;
  FileOptions options = FileOptions::From(form);
  EXPECT_EQ(options.encoding, Encoding::kWindows1252);
  EXPECT_EQ(options.delimiter, ';');
  EXPECT_EQ(options.has_header, true);
  EXPECT_EQ(options.header_line, 4);
  form.header_line = 0;
  options = FileOptions::From(form);
  EXPECT_EQ(options.has_header, false);
  EXPECT_EQ(options.header_line, std::nullopt);
  EXPECT_TRUE(options.Validate().ok());
}

}  // namespace
}  // namespace roicast
