#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"
#include "base/tables/column_evidence.h"
#include "tests/base/tables/decided_columns.h"

namespace roicast {
namespace {

using roicast::testing::Amounts;
using roicast::testing::Cells;
using roicast::testing::Columns;
using roicast::testing::Decide;
using roicast::testing::Flags;
using roicast::testing::Note;
using roicast::testing::Repeat;
using roicast::testing::operator+;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

TEST(DecideColumns, FindsTheOrderOfDayAndMonthInAllCells) {
  const ColumnReading day = Decide({"10/09/2024", "18/07/2024", "11/06/2024"});
  EXPECT_EQ(day.form.kind, ColumnKind::kTime);
  EXPECT_EQ(day.form.time, TimeFormat::kDayFirst);
  EXPECT_FALSE(day.ambiguous);
  EXPECT_THAT(day.notes, ElementsAre(AllOf(Note(false, "\"10/09/2024\" is read as 2024-09-10"),
                                           // With month-first, 18/07/2024 could not be read.
                                           Field(&TableNote::flags, IsEmpty()))));
  EXPECT_EQ(Decide({"10/09/2024", "07/18/2024"}).form.time, TimeFormat::kMonthFirst);
  EXPECT_THAT(Decide({"10-09-24", "18-07-24"}).notes, ElementsAre(Note(true, "two digits and standing last")));
}

// Each day of July and the first 16 of August, with the separator: as YY/MM/DD of 2023 and 2024, or as DD/MM/YY.
Cells ShortDatesOf(bool year_first, const char* separator) {
  Cells cells;
  for (int i = 0; i < 47; ++i) {
    const int year = 23 + i % 2, month = 7 + i / 31, day = i % 31 + 1;
    cells.push_back(absl::StrFormat("%02d%s%02d%s%02d", year_first ? year : day, separator, month, separator,
                                    year_first ? day : year));
  }
  return cells;
}

TEST(DecideColumns, TellsYearsOfTwoDigitsByTheirFewValues) {
  for (const char* separator : {"/", "-", "."}) {
    const ColumnReading first = Decide(ShortDatesOf(true, separator));
    EXPECT_EQ(first.form.kind, ColumnKind::kTime);
    EXPECT_EQ(first.form.time, TimeFormat::kYearFirst) << separator;
    EXPECT_EQ(first.unread, 0);
    EXPECT_THAT(first.notes,
                ElementsAre(AllOf(Note(false, "is read as 2023-07-01, the year having two digits and standing first"),
                                  Flags("--dates c=day-first"))));
    const ColumnReading last = Decide(ShortDatesOf(false, separator));
    EXPECT_EQ(last.form.time, TimeFormat::kDayFirst) << separator;
    EXPECT_THAT(last.notes, ElementsAre(Note(false, "is read as 2023-07-01")));
  }
  // A day of one digit is no year.
  const ColumnReading reading = Decide({"24/8/16", "24/8/9", "23/12/1"});
  EXPECT_EQ(reading.form.time, TimeFormat::kYearFirst);
  EXPECT_EQ(reading.unread, 0);
  EXPECT_EQ(ParseTime("24/8/9", reading.form.time), ParseIsoTime("2024-08-09"));
}

TEST(DecideColumns, AsksWhereYearsOfTwoDigitsStandIfTheCellsDoNotTell) {
  // The first of each month, its last, and three days.
  for (const Cells& cells :
       {Cells{"01/08/21", "01/09/22", "01/10/23", "01/11/24", "13/12/24"},
        Cells{"31/07/21", "31/08/22", "31/10/23", "30/11/24"}, Cells{"24/08/16", "24/07/20", "24/09/03"}}) {
    const ColumnReading reading = Decide(cells);
    EXPECT_EQ(reading.form.time, TimeFormat::kDayFirst);
    EXPECT_THAT(reading.notes,
                ElementsAre(AllOf(Note(true, "two digits and standing last"), Flags("--dates c=year-first"))));
  }
  // 18 is no month: the year cannot stand first.
  EXPECT_THAT(Decide({"08/18/24", "08/01/24"}).notes, ElementsAre(Note(false, "is read as 2024-08-18")));
}

TEST(DecideColumns, ReadsYearsOfTwoDigitsFirstIfToldSo) {
  ColumnOptions given;
  given.time = TimeFormat::kYearFirst;
  for (const char* name : {"c", ""}) {
    given.name = name;
    const ColumnReading reading = Columns().Add("c", {"24/08/16", "24/07/20", "24/8/3"}).With(given).Decide()[0];
    EXPECT_EQ(reading.form.kind, ColumnKind::kTime);
    EXPECT_EQ(reading.form.time, TimeFormat::kYearFirst);
    EXPECT_EQ(reading.unread, 0);
    EXPECT_THAT(reading.notes, Each(Field(&TableNote::warning, false)));
  }
}

TEST(DecideColumns, NeverGuessesTheOrderOfDayAndMonth) {
  const Columns open = Columns().Add("Start date", {"10/09/2024", "05/07/2024"});
  const ColumnReading reading = open.Decide()[0];
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_TRUE(reading.ambiguous);
  EXPECT_THAT(reading.notes,
              ElementsAre(AllOf(Note(true, "because no part is over 12"), Flags("--dates 'Start date=day-first'"),
                                Flags("--dates 'Start date=month-first'"))));
  // Each flag does what it says.
  for (const TimeFormat format : {TimeFormat::kDayFirst, TimeFormat::kMonthFirst}) {
    for (const char* name : {"Start date", ""}) {
      ColumnOptions given;
      given.name = name;
      given.time = format;
      const ColumnReading told = Columns(open).With(given).Decide()[0];
      EXPECT_EQ(told.form.kind, ColumnKind::kTime);
      EXPECT_EQ(told.form.time, format);
      EXPECT_EQ(told.unread, 0);
    }
  }
}

TEST(DecideColumns, TheExampleOfAnOpenOrderIsADateInEitherOrder) {
  const ColumnReading reading = Decide({"2024-05-05", "05.05.2024", "06.07.2024"});
  EXPECT_TRUE(reading.ambiguous);
  EXPECT_THAT(reading.notes, ElementsAre(Note(true, "dates such as \"05.05.2024\" do not show whether the day")));
}

// They became words that were too rare to learn from.
TEST(DecideColumns, SerialsBesideDatesAreSaid) {
  const ColumnReading reading = Decide({"45545", "2024-04-17", "45487", "2024-01-02"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_THAT(reading.notes,
              ElementsAre(AllOf(Note(true,
                                     "dates of two kinds: \"45545\" in line 2 looks like a day of a spreadsheet's "
                                     "calendar (2024-09-10), \"2024-04-17\" in line 3 is a date as text"),
                                Field(&TableNote::lines, ElementsAre(2, 3)))));
  EXPECT_THAT(Decide({"12", "2024-04-17", "45487", "2024-01-02"}).notes,
              ::testing::Not(::testing::Contains(Note(true, "two kinds"))));
}

// They were words without a word.
TEST(DecideColumns, MonthsThatMayBeDaysAreSaid) {
  for (const Cells& cells : std::vector<Cells>{{"Aug 24", "Sep 24", "Jan 25"},
                                               {"August 24", "September 24", "Januar 25"},
                                               {"08/24", "09/24", "01/25"},
                                               {"24-08", "24-09", "25-01"},
                                               {"Q3 24", "Q4 24", "Q1 25"}}) {
    const ColumnReading reading = Columns().Add("date", cells).Decide()[0];
    EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
    EXPECT_THAT(reading.notes, ElementsAre(Note(true, "may be months or days, which they do not tell")));
    EXPECT_THAT(Columns().Add("size", cells).Decide()[0].notes, IsEmpty());
  }
  EXPECT_THAT(Columns().Add("day", {"Mon", "Tue", "Wed"}).Decide()[0].notes, IsEmpty());
}

TEST(DecideColumns, ContradictoryOrdersAreWordsWithTheLines) {
  const ColumnReading reading = Decide({"10/09/2024", "18/07/2024", "07/18/2024"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_THAT(reading.notes, ElementsAre(AllOf(Note(true, "the day comes first (line 3), in others the month (line 4)"),
                                               Field(&TableNote::lines, ElementsAre(3, 4)))));
}

TEST(DecideColumns, ReadsEveryTimeFormat) {
  struct Case {
    Cells cells;
    TimeFormat format;
  };
  const Case cases[] = {
      {{"2024-05-17", "2024-05-18T10:00:00Z"}, TimeFormat::kIso},
      {{"2024-05", "2024-06"}, TimeFormat::kIso},
      {{"2024/05/17", "2024/06/01"}, TimeFormat::kYearFirst},
      {{"2024年8月16日", "2024年12月1日"}, TimeFormat::kYearFirst},
      {{"Sep 10, 2024", "Jul 18, 2024"}, TimeFormat::kMonthName},
      {{"17. Mai 2024", "1. Juni 2024"}, TimeFormat::kMonthName},
      {{"2024 May", "2024 June"}, TimeFormat::kMonthName},
      {{"20240517", "20240601"}, TimeFormat::kCompact},
      {{"2024-W20", "2024-W21"}, TimeFormat::kIsoWeek},
      {{"KW 20/2024", "KW 5/2024"}, TimeFormat::kIsoWeek},
      {{"05/2024", "06/2024"}, TimeFormat::kIso},
      {{"2024/05", "2024/12"}, TimeFormat::kIso},
      {{"05.2024", "06.2024", "10.2024", "11.2024"}, TimeFormat::kIso},
      {{"2024051709", "2024051710"}, TimeFormat::kCompact},
      {{"20240517093000", "20240518000000"}, TimeFormat::kCompact},
      {{"05/06/2024 - 05/13/2024", "06/05/2024 - 06/12/2024"}, TimeFormat::kMonthFirst},
      {{"2024. 05. 17.", "2024. 06. 01."}, TimeFormat::kYearFirst},
      {{"2024-Q2", "2024-Q3"}, TimeFormat::kQuarter},
      {{"17.05.2024", "01.06.2024 10:15"}, TimeFormat::kDayFirst},
  };
  for (const Case& c : cases) {
    const ColumnReading reading = Decide(c.cells);
    EXPECT_EQ(reading.form.kind, ColumnKind::kTime) << c.cells[0];
    EXPECT_EQ(reading.form.time, c.format) << c.cells[0];
    EXPECT_EQ(reading.unread, 0) << c.cells[0];
  }
  EXPECT_EQ(Decide({"20240517", "31415926", "20240601"}).form.kind, ColumnKind::kNumber);
  // Amounts that look like months by chance.
  EXPECT_EQ(Decide({"2024.05", "1999.12"}).form.kind, ColumnKind::kNumber);
  EXPECT_EQ(Decide({"2024.05", "2024.06", "2024.07", "1500.00"}).form.kind, ColumnKind::kNumber);
  EXPECT_EQ(Decide({"202405", "202406"}).form.kind, ColumnKind::kNumber);
  EXPECT_EQ(Columns().Add("Year month", {"202405", "202406"}).Decide()[0].form.time, TimeFormat::kCompact);
}

TEST(DecideColumns, SaysWhereARangeOfDatesBegins) {
  const ColumnReading reading = Decide({"2024-08-01 - 2024-08-31", "2024-09-01 - 2024-09-30"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kTime);
  EXPECT_THAT(reading.notes,
              ElementsAre(Note(false, "\"2024-08-01 - 2024-08-31\" is read as 2024-08-01, where the range begins")));
  const ColumnReading open = Decide({"Aug 1 - Aug 7, 2024", "Aug 8 - Aug 14, 2024"});
  EXPECT_EQ(open.form.kind, ColumnKind::kWords);
  EXPECT_THAT(open.notes, ElementsAre(Note(true, "ranges of dates such as \"Aug 1 - Aug 7, 2024\" are read as words")));
}

TEST(DecideColumns, SaysThatTimesOfDayAreWords) {
  const ColumnReading reading = Decide({"12:30", "00:03:25", "9:15 PM"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_THAT(reading.notes, ElementsAre(Note(false, "times of day or durations such as \"12:30\" are read as words")));
}

TEST(DecideColumns, PlaceholdersOfDatesAreMissing) {
  Cells cells = Repeat("2024-05-17", 10) + Repeat("0000-00-00", 3);
  ColumnReading reading = Decide(cells);
  EXPECT_EQ(reading.form.kind, ColumnKind::kTime);
  EXPECT_EQ(reading.unread, 3);
  reading = Decide(Repeat("17.05.2024", 10) + Repeat("00.01.1900", 3));
  EXPECT_EQ(reading.form.time, TimeFormat::kDayFirst);
  EXPECT_EQ(reading.unread, 3);
}

TEST(DecideColumns, SuggestsThatNumbersAreTimes) {
  const auto flags = [](const char* name, const char* cell) { return Columns().Add(name, {cell}).Decide()[0].notes; };
  EXPECT_THAT(flags("Start date", "45429"),
              ElementsAre(AllOf(Note(true, "a spreadsheet's calendar"), Flags("--dates 'Start date=excel'"))));
  EXPECT_THAT(flags("start_time", "1715904000"), ElementsAre(Flags("--dates start_time=epoch")));
  EXPECT_THAT(flags("timestamp", "1715904000000"), ElementsAre(Flags("--dates timestamp=epoch-ms")));
  EXPECT_THAT(flags("clicks", "45429"), IsEmpty());
  ColumnOptions excel;
  excel.name = "day";
  excel.time = TimeFormat::kExcelSerial;
  const ColumnReading reading = Columns().Add("day", {"45429", "45430"}).With(excel).Decide()[0];
  EXPECT_EQ(reading.form.kind, ColumnKind::kTime);
  EXPECT_EQ(reading.unread, 0);
}

// Their day of the week and month would be those of another day in UTC: 2024-08-17 for midnight in Berlin.
TEST(DecideColumns, KeepsTheLocalTimeOfZoneOffsets) {
  // Winter and summer of one place.
  const ColumnReading reading = Decide({"2024-08-18T00:00:00+0200", "2024-01-20T00:00:00+0100"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kTime);
  EXPECT_THAT(
      reading.notes,
      ElementsAre(Note(false,
                       "times with a zone offset: the local time was kept: \"2024-08-18T00:00:00+0200\" is read "
                       "as 2024-08-18 00:00")));
  EXPECT_EQ(ParseTime("2024-08-18T00:00:00+0200", reading.form.time), ParseIsoTime("2024-08-18"));
  EXPECT_EQ(ParseTime("2024-08-18T23:30:00-0800", reading.form.time), ParseIsoTime("2024-08-18T23:30"));
  EXPECT_EQ(ParseTime("18/08/2024 0:30 +02:00", TimeFormat::kDayFirst), ParseIsoTime("2024-08-18T00:30"));
}

TEST(DecideColumns, WarnsOfTimesOfDifferentZones) {
  for (const Cells& cells :
       {Cells{"2024-08-18T00:30:00+02:00", "2024-03-10T02:30:00-0800"},
        Cells{"2024-08-18T00:30:00+02:00", "2024-01-20T01:30:00Z"},
        Cells{"2024-08-18T00:30:00+02:00", "2024-01-20T01:30:00+01:00", "2024-01-21T01:30+00:00"}}) {
    const ColumnReading reading = Decide(cells);
    EXPECT_EQ(reading.form.kind, ColumnKind::kTime);
    EXPECT_THAT(reading.notes, ElementsAre(AllOf(Note(true,
                                                      "the times are of different zones (1 cell such as "
                                                      "\"2024-08-18T00:30:00+02:00\", 1 cell such as "),
                                                 Note(true, "the local time of each was kept"),
                                                 Field(&TableNote::lines, ::testing::Contains(3)))));
  }
}

TEST(DecideColumns, SaysNothingOfTimesInUtcOrWithoutAZone) {
  EXPECT_THAT(Decide({"2024-08-18T00:30:00Z", "2024-01-20T01:30:00Z"}).notes, IsEmpty());
  EXPECT_THAT(Decide({"2024-08-18T00:30:00", "2024-01-20"}).notes, IsEmpty());
}

TEST(DecideColumns, AsksWhetherNumbersAreWeeksOrDaysWithATime) {
  const ColumnReading weeks = Columns().Add("date", {"202433", "202403", "202410", "202453"}).Decide()[0];
  EXPECT_EQ(weeks.form.kind, ColumnKind::kNumber);
  EXPECT_THAT(weeks.notes,
              ElementsAre(AllOf(Note(true,
                                     "the numbers may be years with their weeks, such as 202433; they are read as "
                                     "numbers"),
                                Flags("--dates date=iso-week"))));
  ColumnOptions as_weeks;
  as_weeks.name = "date";
  as_weeks.time = TimeFormat::kIsoWeek;
  const ColumnReading read = Columns().Add("date", {"202433", "202403", "202410"}).With(as_weeks).Decide()[0];
  EXPECT_EQ(read.form.kind, ColumnKind::kTime);
  EXPECT_EQ(read.unread, 0);
  EXPECT_EQ(ParseTime("202433", read.form.time), ParseIsoTime("2024-08-12"));
  EXPECT_EQ(ParseTime("202454", read.form.time), std::nullopt);

  const ColumnReading days = Columns().Add("date", {"45522.5", "45311.25", "45361"}).Decide()[0];
  EXPECT_THAT(days.notes,
              ElementsAre(AllOf(Note(true, "may be days of a spreadsheet's calendar"), Flags("--dates date=excel"))));
  // Amounts, and names that do not speak of times.
  EXPECT_THAT(Columns().Add("date", {"45522.5", "100.25"}).Decide()[0].notes, IsEmpty());
  EXPECT_THAT(Columns().Add("date", {"202433", "202499"}).Decide()[0].notes, IsEmpty());
  EXPECT_THAT(Columns().Add("spend", {"45522.5", "45311.25"}).Decide()[0].notes, IsEmpty());
  EXPECT_THAT(Columns().Add("7 Day Total Sales", {"45522.5", "45311.25"}).Decide()[0].notes, IsEmpty());
  EXPECT_THAT(Columns().Add("7 Day Total Sales", {"1,522.50", "2,311.25"}).Decide()[0].notes,
              Each(Field(&TableNote::warning, false)));
}

}  // namespace
}  // namespace roicast
