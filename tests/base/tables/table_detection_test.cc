#include "base/tables/table_detection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/random.h"
#include "tests/base/tables/dialect.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TableReading Detect(absl::string_view text, const TableOptions& options = {}) {
  TextSource source(text);
  absl::StatusOr<TableReading> reading = DetectTable(source, options);
  EXPECT_TRUE(reading.ok()) << reading.status();
  return reading.ok() ? *std::move(reading) : TableReading();
}

// A pipe.
class OnceSource : public TextSource {
 public:
  using TextSource::TextSource;
  absl::Status Rewind() override { return absl::FailedPreconditionError("a pipe"); }
};

std::string MisleadingText() {
  std::string text = "a,b\n\xC3\xA9,1\n";
  while (text.size() < 300'000) text += "plain,1\n";
  for (int i = 0; i < 10; ++i) text += "r\xE9gion,2\n";
  return text;
}

TEST(DetectTable, FindsFileAndColumns) {
  const TableReading reading =
      Detect("Export\n\nDatum;Kanal;Kosten\n17/05/2024;Suche;1.200,50\n18/05/2024;Video;300,25\nSumme;--;1.500,75\n");
  EXPECT_EQ(reading.file.delimiter, ';');
  EXPECT_EQ(reading.file.header_line, 3);
  EXPECT_THAT(reading.names, ElementsAre("Datum", "Kanal", "Kosten"));
  EXPECT_EQ(reading.rows, 2);
  ASSERT_THAT(reading.columns, SizeIs(3));
  EXPECT_EQ(reading.columns[0].form.kind, ColumnKind::kTime);
  EXPECT_EQ(reading.columns[0].form.time, TimeFormat::kDayFirst);
  EXPECT_EQ(reading.columns[1].form.kind, ColumnKind::kWords);
  EXPECT_EQ(reading.columns[2].form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.columns[2].form.number.decimal_mark, ',');
  EXPECT_EQ(reading.columns[2].present, 2);
  ASSERT_THAT(reading.left_out, SizeIs(3));
  EXPECT_EQ(reading.left_out[2], (LeftOutCount{LeftOut::kTotals, 1, {6}, "Summe;--;1.500,75"}));
}

TEST(DetectTable, StartsOverWhenTheFirstBytesMisled) {
  const std::string text = MisleadingText();
  const TableReading reading = Detect(text);
  EXPECT_EQ(reading.file.encoding, Encoding::kWindows1252);
  ASSERT_FALSE(reading.notes.empty());
  EXPECT_EQ(reading.notes[0].message, "the text is not UTF-8, though it begins so; it was read as Windows-1252");
  OnceSource once(text);
  EXPECT_EQ(DetectTable(once, {}).status().code(), absl::StatusCode::kAborted);
}

TEST(DetectTable, ASecondLineOfTheHeaderIsSaid) {
  const TableReading reading = Detect("channel,spend,clicks\n,USD,count\na,1,2\nb,3,4\nc,5,6\nd,7,8\n");
  ASSERT_FALSE(reading.notes.empty());
  const TableNote& note = reading.notes.back();
  EXPECT_TRUE(note.warning);
  EXPECT_THAT(note.lines, ElementsAre(2));
  EXPECT_EQ(
      note.message,
      "the first row has words such as \"USD\" in columns of numbers: it looks like a second line of the header; those "
      "cells count as missing");
  EXPECT_THAT(note.flags, ElementsAre("--header-line 2"));
}

TEST(DetectTable, ErrorsNameTheLine) {
  TextSource source("a,b\n1,2\n3,\"4\n");
  EXPECT_EQ(DetectTable(source, {}).status().message(),
            "line 3, column 2: expected a closing quote, got the end of the file");
}

TEST(DetectSample, LeavesOutWhatIsIncomplete) {
  absl::StatusOr<TableReading> reading = DetectSample("a,b\n1,2\n3,4\n5,\"6", true, {});
  ASSERT_TRUE(reading.ok()) << reading.status();
  EXPECT_EQ(reading->rows, 2);
  EXPECT_EQ(reading->columns[1].form.kind, ColumnKind::kNumber);
  reading = DetectSample("a,b\n1,2\n3,4", false, {});
  ASSERT_TRUE(reading.ok()) << reading.status();
  EXPECT_EQ(reading->rows, 2);
}

// Whatever the dialect, the same columns are found, and reading again in the form that was found finds them again.
TEST(DetectTable, AllDialectsGiveTheSameColumns) {
  Random random(23);
  for (int round = 0; round < 200; ++round) {
    const testing::PlainTable table = testing::RandomTable(random);
    const testing::DialectFile file = testing::WriteInRandomDialect(table, random);
    const TableReading reading = Detect(file.bytes);
    ASSERT_EQ(reading.rows, static_cast<int64_t>(table.rows.size())) << file.description;
    for (size_t i = 0; i < table.names.size(); ++i) {
      const bool number = absl::StartsWith(table.names[i], "Amount");
      ASSERT_EQ(reading.columns[i].form.kind, number ? ColumnKind::kNumber : ColumnKind::kWords) << file.description;
      if (!number) continue;
      ASSERT_EQ(reading.columns[i].form.number.decimal_mark, '.');
    }
    const TableReading again = Detect(file.bytes, OptionsFrom(reading, {}));
    ASSERT_EQ(again.file, reading.file);
    for (size_t i = 0; i < table.names.size(); ++i) ASSERT_EQ(again.columns[i].form, reading.columns[i].form);
  }
}

}  // namespace
}  // namespace roicast
