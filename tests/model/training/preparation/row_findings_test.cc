// What is said of rows that are no campaigns of their own, through the preparation of a whole table.
#include "model/training/preparation/row_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/random.h"
#include "base/tables/time_form.h"
#include "model/training/preparation/prepared_data.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

PreparedData Prepared(const std::string& csv, const TrainingSpec& spec = SpecFromPreset(Preset::kCompact)) {
  absl::StatusOr<PreparedData> prepared = PrepareData(ReadCsvOrFail(csv), spec, nullptr);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? *std::move(prepared) : PreparedData();
}

// The serious warning whose message has the text; one without a message: there is none.
DataWarning SeriousWith(const std::string& csv, absl::string_view text,
                        const TrainingSpec& spec = SpecFromPreset(Preset::kCompact)) {
  for (const DataWarning& warning : Prepared(csv, spec).report.warnings) {
    if (warning.serious && absl::StrContains(warning.message, text)) return warning;
  }
  return {};
}

std::string DayOf(int day) { return FormatTime(86'400 * (19'000 + day)).substr(0, 10); }

constexpr char kCumulative[] = "the rows look cumulative";

// 30 campaigns of 6 months. spend: of a campaign's month, by what it spent before and a share from 0 to 1.
std::string Months(double (*spend)(double before, double share)) {
  Random random(3);
  std::string csv = "Campaign,Month,Channel,Spend,Revenue\n";
  for (int campaign = 0; campaign < 30; ++campaign) {
    double spent = 0.0;
    for (int month = 1; month <= 6; ++month) {
      spent = spend(spent, random.Uniform());
      absl::StrAppendFormat(&csv, "c%d,2025-%02d-01,%s,%.2f,%.2f\n", campaign, month,
                            campaign % 3 == 0 ? "Search" : "Video", spent, 2.0 * spent);
    }
  }
  return csv;
}

TEST(RowWarnings, SayThatRowsAreTotalsToDate) {
  const DataWarning said =
      SeriousWith(Months([](double before, double share) { return before + 50.0 + 100.0 * share; }), kCumulative);
  EXPECT_THAT(said.message, HasSubstr("in 30 of the 30 values of \"Campaign\" with several rows from 2025-01-01 to "
                                      "2025-06-01. Totals to date are no campaigns of their own"));
  EXPECT_EQ(said.column, "Campaign");
}

// By the day on which a campaign began all its rows were of one time.
TEST(RowWarnings, ATimeOfTheCampaignHidesNoTotals) {
  Random random(3);
  std::string csv = "Campaign start,Date,Campaign,Channel,Spend,Revenue\n";
  for (int campaign = 0; campaign < 30; ++campaign) {
    double spent = 0.0;
    const int first = 1 + static_cast<int>(random.Below(20));
    for (int day = first; day < first + 6; ++day) {
      spent += 50.0 + 100.0 * random.Uniform();
      absl::StrAppendFormat(&csv, "2025-01-%02d,2025-01-%02d,c%d,%s,%.2f,%.2f\n", first, day, campaign,
                            campaign % 3 == 0 ? "Search" : "Video", spent, 2.0 * spent);
    }
  }
  EXPECT_THAT(SeriousWith(csv, kCumulative).message, HasSubstr("in 30 of the 30 values of \"Campaign\""));
}

TEST(RowWarnings, BudgetsThatGrowByAShareAreNoTotals) {
  EXPECT_EQ(SeriousWith(Months([](double before, double share) {
                          return before == 0.0 ? 100.0 : before * (1.3 + 0.1 * share);
                        }),
                        kCumulative)
                .message,
            "");
}

TEST(RowWarnings, WithoutATimeNoOrderTellsTotals) {
  std::string csv = "Campaign,Channel,Spend,Revenue\n";
  Random random(3);
  for (int campaign = 0; campaign < 40; ++campaign) {
    for (const double budget : {100.0, 200.0, 300.0, 400.0, 500.0}) {
      absl::StrAppendFormat(&csv, "c%d,%s,%.0f,%.2f\n", campaign, campaign % 3 == 0 ? "Search" : "Video", budget,
                            budget * (2.0 + 0.1 * random.Uniform()));
    }
  }
  EXPECT_EQ(SeriousWith(csv, kCumulative).message, "");
}

constexpr char kUnfinished[] = "look unfinished";

// rows: one every `hours`; the last fifth of them has no revenue.
std::string WithoutLastRevenue(int rows, int hours) {
  Random random(5);
  std::string csv = "Time,Channel,Spend,Revenue\n";
  for (int row = 0; row < rows; ++row) {
    const int hour = row * hours;
    const double spend = 50.0 + 100.0 * random.Uniform();
    absl::StrAppendFormat(&csv, "2026-01-%02d %02d:00:00,%s,%.2f,%.2f\n", 1 + hour / 24, hour % 24,
                          random.Below(2) ? "Search" : "Video", spend,
                          row * 5 < rows * 4 ? spend * (1.0 + random.Uniform()) : 0.0);
  }
  return csv;
}

TEST(RowWarnings, TellTheLastDayToKeep) {
  const DataWarning said = SeriousWith(WithoutLastRevenue(60, 12), kUnfinished);
  EXPECT_THAT(said.message,
              StartsWith("the 12 rows since 2026-01-25 look unfinished: almost all of them have no revenue"));
  ASSERT_EQ(said.flags.size(), 1u);
  EXPECT_EQ(said.flags[0], "--until Time=2026-01-24");
}

// A day of --until stays as a whole.
TEST(RowWarnings, TellTheLastHourToKeepWhereTheDayIsCut) {
  const std::string csv = WithoutLastRevenue(205, 3);
  const DataWarning said = SeriousWith(csv, kUnfinished);
  EXPECT_THAT(said.message, HasSubstr("since 2026-01-21T12:00:00Z"));
  ASSERT_EQ(said.flags.size(), 1u);
  EXPECT_EQ(said.flags[0], "--until Time=2026-01-21T09:00:00Z");
}

// The same rows with a second time, which tells little about them.
std::string WithTimeOfCreation(const std::string& csv, bool in_front) {
  Random random(8);
  std::string with;
  for (const absl::string_view line : absl::StrSplit(csv, '\n', absl::SkipEmpty())) {
    const std::string cell = with.empty() ? "Created" : absl::StrFormat("2025-%02d-10", 4 + random.Below(9));
    absl::StrAppend(&with, in_front ? absl::StrCat(cell, ",", line) : absl::StrCat(line, ",", cell), "\n");
  }
  return with;
}

TEST(RowWarnings, TheOrderOfTheColumnsDoesNotSayWhichRowsAreUnfinished) {
  for (const bool in_front : {true, false}) {
    const DataWarning said = SeriousWith(WithTimeOfCreation(WithoutLastRevenue(60, 12), in_front), kUnfinished);
    EXPECT_THAT(said.message, StartsWith("the 12 rows since 2026-01-25 look unfinished")) << in_front;
    EXPECT_THAT(said.flags, ElementsAre("--until Time=2026-01-24")) << in_front;
  }
}

// One later day in front of the others: it ends with some of the rows without revenue, as the time itself ends with
// all.
TEST(RowWarnings, OfSeveralTimesTheOneThatTellsMostIsNamed) {
  std::string csv;
  int row = 0;
  for (const absl::string_view line : absl::StrSplit(WithoutLastRevenue(60, 12), '\n', absl::SkipEmpty())) {
    absl::StrAppend(&csv, csv.empty() ? "Booked" : row++ >= 51 ? "2025-12-20" : "2025-11-03", ",", line, "\n");
  }
  const DataWarning said = SeriousWith(csv, kUnfinished);
  EXPECT_EQ(said.column, "Time");
  EXPECT_THAT(said.flags, ElementsAre("--until Time=2026-01-24"));
}

constexpr char kLast[] = "The model sees no days between the two";

// Campaigns of 1 to 30 days; those of a number of days bring back `grows` times what half as many do. columns: of
// start, end and days; a third one has the days.
std::string Campaigns(double grows, bool with_days) {
  Random random(9);
  std::string csv = absl::StrCat("Start,End,", with_days ? "Length," : "", "Channel,Spend,Revenue\n");
  for (int row = 0; row < 300; ++row) {
    const int start = static_cast<int>(random.Below(700));
    const int days = std::array{1, 3, 7, 14, 30}[random.Below(5)];
    const bool search = random.Below(2) == 1;
    const double spend = 20.0 * days * std::exp(random.Normal());
    const double back = (search ? 2.0 : 1.0) * std::pow(spend, -0.2) * std::pow(days, std::log2(grows));
    absl::StrAppendFormat(&csv, "%s,%s,%s%s,%.2f,%.2f\n", FormatTime(86'400 * (19'000 + start)).substr(0, 10),
                          FormatTime(86'400 * (19'000 + start + days - 1)).substr(0, 10),
                          with_days ? absl::StrCat(days, ",") : "", search ? "Search" : "Video", spend,
                          spend * back * std::exp(0.2 * random.Normal()));
  }
  return csv;
}

TEST(RowWarnings, SayThatTheLengthOfRowsIsNotSeen) {
  const DataWarning said = SeriousWith(Campaigns(1.2, false), kLast);
  EXPECT_THAT(said.message, StartsWith("from \"Start\" to \"End\" it is 1 to 30 days, and for the same spend rows of "
                                       "the most days bring back 2."));
  EXPECT_EQ(said.column, "End");
}

TEST(RowWarnings, ALengthThatIsAColumnOrTellsNothingIsNoReasonToWarn) {
  EXPECT_EQ(SeriousWith(Campaigns(1.2, true), kLast).message, "");
  EXPECT_EQ(SeriousWith(Campaigns(1.0, false), kLast).message, "");
}

// Rows without a revenue so far, and planned long before, are no long ones.
TEST(RowWarnings, UnfinishedRowsTellNoLength) {
  Random random(11);
  std::string csv = "Created,Date,Channel,Spend,Revenue\n";
  for (int row = 0; row < 360; ++row) {
    const bool planned = row >= 300;
    const double spend = 50.0 + 100.0 * random.Uniform();
    const auto ahead = static_cast<int>((planned ? 60 : 10) + random.Below(60));
    absl::StrAppendFormat(&csv, "%s,%s,%s,%.2f,%.2f\n", FormatTime(86'400 * (19'000 + row - ahead)).substr(0, 10),
                          FormatTime(86'400 * (19'000 + row)).substr(0, 10), random.Below(2) ? "Search" : "Video",
                          spend, planned ? 0.0 : spend * std::exp(0.1 * random.Normal()));
  }
  EXPECT_NE(SeriousWith(csv, kUnfinished).message, "");
  EXPECT_EQ(SeriousWith(csv, kLast).message, "");
}

// The longer before the last day a row is, the older it is: that is a trend.
TEST(RowWarnings, TheAgeOfRowsIsNoLength) {
  Random random(10);
  std::string csv = "Date,Exported,Channel,Spend,Revenue\n";
  for (int row = 0; row < 300; ++row) {
    const double spend = 50.0 + 100.0 * random.Uniform();
    absl::StrAppendFormat(&csv, "%s,%s,%s,%.2f,%.2f\n", FormatTime(86'400 * (19'000 + row)).substr(0, 10),
                          row % 2 ? "2023-01-02" : "2023-01-05", random.Below(2) ? "Search" : "Video", spend,
                          spend * std::exp(-0.004 * row + 0.1 * random.Normal()));
  }
  EXPECT_EQ(SeriousWith(csv, kLast).message, "");
}

// 60 campaigns of 7 to 60 days, each with returns of its own whatever its length, in a row per day.
std::string DaysOfCampaigns() {
  Random random(6);
  std::string csv = "Campaign,Start,End,Date,Channel,Spend,Revenue\n";
  for (int campaign = 0; campaign < 60; ++campaign) {
    const int start = static_cast<int>(random.Below(300)), days = std::array{7, 14, 30, 60}[random.Below(4)];
    const double level = 2.0 * std::exp(0.5 * random.Normal());
    for (int day = 0; day < days; ++day) {
      const double spend = 100.0 * std::exp(0.5 * random.Normal());
      absl::StrAppendFormat(&csv, "c%d,%s,%s,%s,%s,%.2f,%.2f\n", campaign, DayOf(start), DayOf(start + days - 1),
                            DayOf(start + day), campaign % 2 ? "Search" : "Video", spend,
                            spend * level * std::exp(0.25 * random.Normal()));
    }
  }
  return csv;
}

TEST(RowWarnings, TheLengthOfACampaignIsNotThatOfItsDays) {
  EXPECT_EQ(SeriousWith(DaysOfCampaigns(), kLast).message, "");
}

// 60 campaigns with 20 rows each, which have the campaign's length and returns.
std::string DevicesOfCampaigns(double grows) {
  Random random(13);
  std::string csv = "Start,End,Channel,Device,Spend,Revenue\n";
  for (int campaign = 0; campaign < 60; ++campaign) {
    const int start = static_cast<int>(random.Below(700)), days = std::array{1, 3, 7, 14, 30}[random.Below(5)];
    const double level = 2.0 * std::exp(0.5 * random.Normal()) * std::pow(days, std::log2(grows));
    for (int device = 0; device < 20; ++device) {
      const double spend = 20.0 * days * std::exp(random.Normal());
      absl::StrAppendFormat(&csv, "%s,%s,%s,d%d,%.2f,%.2f\n", DayOf(start), DayOf(start + days - 1),
                            campaign % 2 ? "Search" : "Video", device, spend,
                            spend * level * std::exp(0.25 * random.Normal()));
    }
  }
  return csv;
}

TEST(RowWarnings, ManyRowsOfACampaignTellOfOneLength) {
  EXPECT_EQ(SeriousWith(DevicesOfCampaigns(1.0), kLast).message, "");
  EXPECT_NE(SeriousWith(DevicesOfCampaigns(1.5), kLast).message, "");
}

constexpr char kExports[] = "exports of several days one under the other";

// `rows` campaigns in each of three exports, each with a tenth more revenue, or with a revenue of its own.
std::string Exports(int rows, bool of_one_result, bool few_spends = false) {
  std::string csv = "Exported,Date,Channel,Spend,Revenue\n";
  Random results(13);
  for (int day = 1; day <= 3; ++day) {
    Random random(12);
    for (int row = 0; row < rows; ++row) {
      const bool search = random.Below(2) == 1;
      const double spend = few_spends ? 100.0 * (1 + row % 5) : 500.0 * std::exp(0.7 * random.Normal());
      const double luck = of_one_result ? random.Normal() : results.Normal();
      absl::StrAppendFormat(&csv, "2025-01-%02d,%s,%s,%.2f,%.2f\n", day,
                            FormatTime(86'400 * (19'000 + 3 * row)).substr(0, 10), search ? "Search" : "Video", spend,
                            spend * (search ? 3.0 : 1.5) * (1.0 + 0.1 * day) * std::exp(0.25 * luck));
    }
  }
  return csv;
}

TEST(RowWarnings, SayThatExportsRepeatRows) {
  const DataWarning said = SeriousWith(Exports(100, true), kExports);
  EXPECT_THAT(said.message, StartsWith("the same rows up to 3 times"));
  EXPECT_THAT(said.message, HasSubstr("300 rows are 100, told apart by \"Exported\" alone"));
  EXPECT_EQ(said.column, "Exported");
}

TEST(RowWarnings, TheOrderOfTheRowsDoesNotHideExports) {
  std::vector<std::string> lines = absl::StrSplit(Exports(100, true), '\n', absl::SkipEmpty());
  Random random(17);
  for (size_t i = lines.size() - 1; i > 1; --i) std::swap(lines[i], lines[1 + random.Below(i)]);
  EXPECT_NE(SeriousWith(absl::StrJoin(lines, "\n"), kExports).message, "");
}

// 100 campaigns that always run, with a budget of their own that never changes, on 30 days. days: how far the days go
// apart for all.
std::string ConstantBudgets(double noise, double days) {
  Random random(18);
  std::vector<double> budgets, levels;
  for (int campaign = 0; campaign < 100; ++campaign) {
    budgets.push_back(50.0 + 450.0 * random.Uniform());
    levels.push_back(2.0 * std::exp(0.5 * random.Normal()));
  }
  std::string csv = "Date,Channel,Spend,Revenue\n";
  for (int day = 0; day < 30; ++day) {
    const double of_all = std::exp(days * random.Normal());
    for (size_t campaign = 0; campaign < budgets.size(); ++campaign) {
      absl::StrAppendFormat(&csv, "%s,%s,%.2f,%.2f\n", DayOf(day), campaign % 2 ? "Search" : "Video", budgets[campaign],
                            budgets[campaign] * levels[campaign] * of_all * std::exp(noise * random.Normal()));
    }
  }
  return csv;
}

TEST(RowWarnings, DaysOfConstantBudgetsAreNoExports) {
  EXPECT_EQ(SeriousWith(ConstantBudgets(0.1, 0.0), kExports).message, "");
  EXPECT_EQ(SeriousWith(ConstantBudgets(0.05, 0.4), kExports).message, "") << "days that all campaigns share";
}

TEST(RowWarnings, SayOnWhichSideOfTheSplitExportsAre) {
  const std::string csv = Exports(100, true);
  EXPECT_THAT(SeriousWith(csv, kExports).message, HasSubstr("They are on one side of the split, but the model"));
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByTime;
  spec.split.column = "Exported";
  EXPECT_THAT(SeriousWith(csv, kExports, spec).message,
              HasSubstr("They are on both sides of the split, so that the metrics flatter the model, and the model"));
  EXPECT_EQ(SeriousWith(csv, "has rows with the same inputs on both sides", spec).message, "") << "said once";
}

TEST(RowWarnings, RepeatedRowsAreOnOneSideOfTheSplit) {
  const PreparedData prepared = Prepared(Exports(100, true));
  EXPECT_EQ(prepared.split.holdout.size(), 60u);
  std::set<int64_t> held_out;
  for (const int64_t row : prepared.split.holdout) held_out.insert(row % 100);
  EXPECT_EQ(held_out.size(), 20u);
}

// The arms of a test have the same spends, and luck of their own; an experiment has few spends.
TEST(RowWarnings, ArmsAndExperimentsAreNoExports) {
  EXPECT_EQ(SeriousWith(Exports(100, false), kExports).message, "");
  EXPECT_EQ(SeriousWith(Exports(100, true, true), kExports).message, "");
}

constexpr char kBefore[] = "revenue follows the spend of the row before";

// Ten series of 40 weeks. now, before: elasticities of the row's spend and of that of the row before. demand: how much
// of a demand that lasts for weeks is in both the revenue and the spend. with_before: a column has the spend before.
std::string Weekly(double now, double before, double demand = 0.0, bool with_before = false) {
  Random random(14);
  std::string csv = absl::StrCat("Week,Channel,Country,", with_before ? "Last week," : "", "Spend,Revenue\n");
  for (int series = 0; series < 10; ++series) {
    double spend_before = 500.0, wave = 0.0;
    for (int week = 0; week < 40; ++week) {
      wave = 0.9 * wave + 0.4 * random.Normal();
      const double spend = 500.0 * std::exp(0.6 * random.Normal() + demand * wave);
      const double revenue = 10.0 * std::pow(spend, now) * std::pow(spend_before, before) *
                             std::exp(demand * wave + 0.2 * random.Normal());
      absl::StrAppendFormat(&csv, "%s,c%d,k%d,%s%.2f,%.2f\n", FormatTime(86'400 * (19'000 + 7 * week)).substr(0, 10),
                            series / 2, series % 2, with_before ? absl::StrFormat("%.2f,", spend_before) : "", spend,
                            revenue);
      spend_before = spend;
    }
  }
  return csv;
}

TEST(RowWarnings, SayThatRevenueFollowsEarlierSpend) {
  const DataWarning next = SeriousWith(Weekly(0.0, 0.7), kBefore);
  EXPECT_THAT(next.message, StartsWith("revenue follows the spend of the row before, 7 days earlier by \"Week\""));
  EXPECT_THAT(next.message, HasSubstr("(380 rows of 10 series)"));
  EXPECT_EQ(next.column, "Spend");
  EXPECT_NE(SeriousWith(Weekly(0.4, 0.4), kBefore).message, "");
}

TEST(RowWarnings, RevenueOfTheRowsOwnSpendIsNoEarlierOne) {
  EXPECT_EQ(SeriousWith(Weekly(0.7, 0.0), kBefore).message, "");
  EXPECT_EQ(SeriousWith(Weekly(0.7, 0.05), kBefore).message, "") << "a small part";
}

// Demand that lasts makes the spend before, and the one behind, tell of it.
TEST(RowWarnings, LastingDemandIsNoEarlierSpend) { EXPECT_EQ(SeriousWith(Weekly(0.5, 0.0, 0.7), kBefore).message, ""); }

TEST(RowWarnings, EarlierSpendThatIsAColumnIsSeen) {
  EXPECT_EQ(SeriousWith(Weekly(0.2, 0.6, 0.0, true), kBefore).message, "");
}

constexpr char kApart[] = "go apart along";

// Two years of four channels, of which the first has a trend of its own. per_year: by what it changes; all: by what all
// do; season: of the second channel, which comes back each year.
std::string Channels(double per_year, double all = 1.0, double season = 0.0) {
  Random random(15);
  std::string csv = "Date,Channel,Country,Spend,Revenue\n";
  for (int row = 0; row < 600; ++row) {
    const double years = 2.0 * row / 600.0;
    const auto channel = static_cast<int>(random.Below(4));
    const double spend = 500.0 * std::exp(0.8 * random.Normal());
    const double trend = std::pow(channel == 0 ? per_year * all : all, years);
    const double wave = channel == 1 ? std::exp(season * std::sin(2.0 * M_PI * years)) : 1.0;
    absl::StrAppendFormat(&csv, "%s,c%d,k%d,%.2f,%.2f\n",
                          FormatTime(86'400 * (19'000 + static_cast<int>(365 * years))).substr(0, 10), channel,
                          static_cast<int>(random.Below(3)), spend,
                          (3.0 + channel) * std::pow(spend, 0.8) * trend * wave * std::exp(0.25 * random.Normal()));
  }
  return csv;
}

TEST(RowWarnings, SayWhichWordsGoApart) {
  const DataWarning said = SeriousWith(Channels(0.5), kApart);
  EXPECT_THAT(said.message, StartsWith("returns of \"Channel\" go apart along \"Date\": since 2023-09-"));
  EXPECT_THAT(said.message, HasSubstr("\"c0\" brings 0.6"));
  EXPECT_EQ(said.column, "Channel");
}

// Four of five rows of a channel are small and bring less and less; its money is in the others.
TEST(RowWarnings, SmallRowsOfAChannelDoNotTakeItApart) {
  for (const bool large_as_well : {true, false}) {
    Random random(16);
    std::string csv = "Date,Channel,Spend,Revenue\n";
    for (int row = 0; row < 600; ++row) {
      const bool first = random.Below(3) == 0, large = random.Below(5) == 0;
      const double spend = (large ? 5000.0 : 50.0) * (1.0 + random.Uniform());
      const double trend = first && (!large || large_as_well) ? std::exp(-1.5 * row / 600.0) : 1.0;
      absl::StrAppendFormat(&csv, "%s,%s,%.2f,%.2f\n", FormatTime(86'400 * (19'000 + row)).substr(0, 10),
                            first ? "Search" : "Video", spend, 2.0 * spend * trend * std::exp(0.2 * random.Normal()));
    }
    EXPECT_EQ(SeriousWith(csv, kApart).message.empty(), !large_as_well);
  }
}

TEST(RowWarnings, TrendsOfAllAndSeasonsOfWordsDoNotGoApart) {
  EXPECT_EQ(SeriousWith(Channels(1.0), kApart).message, "");
  EXPECT_EQ(SeriousWith(Channels(1.0, 0.5), kApart).message, "");
  EXPECT_EQ(SeriousWith(Channels(1.0, 1.0, 0.4), kApart).message, "");
}

// 100 campaigns of 55 days in a year and eight channels, each campaign with returns of its own. per_year: by what the
// first channel changes.
std::string CampaignsOfChannels(double per_year) {
  Random random(15);
  std::string csv = "Date,Campaign,Channel,Spend,Revenue\n";
  for (int campaign = 0; campaign < 100; ++campaign) {
    const int start = static_cast<int>(random.Below(310)), channel = campaign % 8;
    const double level = 2.0 * std::exp(0.5 * random.Normal());
    for (int day = start; day < start + 55; ++day) {
      const double spend = 100.0 * std::exp(0.5 * random.Normal());
      const double trend = channel == 0 ? std::pow(per_year, day / 365.0) : 1.0;
      absl::StrAppendFormat(&csv, "%s,n%d,c%d,%.2f,%.2f\n", DayOf(day), campaign, channel, spend,
                            spend * level * trend * std::exp(0.25 * random.Normal()));
    }
  }
  return csv;
}

// The days of a campaign share its returns: they are not so many campaigns.
TEST(RowWarnings, AFewCampaignsDoNotTakeAChannelApart) {
  EXPECT_EQ(SeriousWith(CampaignsOfChannels(1.0), kApart).message, "");
  EXPECT_THAT(SeriousWith(CampaignsOfChannels(0.1), kApart).message, HasSubstr("\"c0\" brings"));
}

// 60 campaigns that run all year, those of the first channel with less and less.
TEST(RowWarnings, AChannelOfCampaignsThatRunAllYearGoesApart) {
  Random random(19);
  std::string csv = "Date,Campaign,Channel,Spend,Revenue\n";
  for (int campaign = 0; campaign < 60; ++campaign) {
    const double level = 2.0 * std::exp(0.5 * random.Normal());
    for (int week = 0; week < 52; ++week) {
      const double spend = 100.0 * std::exp(0.5 * random.Normal());
      absl::StrAppendFormat(
          &csv, "%s,n%d,c%d,%.2f,%.2f\n", DayOf(7 * week), campaign, campaign % 4, spend,
          spend * level * std::pow(campaign % 4 == 0 ? 0.4 : 1.0, week / 52.0) * std::exp(0.25 * random.Normal()));
    }
  }
  EXPECT_THAT(SeriousWith(csv, kApart).message, HasSubstr("\"c0\" brings"));
}

constexpr char kUnit[] = "in another unit or currency";

TEST(RowWarnings, SayWhichRowsAreInAnotherUnit) {
  Random random(6);
  std::string csv = "Name,Channel,Spend,Revenue\n";
  for (int row = 0; row < 200; ++row) {
    const double spend = 20.0 + 100.0 * random.Uniform(), revenue = spend * (0.5 + 2.0 * random.Uniform());
    const std::string named = absl::StrCat("n", row, ",", random.Below(2) ? "Search" : "Video");
    if (row >= 150) {
      absl::StrAppendFormat(&csv, "%s,%.0f,%.0f\n", named, 100.0 * spend, 100.0 * revenue);
    } else {
      absl::StrAppendFormat(&csv, "%s,%.2f,%.2f\n", named, spend, revenue);
    }
  }
  const DataWarning said = SeriousWith(csv, kUnit);
  EXPECT_THAT(said.message, StartsWith("spend and revenue of 50 rows (lines 152 to 201) are both about 100 times as "
                                       "large as those of the others, and have fewer decimals"));
  EXPECT_THAT(said.lines, ElementsAre(152, 153, 154, 155, 156));
}

// 20 of 100 campaigns come from an export in yen: their names explained it.
TEST(RowWarnings, NamesOfCampaignsExplainNoOtherUnit) {
  for (const char* const name : {"Campaign", "Flight"}) {
    Random random(8);
    std::string csv = absl::StrCat(name, ",Channel,Market,Spend,Revenue\n");
    for (int campaign = 0; campaign < 100; ++campaign) {
      for (int row = 0; row < 5; ++row) {
        const double spend = 20.0 + 100.0 * random.Uniform(), revenue = spend * (0.5 + 2.0 * random.Uniform());
        absl::StrAppendFormat(&csv, "c%d,%s,m%d,", campaign, random.Below(2) ? "Search" : "Video", campaign % 7);
        if (campaign >= 80) {
          absl::StrAppendFormat(&csv, "%.0f,%.0f\n", 160.0 * spend, 160.0 * revenue);
        } else {
          absl::StrAppendFormat(&csv, "%.2f,%.2f\n", spend, revenue);
        }
      }
    }
    EXPECT_THAT(SeriousWith(csv, kUnit).message, StartsWith("spend and revenue of 100 rows ")) << name;
  }
}

// A few words of a name like that are kinds.
TEST(RowWarnings, AKindOfAdExplainsOtherAmounts) {
  Random random(9);
  std::string csv = "Ad type,Spend,Revenue\n";
  for (int row = 0; row < 200; ++row) {
    const double spend = 20.0 + 100.0 * random.Uniform(), revenue = spend * (0.5 + 2.0 * random.Uniform());
    if (row % 4 == 0) {
      absl::StrAppendFormat(&csv, "TV,%.0f,%.0f\n", 160.0 * spend, 160.0 * revenue);
    } else {
      absl::StrAppendFormat(&csv, "%s,%.2f,%.2f\n", random.Below(2) ? "Search" : "Video", spend, revenue);
    }
  }
  EXPECT_EQ(SeriousWith(csv, kUnit).message, "");
}

TEST(RowWarnings, SaySoOfSpendsAloneWhereTheTargetIsAnRoi) {
  Random random(7);
  std::string csv = "Channel,Spend,ROI\n";
  for (int row = 0; row < 200; ++row) {
    const double spend = 20.0 + 100.0 * random.Uniform();
    const std::string channel = random.Below(2) ? "Search" : "Video";
    const double roi = -0.5 + 2.0 * random.Uniform();
    if (row % 4 == 0) {
      absl::StrAppendFormat(&csv, "%s,%.0f,%.3f\n", channel, 100.0 * spend, roi);
    } else {
      absl::StrAppendFormat(&csv, "%s,%.2f,%.3f\n", channel, spend, roi);
    }
  }
  EXPECT_THAT(SeriousWith(csv, kUnit).message, StartsWith("the spends of 50 rows are about 100 times as large"));
}

}  // namespace
}  // namespace roicast
