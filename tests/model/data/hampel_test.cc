#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/data/cleaning.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

HampelOptions ByDay() {
  HampelOptions options;
  options.time_column = "day";
  options.columns = {"x"};
  options.half_window = 2;
  return options;
}

std::vector<std::pair<int64_t, double>> Spikes(absl::string_view csv_text, const HampelOptions& options) {
  const CsvTable csv = ReadCsvOrFail(csv_text);
  const auto spikes = FindSpikes(csv.table, AllRows(csv.table), "x", options);
  EXPECT_TRUE(spikes.ok()) << spikes.status();
  std::vector<std::pair<int64_t, double>> pairs;
  if (spikes.ok()) {
    for (const CellReplacement& spike : *spikes) pairs.emplace_back(spike.row, spike.value);
  }
  return pairs;
}

using Pairs = std::vector<std::pair<int64_t, double>>;

// Around day 4: the window 2 4 100 3 5 has median 4 and deviations 2 0 96 1 1, so MAD 1: 96 > 3 · 1.4826. All
// others stay, such as day 3 (4) with 1 2 4 100 3: median 3, deviations 2 1 1 97 0, MAD 1: 1 ≤ 4.45.
TEST(FindSpikes, ReplacesASpikeByTheMedianAroundItAsByHand) {
  EXPECT_EQ(Spikes("day,x\n1,1\n2,2\n3,4\n4,100\n5,3\n6,5\n7,4\n", ByDay()), (Pairs{{3, 4.0}}));
}

TEST(FindSpikes, OrdersRowsByTime) {
  EXPECT_EQ(Spikes("day,x\n4,100\n7,4\n1,1\n6,5\n2,2\n5,3\n3,4\n", ByDay()), (Pairs{{0, 4.0}}));
}

TEST(FindSpikes, ComparesWithinAGroupOnly) {
  HampelOptions options = ByDay();
  const char* text = "day,x,shop\n1,1,a\n1,100,b\n2,2,a\n2,102,b\n3,4,a\n3,101,b\n4,3,a\n4,103,b\n5,100,a\n5,104,b\n";
  options.group_column = "shop";
  // Shop a, day 5: the window 4 3 100 has median 4, MAD 1.
  EXPECT_EQ(Spikes(text, options), (Pairs{{8, 4.0}}));
}

TEST(FindSpikes, IgnoresMissingCellsAndRowsWithoutATime) {
  EXPECT_EQ(Spikes("day,x\n1,1\n2,2\nNA,5000\n3,4\n4,NA\n5,100\n6,3\n7,5\n", ByDay()), (Pairs{{5, 4.0}}));
}

TEST(FindSpikes, IgnoresWindowsThatAreMostlyOneValue) {
  EXPECT_EQ(Spikes("day,x\n1,0\n2,0\n3,7\n4,0\n5,0\n", ByDay()), Pairs{});
}

TEST(FindSpikes, NamesAColumnThatIsMissingOrOfAnotherKind) {
  const CsvTable csv = ReadCsvOrFail("day,x,shop\n1,1,a\n");
  HampelOptions options = ByDay();
  options.time_column = "date";
  EXPECT_EQ(FindSpikes(csv.table, AllRows(csv.table), "x", options).status().message(),
            "cleaning.hampel.time_column: no column \"date\" in the data");
  EXPECT_EQ(FindSpikes(csv.table, AllRows(csv.table), "shop", ByDay()).status().message(),
            "cleaning.hampel.columns: expected a numeric column, got \"shop\" with categorical values");
}

}  // namespace
}  // namespace roicast
