#include "base/tables/shape/amount.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "base/random.h"
#include "gtest/gtest.h"

namespace roicast {
namespace {

TEST(ReadAmount, ReadsTheSameDigitsBothWays) {
  EXPECT_EQ(ReadAmount("1.234,50").comma, 1234.5);
  EXPECT_TRUE(std::isnan(ReadAmount("1.234,50").point));
  EXPECT_EQ(ReadAmount("1,234.50").point, 1234.5);
  EXPECT_EQ(ReadAmount("1.326").point, 1.326);
  EXPECT_EQ(ReadAmount("1.326").comma, 1326.0);
  EXPECT_EQ(ReadAmount("(250.00)").point, -250.0);
  EXPECT_EQ(ReadAmount("$12").point, 12.0);
  for (const char* none : {"", "-", "2024-05-17", "17/05/2024", "12:30", "Search 1", "123456789012345678"}) {
    EXPECT_TRUE(std::isnan(ReadAmount(none).point)) << none;
    EXPECT_TRUE(std::isnan(ReadAmount(none).comma)) << none;
  }
}

TEST(IsPlausibleAmount, CodesAndDatesAreNone) {
  for (const char* amount : {"0", "12", "1,234.50", "-3.5", "12345678", "EUR 5", "1.234.567,89"}) {
    EXPECT_TRUE(IsPlausibleAmount(amount)) << amount;
  }
  for (const char* none : {"", "Search", "00123", "20240131", "1234567890123", "2024-05-17", "08.04.2024", "8.4.24"}) {
    EXPECT_FALSE(IsPlausibleAmount(none)) << none;
  }
}

// A row's cells, which stand in its text.
struct Row {
  explicit Row(const std::vector<std::string>& values) : raw(absl::StrJoin(values, ",")) {
    size_t begin = 0;
    for (const std::string& value : values) {
      cells.push_back(absl::string_view(raw).substr(begin, value.size()));
      begin += value.size() + 1;
    }
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  std::string raw;
  std::vector<absl::string_view> cells;
};

std::vector<AmountSum> SumsOf(const std::vector<std::vector<std::string>>& rows, bool elsewhere) {
  const std::vector<size_t> columns = {0, 1, 2, 3};
  std::vector<AmountSum> sums(columns.size());
  for (const std::vector<std::string>& values : rows) {
    const Row row(values);
    AmountSum::AddRow(row.cells, elsewhere ? "another text, longer than a row" : row.raw, columns,
                      absl::MakeSpan(sums));
  }
  return sums;
}

void ExpectNear(double sum, double expected) { EXPECT_NEAR(sum, expected, 1e-9 * (1.0 + std::abs(expected))); }

// Of the first columns, from the readings of their cells one by one.
void ExpectSumsOf(const std::vector<std::vector<std::string>>& rows) {
  for (const bool elsewhere : {false, true}) {
    const std::vector<AmountSum> sums = SumsOf(rows, elsewhere);
    for (size_t c = 0; c < sums.size(); ++c) {
      AmountReadings expected{0.0, 0.0};
      for (const std::vector<std::string>& row : rows) {
        const AmountReadings amount = c < row.size() ? ReadAmount(row[c]) : AmountReadings{0.0, 0.0};
        if (!std::isnan(amount.point)) expected.point += amount.point;
        if (!std::isnan(amount.comma)) expected.comma += amount.comma;
      }
      SCOPED_TRACE(c);
      ExpectNear(sums[c].value().point, expected.point);
      ExpectNear(sums[c].value().comma, expected.comma);
    }
  }
}

TEST(AmountSum, TakesEachSpellingAtEachPlace) {
  for (const char* cell :
       {"1",     "12",  "12345678", "123456789", ".5", "5.", "0.25", "1234.567",   "1.2.3",        ".",   "..", "", "-",
        "-12.5", "(4)", "1,5",      "1.234,5",   "$9", "7%", "n/a",  "2024-01-31", "\xE2\x80\x94", "9:30"}) {
    SCOPED_TRACE(cell);
    ExpectSumsOf({{cell, "x", cell, cell}, {"2", cell, "3.25", cell}, {cell}});
  }
}

TEST(AmountSum, AgreesWithTheReadingsOfRandomCells) {
  Random random(7);
  const std::string characters = "0123456789012345678901234567890123456789..,-$";
  std::vector<std::vector<std::string>> rows(3000);
  for (std::vector<std::string>& row : rows) {
    for (int c = 0; c < 5; ++c) {
      std::string cell;
      for (uint64_t size = random.Below(11); cell.size() < size;) cell += characters[random.Below(characters.size())];
      row.push_back(std::move(cell));
    }
  }
  ExpectSumsOf(rows);
}

TEST(AmountSum, IsExactOverManyRows) {
  // More than the digits of a place can be added up at once.
  const std::vector<std::vector<std::string>> rows(100'000, {"99999999", "9999.999", "0.1", ".9"});
  const std::vector<AmountSum> sums = SumsOf(rows, false);
  EXPECT_EQ(sums[0].value().point, 9999999900000.0);
  EXPECT_EQ(sums[1].value().point, 999999900.0);
  EXPECT_EQ(sums[1].value().comma, 999999900000.0);
  EXPECT_EQ(sums[2].value().point, 10'000.0);
  EXPECT_EQ(sums[3].value().point, 90'000.0);
}

TEST(AmountSum, AddsAnotherSum) {
  std::vector<AmountSum> first = SumsOf({{"1.5", "2", "-3", "4"}}, false);
  const std::vector<AmountSum> second = SumsOf({{"2.25", "2", "-3", "400000000"}}, false);
  for (size_t i = 0; i < first.size(); ++i) first[i].Add(second[i]);
  EXPECT_EQ(first[0].value().point, 3.75);
  EXPECT_EQ(first[0].value().comma, 240.0);
  EXPECT_EQ(first[1].value().point, 4.0);
  EXPECT_EQ(first[2].value().point, -6.0);
  EXPECT_EQ(first[3].value().point, 400000004.0);
}

}  // namespace
}  // namespace roicast
