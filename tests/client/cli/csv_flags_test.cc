#include "client/cli/csv_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/tables/time_form.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CsvFlags Parse(std::vector<std::string> arguments) {
  CLI::App app;
  CsvFlags flags;
  flags.AddTo(app);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  return flags;
}

const ColumnNames& Columns() {
  static const ColumnNames columns({"Cost", "Cost, net", "Date", "Start"});
  return columns;
}

std::string Error(const std::vector<std::string>& arguments) {
  return std::string(Parse(arguments).ToProto(Columns()).status().message());
}

TEST(CsvFlags, WhatIsNotGivenIsDetected) {
  const CsvFlags flags = Parse({});
  const FileOptions file = *flags.ToFileOptions();
  EXPECT_EQ(file.encoding, std::nullopt);
  EXPECT_EQ(file.delimiter, std::nullopt);
  EXPECT_EQ(file.has_header, std::nullopt);
  EXPECT_EQ(file.header_line, std::nullopt);
  EXPECT_EQ(flags.ToProto(Columns())->ByteSizeLong(), 0u);
  EXPECT_EQ(flags.First(), "");
}

TEST(CsvFlags, SayHowTheFileIsWritten) {
  const CsvFlags flags =
      Parse({"--encoding", "utf-16le", "--delimiter", "semicolon", "--header-line", "4", "--keep-totals"});
  const FileOptions file = *flags.ToFileOptions();
  EXPECT_EQ(file.encoding, Encoding::kUtf16Le);
  EXPECT_EQ(file.delimiter, ';');
  EXPECT_EQ(file.header_line, 4);
  EXPECT_TRUE(file.keep_totals);
  EXPECT_TRUE(file.Validate().ok());
  const v1::CsvOptions options = *flags.ToProto(Columns());
  EXPECT_EQ(options.encoding(), v1::TEXT_ENCODING_UTF_16LE);
  EXPECT_EQ(options.delimiter(), ";");
  EXPECT_EQ(options.header_line(), 4);
  EXPECT_TRUE(options.keep_totals());
  EXPECT_EQ(flags.First(), "--encoding");
  EXPECT_EQ(Parse({"--no-header"}).ToFileOptions()->has_header, false);
  EXPECT_TRUE(Parse({"--no-header"}).ToProto(Columns())->no_header());
}

TEST(CsvFlags, EachEncodingHasTheSameNameInTheApi) {
  for (const char* name : {"utf-8", "utf-16le", "utf-16be", "windows-1252", "latin-1"}) {
    const CsvFlags flags = Parse({"--encoding", name});
    EXPECT_EQ(EncodingName(*flags.ToFileOptions()->encoding), name);
    EXPECT_NE(flags.ToProto(Columns())->encoding(), v1::TEXT_ENCODING_UNSPECIFIED);
  }
}

TEST(CsvFlags, DelimitersAreBytesOrWords) {
  const auto delimiter = [](const std::string& text) {
    return Parse({"--delimiter", text}).ToFileOptions()->delimiter;
  };
  EXPECT_EQ(delimiter("tab"), '\t');
  EXPECT_EQ(delimiter("\\t"), '\t');
  EXPECT_EQ(delimiter("pipe"), '|');
  EXPECT_EQ(delimiter("comma"), ',');
  EXPECT_EQ(delimiter(";"), ';');
  EXPECT_EQ(delimiter("^"), '^');
}

TEST(CsvFlags, SayHowColumnsAreWritten) {
  const v1::CsvOptions options = *Parse({"--decimal", "comma", "--decimal", "Cost, net=point", "--dates",
                                         "Date=day-first,Start=excel", "--scale", "Cost, net=0.000001"})
                                      .ToProto(Columns());
  ASSERT_EQ(options.columns_size(), 4);
  EXPECT_EQ(options.columns(0).name(), "");
  EXPECT_EQ(options.columns(0).decimal_mark(), v1::DECIMAL_MARK_COMMA);
  EXPECT_EQ(options.columns(1).name(), "Cost, net");
  EXPECT_EQ(options.columns(1).decimal_mark(), v1::DECIMAL_MARK_POINT);
  EXPECT_EQ(options.columns(1).scale(), 0.000001);
  EXPECT_EQ(options.columns(2).name(), "Date");
  EXPECT_EQ(options.columns(2).times(), v1::TIME_FORMAT_DAY_FIRST);
  EXPECT_FALSE(options.columns(2).has_scale());
  EXPECT_EQ(options.columns(3).times(), v1::TIME_FORMAT_EXCEL_SERIAL);
}

TEST(CsvFlags, SayTheSameToALocalReader) {
  const std::vector<ColumnOptions> options =
      *Parse({"--decimal", "comma", "--decimal", "Cost, net=point", "--scale", "Cost, net=0.01"})
           .ToColumnOptions(Columns());
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].name, "");
  EXPECT_EQ(options[0].decimal_mark, ',');
  EXPECT_EQ(options[0].scale, std::nullopt);
  EXPECT_EQ(options[1].name, "Cost, net");
  EXPECT_EQ(options[1].decimal_mark, '.');
  EXPECT_EQ(options[1].scale, 0.01);
  EXPECT_EQ(options[1].time, std::nullopt);
  const TableOptions table =
      *Parse({"--decimal", "comma", "--delimiter", "tab", "--missing-values", "x"}).ToTableOptions(Columns());
  EXPECT_EQ(table.file.delimiter, '\t');
  EXPECT_EQ(table.columns.at(0).decimal_mark, ',');
  EXPECT_TRUE(table.missing.Matches("X"));
  EXPECT_TRUE(table.missing.Matches("null"));
}

TEST(CsvFlags, EveryTimeFormatOfTheApiHasAWord) {
  std::vector<int> formats;
  for (const char* word : {"iso", "day-first", "month-first", "year-first", "month-name", "compact", "iso-week",
                           "quarter", "epoch", "epoch-ms", "excel"}) {
    formats.push_back(Parse({"--dates", word}).ToProto(Columns())->columns(0).times());
    EXPECT_EQ(TimeFormatName(*Parse({"--dates", word}).ToColumnOptions(Columns())->at(0).time), word);
  }
  EXPECT_THAT(formats, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

TEST(CsvFlags, MissingValuesAreRepeatedOrListed) {
  EXPECT_THAT(Parse({"--missing-values", "x,y", "--missing-values", "no\\, thanks"}).MissingValues(),
              ElementsAre("x", "y", "no, thanks"));
}

TEST(CsvFlags, AnEmptyMissingValueTakesTheUsualWordsAway) {
  const TableOptions table = *Parse({"--missing-values", "", "--missing-values", "x"}).ToTableOptions(Columns());
  EXPECT_TRUE(table.missing.Matches("x"));
  EXPECT_FALSE(table.missing.Matches("null"));
}

TEST(CsvFlags, ErrorsNameTheFlagWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(Error({"--delimiter", ";;"}), "--delimiter: expected one byte, tab, comma, semicolon or pipe, got \";;\"");
  EXPECT_EQ(Error({"--delimiter", "é"}), "--delimiter: expected one byte, tab, comma, semicolon or pipe, got \"é\"");
  EXPECT_THROW(Parse({"--header-line", "0"}), CLI::ValidationError);
  EXPECT_EQ(Error({"--decimal", "dot"}), "--decimal: expected point or comma, got \"dot\"");
  EXPECT_EQ(Error({"--decimal", "Cost=,"}), "--decimal: expected point or comma, got \",\"");
  EXPECT_EQ(Error({"--dates", "Date=dmy"}),
            "--dates: expected iso, day-first, month-first, year-first, month-name, compact, iso-week, quarter, epoch, "
            "epoch-ms, excel, got \"dmy\"");
  EXPECT_EQ(Error({"--dates", "Dat=day-first"}), "--dates Dat=day-first: no column \"Dat\"; did you mean \"Date\"?");
  EXPECT_EQ(Error({"--scale", "0.01"}), "--scale: expected COLUMN=FACTOR, got \"0.01\"");
  EXPECT_EQ(Error({"--scale", "Cost=0"}), "--scale: expected a number other than 0, got \"0\"");
  EXPECT_EQ(Error({"--scale", "Cost=inf"}), "--scale: expected a number other than 0, got \"inf\"");
  EXPECT_EQ(Error({"--decimal", "comma", "--decimal", "point"}),
            "--decimal: expected one value for all columns, got comma and point");
  EXPECT_EQ(Error({"--dates", "Date=epoch", "--dates", "Date=excel"}),
            "--dates: expected one value for column \"Date\", got epoch and excel");
  EXPECT_EQ(Error({"--scale", "Cost=2", "--scale", "Cost=3"}),
            "--scale: expected one value for column \"Cost\", got 2 and 3");
  EXPECT_EQ(Error({"--dates", "Date=epoch", "--dates", "Date=epoch"}), "");
  EXPECT_THROW(Parse({"--encoding", "utf-7"}), CLI::ValidationError);
  EXPECT_EQ(Error({"--no-header", "--header-line", "2"}), "expected either --no-header or --header-line, got both");
}

}  // namespace
}  // namespace roicast::client
