#include "base/tables/table_detection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "base/tables/number_form.h"
#include "base/tables/table_reader.h"
#include "base/tables/time_form.h"
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

TableOptions DrawingFrom(MemoryBudget& memory) {
  TableOptions options;
  options.memory = &memory;
  return options;
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

// Cells of many looks, so that all columns have much to tell.
std::string WideTable(int columns) {
  std::string text = "c";
  for (int i = 1; i < columns; ++i) absl::StrAppend(&text, ",c", i);
  for (const char* cell :
       {"1", "1.5", "$5", "5%", "12 days", "(5)", "2024-05-01", "01.05.2024", "12:30", "word", "5 kg", "RM 326.50",
        "another word that is so long that it takes memory of its own", "007"}) {
    absl::StrAppend(&text, "\n", cell);
    for (int i = 1; i < columns; ++i) absl::StrAppend(&text, ",", cell);
  }
  return text + "\n";
}

// Uploads of 50 kB took 200 MB of which the budget knew nothing.
TEST(DetectTable, DrawsFromTheBudget) {
  const std::string text = WideTable(1000);
  MemoryBudget enough(64'000'000, 0);
  Detect(text, DrawingFrom(enough));
  EXPECT_EQ(enough.held(), 0) << "it is given back";
  const uint64_t peak = enough.TakePeak();
  EXPECT_GT(peak, 5'000'000) << "5 kB a column";
  EXPECT_LT(peak, 30'000'000);

  MemoryBudget few(1'000'000, 0);
  TextSource source(text);
  const absl::Status refused = DetectTable(source, DrawingFrom(few)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(IsMemoryRefusal(refused)) << refused;
  EXPECT_TRUE(absl::StartsWith(refused.message(), "the table: to find out how its columns are written takes "))
      << refused;
  EXPECT_EQ(few.held(), 0);
  Detect("a,b\n1,2\n", DrawingFrom(few));
}

TEST(DetectTable, CountsTheWindowOfCompression) {
  ZSTD_CCtx* const zstd = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, 26);
  std::string text = "a,b\n";
  while (text.size() < 1'000'000) text += "1,2\n";
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  ZSTD_outBuffer out = {packed.data(), packed.size(), 0};
  // In two steps: else the frame says how little it has, and the window is no larger.
  for (const ZSTD_EndDirective directive : {ZSTD_e_flush, ZSTD_e_end}) {
    ZSTD_inBuffer in = {text.data(), directive == ZSTD_e_flush ? text.size() : 0, 0};
    while (ZSTD_compressStream2(zstd, &out, &in, directive) != 0) {
    }
  }
  packed.resize(out.pos);
  ZSTD_freeCCtx(zstd);

  MemoryBudget enough(200'000'000, 0);
  EXPECT_EQ(Detect(packed, DrawingFrom(enough)).rows, 249'999);
  EXPECT_GT(enough.TakePeak(), 64 << 20);
  MemoryBudget few(50'000'000, 0);
  TextSource source(packed);
  const absl::Status refused = DetectTable(source, DrawingFrom(few)).status();
  EXPECT_TRUE(IsMemoryRefusal(refused)) << refused;
  EXPECT_TRUE(
      absl::StartsWith(refused.message(), "the table: the window of its compression and its longest row take 68 MB"))
      << refused;
}

// A server that was asked to stop did so after 10 s.
TEST(DetectTable, StopsWhileItDecides) {
  const std::string text = WideTable(50);
  int asked = 0;
  TableOptions options;
  options.stop = [&asked] {
    ++asked;
    return absl::OkStatus();
  };
  Detect(text, options);
  EXPECT_GT(asked, 50) << "for each column";
  const int last = asked;
  asked = 0;
  options.stop = [&] { return ++asked == last ? absl::CancelledError("no longer wanted") : absl::OkStatus(); };
  TextSource source(text);
  EXPECT_EQ(DetectTable(source, options).status(), absl::CancelledError("no longer wanted"));
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

// How the numbers and dates of one file are written.
struct Spelling {
  char decimal_mark;
  std::string grouping;
  std::string before;
  std::string after;
  TimeFormat time;
};

Spelling RandomSpelling(Random& random) {
  static const std::vector<std::string> kGroups = {"", " ", "\xC2\xA0", "'", "\xE2\x80\xAF"};
  Spelling spelling;
  spelling.decimal_mark = random.Below(2) == 0 ? '.' : ',';
  const size_t group = random.Below(kGroups.size() + 1);
  spelling.grouping = group < kGroups.size() ? kGroups[group] : spelling.decimal_mark == '.' ? "," : ".";
  const std::vector<std::string> before = {"", "$", "EUR "};
  const std::vector<std::string> after = {"", " \xE2\x82\xAC", " USD"};
  const size_t unit = random.Below(5);
  if (unit < before.size()) spelling.before = before[unit];
  if (unit >= before.size()) spelling.after = after[unit - 2];
  spelling.time = static_cast<TimeFormat>(random.Below(6));
  return spelling;
}

// cents ≥ 0.
std::string WriteAmount(int64_t cents, const Spelling& spelling) {
  std::string digits = absl::StrCat(cents / 100);
  for (int64_t place = static_cast<int64_t>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<size_t>(place), spelling.grouping);
  }
  return absl::StrCat(spelling.before, digits, std::string(1, spelling.decimal_mark),
                      absl::Dec(cents % 100, absl::kZeroPad2), spelling.after);
}

std::string WriteDate(int month, int day, TimeFormat format) {
  static const std::vector<std::string> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string m(absl::StrCat(absl::Dec(month, absl::kZeroPad2)));
  const std::string d(absl::StrCat(absl::Dec(day, absl::kZeroPad2)));
  switch (format) {
    case TimeFormat::kDayFirst:
      return absl::StrCat(d, "/", m, "/2024");
    case TimeFormat::kMonthFirst:
      return absl::StrCat(m, "/", d, "/2024");
    case TimeFormat::kYearFirst:
      return absl::StrCat("2024/", m, "/", d);
    case TimeFormat::kMonthName:
      return absl::StrCat(kMonths[static_cast<size_t>(month - 1)], " ", d, ", 2024");
    case TimeFormat::kCompact:
      return absl::StrCat("2024", m, d);
    default:
      return absl::StrCat("2024-", m, "-", d);
  }
}

// One table in random spellings and dialects has the same values.
TEST(DetectTable, AllSpellingsGiveTheSameValues) {
  Random random(24);
  int read = 0;
  for (int round = 0; round < 200; ++round) {
    const Spelling spelling = RandomSpelling(random);
    testing::PlainTable table;
    table.names = {"Campaign", "Kind", "Start date", "Spend", "Revenue"};
    std::vector<std::vector<int64_t>> cents;
    std::vector<int64_t> times;
    const int rows = 8 + static_cast<int>(random.Below(10));
    for (int i = 0; i < rows; ++i) {
      // The first row tells days and months apart.
      const int month = i == 0 ? 5 : 1 + static_cast<int>(random.Below(12));
      const int day = i == 0 ? 17 : 1 + static_cast<int>(random.Below(28));
      times.push_back(*ParseIsoTime(WriteDate(month, day, TimeFormat::kIso)));
      cents.push_back({static_cast<int64_t>(random.Below(400'000'000)), static_cast<int64_t>(random.Below(50'000))});
      table.rows.push_back({absl::StrCat("Campaign ", i), i % 2 == 0 ? "Search" : "Video",
                            WriteDate(month, day, spelling.time), WriteAmount(cents.back()[0], spelling),
                            WriteAmount(cents.back()[1], spelling)});
    }
    const testing::DialectFile file = testing::WriteInRandomDialect(table, random);
    if (!file.lossless) continue;
    ++read;
    const TableReading reading = Detect(file.bytes);
    ASSERT_EQ(reading.rows, rows) << file.description;
    ASSERT_EQ(reading.columns[2].form.kind, ColumnKind::kTime) << file.description;
    ASSERT_EQ(reading.columns[3].form.kind, ColumnKind::kNumber) << file.description;
    size_t row = 0;
    TableReader reader(FileOptions::From(reading.file),
                       {nullptr,
                        [&](const TableRow& cells) {
                          EXPECT_EQ(ParseTime(cells.cells[2], reading.columns[2].form.time), times[row])
                              << file.description;
                          for (size_t c = 0; c < 2; ++c) {
                            EXPECT_EQ(ParseNumber(cells.cells[3 + c], reading.columns[3 + c].form.number),
                                      static_cast<double>(cents[row][c]) / 100)
                                << cells.cells[3 + c] << "\n"
                                << file.description;
                          }
                          ++row;
                          return absl::OkStatus();
                        },
                        nullptr});
    ASSERT_TRUE(reader.Feed(file.bytes).ok());
    ASSERT_TRUE(reader.Finish().ok());
    ASSERT_EQ(row, times.size());
    if (HasFailure()) return;
  }
  EXPECT_GT(read, 150);
}

}  // namespace
}  // namespace roicast
