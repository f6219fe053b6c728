#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/data/structure/running_totals.h"
#include "model/data/structure/unfinished_rows.h"
#include "model/data/structure/unit_change.h"

namespace roicast {
namespace {

constexpr double kDay = 86'400.0;

std::vector<int64_t> Rows(size_t n) {
  std::vector<int64_t> rows(n);
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return rows;
}

// 25 campaigns of 6 weeks, with the spend and revenue of each week, or those to date.
struct Weeks {
  Entities entities;
  PackedNumbers times;
  std::vector<double> spend, revenue;

  explicit Weeks(bool to_date) {
    Random random(4);
    entities.count = 25;
    for (int64_t campaign = 0; campaign < 25; ++campaign) {
      double spent = 0.0, earned = 0.0;
      for (int week = 0; week < 6; ++week) {
        const double c = 50.0 + 100.0 * random.Uniform();
        spent = (to_date ? spent : 0.0) + c;
        earned = (to_date ? earned : 0.0) + c * (1.0 + random.Uniform());
        entities.of_row.push_back(campaign);
        times.push_back(kDay * 7 * (5 - week));  // the latest first
        spend.insert(spend.begin() + campaign * 6, spent);
        revenue.insert(revenue.begin() + campaign * 6, earned);
      }
    }
  }
  std::optional<RunningTotals> Find(const StopCheck& stop = nullptr) const {
    return FindRunningTotals(entities, Rows(spend.size()), times, spend, revenue, stop);
  }
};

TEST(FindRunningTotals, FindsTotalsToDate) {
  const std::optional<RunningTotals> found = Weeks(true).Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->entities, 25);
  EXPECT_EQ(found->never_fall, 25);
  EXPECT_EQ(found->first_time, 0.0);
  EXPECT_EQ(found->last_time, 35 * kDay);
}

TEST(FindRunningTotals, WeeksOnTheirOwnAreNone) { EXPECT_FALSE(Weeks(false).Find().has_value()); }

// A third more each week, as every campaign of a company that grows.
TEST(FindRunningTotals, BudgetsThatGrowByAShareAreNone) {
  Weeks weeks(false);
  Random random(5);
  for (size_t row = 0; row < weeks.spend.size(); ++row) {
    weeks.spend[row] = 100.0 * std::pow(1.35, 5.0 - static_cast<double>(row % 6)) * (1.0 + 0.1 * random.Uniform());
    weeks.revenue[row] = 2.0 * weeks.spend[row];
  }
  EXPECT_FALSE(weeks.Find().has_value());
}

TEST(FindRunningTotals, FewOrUnfinishedCampaignsAreNone) {
  Weeks few(true), gaps(true), some_fall(true);
  few.entities.count = 19;
  for (size_t row = 19 * 6; row < few.spend.size(); ++row) few.entities.of_row[row] = -1;
  EXPECT_FALSE(few.Find().has_value());
  for (size_t row = 0; row < gaps.spend.size(); row += 3) gaps.revenue[row] = NAN;
  EXPECT_FALSE(gaps.Find().has_value()) << "four rows of each are left";
  for (const size_t campaign : {0, 1}) some_fall.spend[campaign * 6] = 1.0;
  EXPECT_FALSE(some_fall.Find().has_value()) << "two of 25 are more than 5 %";
}

TEST(FindRunningTotals, OneThatFallsIsForgiven) {
  Weeks weeks(true);
  weeks.spend[0] = 1.0;
  const std::optional<RunningTotals> found = weeks.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->never_fall, 24);
}

TEST(FindRunningTotals, StopsWhenAsked) {
  EXPECT_FALSE(Weeks(true).Find([] { return absl::CancelledError(""); }).has_value());
}

// A year of rows of two channels, one of which brings back three times as much.
struct Year {
  Table features;
  PackedNumbers times;
  std::vector<double> roi;
  Column spend;

  explicit Year(double noise) {
    Random random(5);
    Column channel;
    channel.name = "Channel";
    channel.kind = FeatureKind::kCategorical;
    channel.dictionary = WordList{"Search", "Video"};
    for (int row = 0; row < 360; ++row) {
      const int code = random.Uniform() < 0.5 ? 1 : 0;
      channel.codes.push_back(code);
      times.push_back(kDay * row);
      const double spent = 100.0 * std::exp(2.0 * random.Uniform());
      spend.numbers.push_back(spent);
      roi.push_back((code == 1 ? 3.0 : 1.0) * std::pow(spent / 200.0, -0.2) * std::exp(noise * random.Normal()) - 1.0);
    }
    EXPECT_TRUE(features.AddColumn(std::move(channel)).ok());
  }
  void Multiply(int row, double factor) { roi[row] = (1.0 + roi[row]) * factor - 1.0; }
  std::optional<UnfinishedRows> Find(const StopCheck& stop = nullptr) const {
    return FindUnfinishedRows(features, Rows(roi.size()), times, roi, &spend, stop);
  }
};

TEST(FindUnfinishedRows, FindsRevenueThatComesInLater) {
  Year year(0.3);
  for (int row = 318; row < 360; ++row) year.Multiply(row, 1.0 - 0.85 * (row - 318) / 41.0);
  const std::optional<UnfinishedRows> found = year.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->without_revenue);
  EXPECT_NEAR(found->since / kDay, 325.0, 12.0);
  EXPECT_EQ(found->before, found->since - kDay);
  EXPECT_LT(found->level, 0.5);
}

TEST(FindUnfinishedRows, EndsWhereverItIsStopped) {
  Year year(0.3);
  for (int row = 318; row < 360; ++row) year.Multiply(row, 1.0 - 0.85 * (row - 318) / 41.0);
  int asked = 0;
  ASSERT_TRUE(year.Find([&] { return ++asked, absl::OkStatus(); }).has_value());
  EXPECT_GT(asked, 50) << "before each start of a fall";
  for (const int last : {1, asked / 2, asked}) {
    int times = 0;
    EXPECT_FALSE(year.Find([&] { return ++times < last ? absl::OkStatus() : absl::CancelledError(""); }).has_value());
    EXPECT_LE(times, last + 5) << "one more for each pass over the words";
  }
}

TEST(FindUnfinishedRows, FindsRowsWithoutRevenue) {
  Year year(0.3);
  for (int row = 330; row < 360; ++row) year.roi[row] = -1.0;
  const std::optional<UnfinishedRows> found = year.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->without_revenue);
  EXPECT_EQ(found->since, 330 * kDay);
  EXPECT_EQ(found->rows, 30);
}

TEST(FindUnfinishedRows, NoiseTrendsSeasonsAndZerosThroughoutAreNone) {
  for (const double noise : {0.1, 0.5, 1.0}) {
    EXPECT_FALSE(Year(noise).Find().has_value());
    Year trend(noise), season(noise), zeros(noise), step(noise);
    for (int row = 0; row < 360; ++row) {
      trend.Multiply(row, std::exp(-1.5 * row / 360.0));
      season.Multiply(row, std::exp(-0.7 * std::sin(row * 2.0 * M_PI / 120.0)));
      if (row % 3 == 0) zeros.roi[row] = -1.0;
      if (row >= 250) step.Multiply(row, 0.4);
    }
    EXPECT_FALSE(trend.Find().has_value()) << noise;
    EXPECT_FALSE(season.Find().has_value()) << noise;
    EXPECT_FALSE(zeros.Find().has_value()) << noise;
    EXPECT_FALSE(step.Find().has_value()) << noise;
  }
}

// Amounts with cents over two decades.
struct Money {
  Table table;
  std::vector<double> spend, revenue;

  Money() {
    Random random(6);
    Column channel;
    channel.name = "Channel";
    channel.kind = FeatureKind::kCategorical;
    channel.dictionary = WordList{"Search", "TV"};
    for (int row = 0; row < 300; ++row) {
      channel.codes.push_back(0);
      spend.push_back(std::floor(20'000.0 * std::exp(4.0 * random.Uniform())) / 100.0 + 0.01);
      revenue.push_back(std::floor(spend.back() * (50.0 + 200.0 * random.Uniform())) / 100.0 + 0.01);
    }
    EXPECT_TRUE(table.AddColumn(std::move(channel)).ok());
  }
  void Multiply(int row, double factor) {
    spend[row] *= factor;
    revenue[row] *= factor;
  }
  void MakeWhole(int row) {
    spend[row] = std::round(spend[row]);
    revenue[row] = std::round(revenue[row]);
  }
  std::optional<UnitChange> Find(bool revenue_is_as_it_came = true, const StopCheck& stop = nullptr) const {
    return FindUnitChange({table, Rows(spend.size()), spend, revenue, revenue_is_as_it_came}, stop);
  }
};

TEST(FindUnitChange, FindsCentsAtTheEnd) {
  Money money;
  for (int row = 240; row < 300; ++row) money.Multiply(row, 100.0), money.MakeWhole(row);
  const std::optional<UnitChange> found = money.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->rows.size(), 60u);
  EXPECT_EQ(found->rows.front(), 240);
  EXPECT_TRUE(found->fewer_decimals);
  // Amounts differ by half a decade: three standard errors.
  EXPECT_NEAR(std::log10(found->factor), 2.0, 0.22);
}

TEST(FindUnitChange, FindsAnotherCurrencyAmongTheRows) {
  Money money;
  for (int row = 0; row < 300; row += 7) money.Multiply(row, 150.0), money.MakeWhole(row);
  const std::optional<UnitChange> found = money.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->rows.size(), 43u);
  EXPECT_NEAR(std::log10(found->factor), std::log10(150.0), 0.25);
}

TEST(FindUnitChange, FindsAnotherCurrencyByADecimalLess) {
  Money money;
  for (int row = 0; row < 300; row += 3) {
    for (std::vector<double>* amounts : {&money.spend, &money.revenue}) {
      (*amounts)[row] = std::round(10.0 * 150.0 * (*amounts)[row]) / 10.0;
    }
  }
  const std::optional<UnitChange> found = money.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(static_cast<double>(found->rows.size()), 100.0, 6.0);
}

TEST(FindUnitChange, ACountryExplainsNoOtherAmounts) {
  Money money;
  for (int row = 200; row < 300; ++row) {
    money.Multiply(row, 150.0), money.MakeWhole(row);
    money.table.column(0).codes.set(row, 1);
  }
  EXPECT_FALSE(money.Find().has_value());
  money.table.column(0).name = "Country";
  EXPECT_TRUE(money.Find().has_value());
}

TEST(FindUnitChange, ANameOfEachRowExplainsNothing) {
  Money money;
  Column name;
  name.name = "Campaign";
  name.kind = FeatureKind::kCategorical;
  for (int row = 0; row < 300; ++row) {
    name.dictionary.push_back(absl::StrCat("c", row));
    name.codes.push_back(row);
  }
  ASSERT_TRUE(money.table.AddColumn(std::move(name)).ok());
  for (int row = 0; row < 300; row += 7) money.Multiply(row, 150.0), money.MakeWhole(row);
  EXPECT_TRUE(money.Find().has_value());
}

TEST(FindUnitChange, AMonthExplainsNoOtherUnit) {
  Money money;
  money.table.column(0).name = "Month";
  for (int row = 200; row < 300; ++row) {
    money.Multiply(row, 100.0), money.MakeWhole(row);
    money.table.column(0).codes.set(row, 1);
  }
  EXPECT_TRUE(money.Find().has_value());
}

// spend · (1 + ROI) has many digits.
TEST(FindUnitChange, ARevenueThatIsComputedHasNoDigitsOfItsOwn) {
  Money money;
  for (int row = 0; row < 300; row += 7) {
    money.Multiply(row, 150.0);
    money.spend[row] = std::round(money.spend[row]);
    money.revenue[row] *= 1.000013;
  }
  EXPECT_FALSE(money.Find().has_value());
  EXPECT_TRUE(money.Find(false).has_value());
}

TEST(FindUnitChange, StopsWhenAsked) {
  Money money;
  for (int row = 0; row < 300; row += 7) money.Multiply(row, 150.0), money.MakeWhole(row);
  EXPECT_FALSE(money.Find(true, [] { return absl::CancelledError(""); }).has_value());
}

TEST(FindUnitChange, FindsAPowerOfTenWhateverItsDecimals) {
  Money money;
  for (int row = 200; row < 300; ++row) money.Multiply(row, 1000.001);
  const std::optional<UnitChange> found = money.Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->rows.size(), 100u);
  EXPECT_FALSE(found->fewer_decimals);
}

TEST(FindUnitChange, OrdinaryRowsAreNone) {
  EXPECT_FALSE(Money().Find().has_value());
  Money rounded, larger, other_channel;
  for (int row = 200; row < 300; ++row) {
    rounded.MakeWhole(row);
    larger.Multiply(row, 20.0);
    other_channel.Multiply(row, 1000.0);
    other_channel.table.column(0).codes.set(row, 1);
  }
  EXPECT_FALSE(rounded.Find().has_value());
  EXPECT_FALSE(larger.Find().has_value());
  EXPECT_FALSE(other_channel.Find().has_value());
}

}  // namespace
}  // namespace roicast
