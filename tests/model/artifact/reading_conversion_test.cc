#include "model/artifact/reading_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/data/csv_table.h"

namespace roicast {
namespace {

TableReading DetectOrFail(absl::string_view text) {
  TextSource source(text);
  absl::StatusOr<TableReading> reading = DetectTable(source, {});
  EXPECT_TRUE(reading.ok()) << reading.status();
  return reading.ok() ? *std::move(reading) : TableReading();
}

TEST(TableReadingConversion, ARecordedReadingGivesTheSameTable) {
  const std::string text =
      "Date;Spend;Days;Region\r\n17/05/2024;1.234,50;30 days;NA\r\n18/05/2024;12,00;1 day;NA\r\n"
      "19/05/2024;3.400,25;7 days;EMEA\r\n20/05/2024;99,00;8 days;NA\r\n";
  const TableReading reading = DetectOrFail(text);
  const v1::TableReading proto = TableReadingToProto(reading);
  EXPECT_EQ(proto.file().delimiter(), ";");
  EXPECT_EQ(proto.file().line_end(), v1::LINE_END_CRLF);
  EXPECT_EQ(proto.file().rows(), 4);
  EXPECT_EQ(proto.columns(0).times(), v1::TIME_FORMAT_DAY_FIRST);
  EXPECT_EQ(proto.columns(1).decimal_mark(), v1::DECIMAL_MARK_COMMA);
  EXPECT_EQ(proto.columns(1).thousands_separator(), ".");
  EXPECT_EQ(proto.columns(2).unit(), "days");

  const auto back = TableReadingFromProto(proto, "reading");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->file, reading.file);
  EXPECT_EQ(back->names, reading.names);
  CsvTableOptions options;
  options.reading = *back;
  const auto first = ReadCsvText(text, {});
  const auto again = ReadCsvText(text, options);
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(back->columns[i].form, reading.columns[i].form) << reading.names[i];
    EXPECT_EQ(again->table.columns()[i].numbers, first->table.columns()[i].numbers);
    EXPECT_EQ(again->table.columns()[i].dictionary, first->table.columns()[i].dictionary);
  }
  EXPECT_EQ(TableReadingToProto(*back).SerializeAsString(), proto.SerializeAsString());
}

TEST(TableReadingConversion, NamesWhatItDoesNotKnow) {
  v1::TableReading proto = TableReadingToProto(DetectOrFail("a,b\n1,2\n"));
  proto.mutable_file()->set_delimiter("ab");
  EXPECT_EQ(TableReadingFromProto(proto, "reading").status().message(),
            "reading.file.delimiter: expected one byte, got \"ab\"");
  proto.mutable_file()->set_delimiter(",");
  proto.mutable_columns(1)->set_thousands_separator("~");
  EXPECT_EQ(TableReadingFromProto(proto, "reading").status().message(),
            "reading.columns[1].thousands_separator: expected a separator known to this release, got \"~\"");
}

TEST(TableReadingFromProto, KeepsTheSpellingsOfMissing) {
  TableReading reading;
  reading.missing_values = {"unknown", ""};
  const auto read = TableReadingFromProto(TableReadingToProto(reading), "reading");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->missing_values, reading.missing_values);
}

TEST(TableOptionsFromProto, TakesWhatAPersonSays) {
  v1::CsvOptions proto;
  proto.set_delimiter("|");
  proto.set_encoding(v1::TEXT_ENCODING_LATIN_1);
  proto.set_header_line(3);
  proto.set_keep_totals(true);
  proto.add_missing_values("?");
  v1::ColumnFormat& column = *proto.add_columns();
  column.set_name("Cost");
  column.set_decimal_mark(v1::DECIMAL_MARK_COMMA);
  column.set_scale(1e-6);
  proto.add_columns()->set_times(v1::TIME_FORMAT_MONTH_FIRST);
  const auto options = TableOptionsFromProto(proto, "csv");
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->file.delimiter, '|');
  EXPECT_EQ(options->file.encoding, Encoding::kLatin1);
  EXPECT_EQ(options->file.header_line, 3);
  EXPECT_TRUE(options->file.keep_totals);
  EXPECT_TRUE(options->missing.Matches("?"));
  ASSERT_EQ(options->columns.size(), 2u);
  EXPECT_EQ(options->columns[0].decimal_mark, ',');
  EXPECT_EQ(options->columns[0].scale, 1e-6);
  EXPECT_EQ(options->columns[1].time, TimeFormat::kMonthFirst);
}

TEST(TableOptionsFromProto, RefusesWhatNoFileCanHave) {
  const auto message = [](const v1::CsvOptions& proto) {
    return std::string(TableOptionsFromProto(proto, "header.csv").status().message());
  };
  v1::CsvOptions proto;
  proto.set_delimiter("ab");
  EXPECT_EQ(message(proto), "header.csv.delimiter: expected one byte, no quote, line end or NUL, got \"ab\"");
  proto.set_delimiter(std::string(1, '\0'));
  EXPECT_EQ(message(proto), "header.csv.delimiter: expected one byte, no quote, line end or NUL, got \"\\x00\"");
  proto.clear_delimiter();
  proto.set_header_line(2);
  proto.set_no_header(true);
  EXPECT_EQ(message(proto), "header.csv.header_line: expected 0 with no_header, got 2");
  proto.clear_header_line();
  proto.add_columns()->set_scale(0);
  EXPECT_EQ(message(proto), "header.csv.columns[0].scale: expected a finite number other than 0, got 0");
}

}  // namespace
}  // namespace roicast
