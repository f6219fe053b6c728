#include "base/tables/time_form.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/tables/spelling/date_spelling.h"

namespace roicast {
namespace {

constexpr auto kNone = std::nullopt;
constexpr int64_t kDay = 1715904000;  // 2024-05-17

TEST(ParseTime, ReadsEachSpellingInItsFormat) {
  struct Case {
    const char* cell;
    TimeFormat format;
    std::optional<int64_t> time;
  };
  const Case cases[] = {
      {"2024-05-17", TimeFormat::kIso, kDay},
      {" 2024-05-17 ", TimeFormat::kIso, kDay},
      {"2024-05-17T10:15:30Z", TimeFormat::kIso, kDay + 36930},
      {"2024-05-17 10:15", TimeFormat::kIso, kDay + 36900},
      {"2024-05-17 10:15:30 UTC", TimeFormat::kIso, kDay + 36930},
      {"2024-05-17 10:15:30 +02:00", TimeFormat::kIso, kDay + 36930},
      {"2024-05-17 9:30 PM", TimeFormat::kIso, kDay + 77400},
      {"2024-05", TimeFormat::kIso, 1714521600},
      {"2024-13", TimeFormat::kIso, kNone},
      {"2024-05-17", TimeFormat::kDayFirst, kDay},
      {"17/05/2024", TimeFormat::kDayFirst, kDay},
      {"17/5/24", TimeFormat::kDayFirst, kDay},
      {"17.05.2024", TimeFormat::kDayFirst, kDay},
      {"17. 5. 2024", TimeFormat::kDayFirst, kDay},
      {"17-05-2024", TimeFormat::kDayFirst, kDay},
      {"17/05/2024 10:15", TimeFormat::kDayFirst, kDay + 36900},
      {"17/05/2024, 10:15:30", TimeFormat::kDayFirst, kDay + 36930},
      {"17/05/2024 12:05 AM", TimeFormat::kDayFirst, kDay + 300},
      {"17/05/2024 12:05 pm", TimeFormat::kDayFirst, kDay + 43500},
      {"17/05/2024 1:05 p.m.", TimeFormat::kDayFirst, kDay + 47100},
      {"17/05/2024 13:05 PM", TimeFormat::kDayFirst, kNone},
      {"17/05/69", TimeFormat::kDayFirst, -19785600},
      {"05/17/2024", TimeFormat::kDayFirst, kNone},
      {"31/04/2024", TimeFormat::kDayFirst, kNone},
      {"17/05-2024", TimeFormat::kDayFirst, kNone},
      {"17/05/024", TimeFormat::kDayFirst, kNone},
      {"17/05/2024x", TimeFormat::kDayFirst, kNone},
      {"05/17/2024", TimeFormat::kMonthFirst, kDay},
      {"5/17/24 4:05 PM", TimeFormat::kMonthFirst, kDay + 57900},
      {"17/05/2024", TimeFormat::kMonthFirst, kNone},
      {"2024/05/17", TimeFormat::kYearFirst, kDay},
      {"2024.5.17", TimeFormat::kYearFirst, kDay},
      {"24-05-17", TimeFormat::kYearFirst, kDay},
      {"2024年5月17日", TimeFormat::kYearFirst, kDay},
      {"2024年05月17日 00:00", TimeFormat::kYearFirst, kDay},
      {"2024년 5월 17일", TimeFormat::kYearFirst, kDay},
      {"2024年5月", TimeFormat::kYearFirst, 1714521600},
      {"2024년 5월", TimeFormat::kIso, 1714521600},
      {"05/2024", TimeFormat::kIso, 1714521600},
      {"5/2024", TimeFormat::kDayFirst, 1714521600},
      {"2024/05", TimeFormat::kMonthFirst, 1714521600},
      {"05.2024", TimeFormat::kIso, 1714521600},
      {"2024.05", TimeFormat::kDayFirst, 1714521600},
      {"13/2024", TimeFormat::kIso, kNone},
      {"05/24", TimeFormat::kIso, kNone},
      {"2024/5/", TimeFormat::kIso, kNone},
      {"2024. 05. 17.", TimeFormat::kYearFirst, kDay},
      {"2024.05.17.", TimeFormat::kYearFirst, kDay},
      {"17.05.2024.", TimeFormat::kDayFirst, kDay},
      {"17.05.2024 01.30", TimeFormat::kDayFirst, kDay + 5400},
      {"Fr, 17.05.2024", TimeFormat::kDayFirst, kDay},
      {"Fri 05/17/2024", TimeFormat::kMonthFirst, kDay},
      {"2024/05/17(金)", TimeFormat::kYearFirst, kDay},
      {"2024/05/17 (Fri) 10:15", TimeFormat::kYearFirst, kDay + 36900},
      {"05/17/2024, 01:30:00\u202fAM", TimeFormat::kMonthFirst, kDay + 5400},
      {"2024-05-01 - 2024-05-31", TimeFormat::kIso, 1714521600},
      {"2024-05-01/2024-05-31", TimeFormat::kIso, 1714521600},
      {"17.05.2024–24.05.2024", TimeFormat::kDayFirst, kDay},
      {"17/05/2024-24/05/2024", TimeFormat::kDayFirst, kDay},
      {"May 17, 2024 - May 24, 2024", TimeFormat::kMonthName, kDay},
      {"17 May 2024 to 24 May 2024", TimeFormat::kMonthName, kDay},
      {"20240517-20240524", TimeFormat::kCompact, kDay},
      {"2024-05-01 - soon", TimeFormat::kIso, kNone},
      {"May 17 - May 24, 2024", TimeFormat::kMonthName, kNone},
      {"2024-05-01 - 2024-05-31", TimeFormat::kEpochSeconds, kNone},
      {"2024年13月1日", TimeFormat::kYearFirst, kNone},
      {"24年5月17日", TimeFormat::kYearFirst, kNone},
      {"2024/17/05", TimeFormat::kYearFirst, kNone},
      {"May 17, 2024", TimeFormat::kMonthName, kDay},
      {"May 17th, 2024", TimeFormat::kMonthName, kDay},
      {"17 May 2024", TimeFormat::kMonthName, kDay},
      {"17-May-24", TimeFormat::kMonthName, kDay},
      {"17-may-2024", TimeFormat::kMonthName, kDay},
      {"17. Mai 2024", TimeFormat::kMonthName, kDay},
      {"17 mai 2024", TimeFormat::kMonthName, kDay},
      {"17 de mayo de 2024", TimeFormat::kMonthName, kDay},
      {"17 maggio 2024", TimeFormat::kMonthName, kDay},
      {"17 de maio de 2024", TimeFormat::kMonthName, kDay},
      {"17 mei 2024", TimeFormat::kMonthName, kDay},
      {"2024 May 17", TimeFormat::kMonthName, kDay},
      {"Fri, 17 May 2024 10:15:30 GMT", TimeFormat::kMonthName, kDay + 36930},
      {"vendredi 17 mai 2024", TimeFormat::kMonthName, kDay},
      {"May 17, 2024 9:30 AM", TimeFormat::kMonthName, kDay + 34200},
      {"1er mars 2024", TimeFormat::kMonthName, 1709251200},
      {"1. M\u00e4rz 2024", TimeFormat::kMonthName, 1709251200},
      {"mar. 5 mars 2024", TimeFormat::kMonthName, 1709596800},
      {"Sept. 5, 2024", TimeFormat::kMonthName, 1725494400},
      {"May 2024", TimeFormat::kMonthName, 1714521600},
      {"17 мая 2024 г.", TimeFormat::kMonthName, kDay},
      {"Май 2024", TimeFormat::kMonthName, 1714521600},
      {"17 maja 2024", TimeFormat::kMonthName, kDay},
      {"17 Mayıs 2024", TimeFormat::kMonthName, kDay},
      {"17MAY2024:01:30:00", TimeFormat::kMonthName, kDay + 5400},
      {"May-24", TimeFormat::kMonthName, 1714521600},
      {"May 17", TimeFormat::kMonthName, kNone},
      {"17 May", TimeFormat::kMonthName, kNone},
      {"May", TimeFormat::kMonthName, kNone},
      {"Campaign May 2024", TimeFormat::kMonthName, kNone},
      {"31 June 2024", TimeFormat::kMonthName, kNone},
      {"20240517", TimeFormat::kCompact, kDay},
      {"20241305", TimeFormat::kCompact, kNone},
      {"2024051", TimeFormat::kCompact, kNone},
      {"202405", TimeFormat::kCompact, 1714521600},
      {"2024051710", TimeFormat::kCompact, kDay + 36000},
      {"202405171015", TimeFormat::kCompact, kDay + 36900},
      {"20240517101530", TimeFormat::kCompact, kDay + 36930},
      {"2024051724", TimeFormat::kCompact, kNone},
      {"2024-W20", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"2024W20", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"KW 20/2024", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"kw20 2024", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"W20 2024", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"Week 20, 2024", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"2024 KW 20", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"2024年第20周", TimeFormat::kIsoWeek, kDay - 4 * 86400},
      {"KW 1/2024", TimeFormat::kIsoWeek, 1704067200},
      {"KW 53/2024", TimeFormat::kIsoWeek, kNone},
      {"KW 20", TimeFormat::kIsoWeek, kNone},
      {"2024-W20-5", TimeFormat::kIsoWeek, kDay},
      {"2021-W01", TimeFormat::kIsoWeek, 1609718400},
      {"2020-W53", TimeFormat::kIsoWeek, 1609113600},
      {"2021-W53", TimeFormat::kIsoWeek, kNone},
      {"2024-W00", TimeFormat::kIsoWeek, kNone},
      {"2024-Q2", TimeFormat::kQuarter, 1711929600},
      {"Q2 2024", TimeFormat::kQuarter, 1711929600},
      {"2024Q2", TimeFormat::kQuarter, 1711929600},
      {"2024-Q5", TimeFormat::kQuarter, kNone},
      {"1715904000", TimeFormat::kEpochSeconds, kDay},
      {"1715904000.9", TimeFormat::kEpochSeconds, kDay},
      {"1715904000000", TimeFormat::kEpochSeconds, kNone},
      {"1715904000000", TimeFormat::kEpochMilliseconds, kDay},
      {"45429", TimeFormat::kExcelSerial, kDay},
      {"45429.5", TimeFormat::kExcelSerial, kDay + 43200},
      {"", TimeFormat::kExcelSerial, kNone},
      {"soon", TimeFormat::kDayFirst, kNone},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ParseTime(c.cell, c.format), c.time) << '"' << c.cell << "\" as " << TimeFormatName(c.format);
  }
}

TEST(TimeFormatsOf, GivesAllFormatsThatACellAllows) {
  const auto set = [](std::vector<TimeFormat> formats) {
    TimeFormatSet bits = 0;
    for (const TimeFormat format : formats) bits |= TimeFormatBit(format);
    return bits;
  };
  EXPECT_EQ(TimeFormatsOf("2024-05-17"), set({TimeFormat::kIso}));
  EXPECT_EQ(TimeFormatsOf("17/05/2024"), set({TimeFormat::kDayFirst}));
  EXPECT_EQ(TimeFormatsOf("05/17/2024"), set({TimeFormat::kMonthFirst}));
  EXPECT_EQ(TimeFormatsOf("05/06/2024"), set({TimeFormat::kDayFirst, TimeFormat::kMonthFirst}));
  EXPECT_EQ(TimeFormatsOf("24-05-17"), set({TimeFormat::kDayFirst}));
  EXPECT_EQ(TimeFormatsOf("2024/05/17"), set({TimeFormat::kYearFirst}));
  EXPECT_EQ(TimeFormatsOf("May 17, 2024"), set({TimeFormat::kMonthName}));
  EXPECT_EQ(TimeFormatsOf("20240517"), set({TimeFormat::kCompact}));
  EXPECT_EQ(TimeFormatsOf("2024-W20"), set({TimeFormat::kIsoWeek}));
  EXPECT_EQ(TimeFormatsOf("Q2 2024"), set({TimeFormat::kQuarter}));
  EXPECT_EQ(TimeFormatsOf("05/2024"), set({TimeFormat::kIso}));
  // Both ends of a range count.
  EXPECT_EQ(TimeFormatsOf("05/06/2024 - 05/13/2024"), set({TimeFormat::kMonthFirst}));
  EXPECT_EQ(TimeFormatsOf("05.06.2024–13.06.2024"), set({TimeFormat::kDayFirst}));
  EXPECT_EQ(TimeFormatsOf("2024-05-01 - 2024-05-31"), set({TimeFormat::kIso}));
  for (const char* cell : {"", "17", "Search", "17/05", "1.326", "123456", "99/99/9999"}) {
    EXPECT_EQ(TimeFormatsOf(cell), 0U) << cell;
  }
}

TEST(TimeFormatName, IsReadBack) {
  for (int i = 0; i < kTimeFormats; ++i) {
    const auto format = static_cast<TimeFormat>(i);
    EXPECT_EQ(ParseTimeFormat(TimeFormatName(format)), format);
  }
  EXPECT_EQ(ParseTimeFormat("Day-First"), TimeFormat::kDayFirst);
  EXPECT_EQ(ParseTimeFormat("dmy"), std::nullopt);
}

TEST(ParseTime, ReadsBackRandomDaysInEveryFormat) {
  std::mt19937_64 random(11);
  const std::vector<std::string> months = {"Jan",   "Februar",  "mars", "avril",   "mayo", "giugno",
                                           "julho", "augustus", "Sept", "Oktober", "nov.", "d\u00e9cembre"};
  const std::vector<std::string> russian = {"января", "февраля", "марта",    "апреля",  "мая",    "июня",
                                            "июля",   "августа", "сентября", "октября", "ноября", "ДЕКАБРЯ"};
  const std::vector<std::string> polish = {"stycznia", "lutego",   "marca",    "kwietnia",     "maja",      "czerwca",
                                           "lipca",    "sierpnia", "września", "października", "listopada", "grudnia"};
  const std::vector<std::string> turkish = {"Ocak",   "Şubat",   "Mart",  "Nisan", "Mayıs", "Haziran",
                                            "Temmuz", "Ağustos", "Eylül", "Ekim",  "Kasım", "Aralık"};
  for (int i = 0; i < 5'000; ++i) {
    // 1970 to 2068, which two digits of a year can say.
    const int64_t time = static_cast<int64_t>(random() % 36000) * 86400;
    const std::string iso = FormatTime(time);
    const int year = std::stoi(iso.substr(0, 4)), month = std::stoi(iso.substr(5, 2)),
              day = std::stoi(iso.substr(8, 2));
    EXPECT_EQ(ParseTime(absl::StrFormat("%d/%02d/%d", day, month, year), TimeFormat::kDayFirst), time) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d.%d.%02d", day, month, year % 100), TimeFormat::kDayFirst), time) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%02d/%d/%d", month, day, year), TimeFormat::kMonthFirst), time) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d/%d/%d", year, month, day), TimeFormat::kYearFirst), time) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d%02d%02d", year, month, day), TimeFormat::kCompact), time) << iso;
    const std::string& name = months[static_cast<size_t>(month - 1)];
    EXPECT_EQ(ParseTime(absl::StrFormat("%s %d, %d", name, day, year), TimeFormat::kMonthName), time) << iso << name;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d-%s-%02d", day, name, year % 100), TimeFormat::kMonthName), time) << iso;
    for (const std::vector<std::string>* names : {&russian, &polish, &turkish}) {
      const std::string& local = (*names)[static_cast<size_t>(month - 1)];
      EXPECT_EQ(ParseTime(absl::StrFormat("%d %s %d", day, local, year), TimeFormat::kMonthName), time) << local;
    }
    EXPECT_EQ(ParseTime(absl::StrFormat("%d. %02d. %02d.", year, month, day), TimeFormat::kYearFirst), time) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("\u200f%02d.%02d.%d", day, month, year), TimeFormat::kDayFirst), time) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d.%d.%d 13.30", day, month, year), TimeFormat::kDayFirst), time + 48600)
        << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d/%d/%d, 01:30:00\u202fPM", month, day, year), TimeFormat::kMonthFirst),
              time + 48600)
        << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d%02d%02d13", year, month, day), TimeFormat::kCompact), time + 46800) << iso;
    EXPECT_EQ(ParseTime(absl::StrFormat("%d/%d/%d - 31/12/2199", day, month, year), TimeFormat::kDayFirst), time)
        << iso;
    const int64_t first = time - (day - 1) * int64_t{86400};
    EXPECT_EQ(ParseTime(absl::StrFormat("%02d/%d", month, year), TimeFormat::kIso), first) << iso;
  }
}

}  // namespace
}  // namespace roicast
