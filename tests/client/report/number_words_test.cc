#include "client/report/number_words.h"

#include <gtest/gtest.h>

#include <cmath>

namespace roicast::client {
namespace {

TEST(NumberWords, SayNumbersAsPeopleDo) {
  EXPECT_EQ(CountWords(1234567), "1,234,567");
  EXPECT_EQ(CountWords(-1000), "−1,000");
  EXPECT_EQ(ValueWords(0), "0");
  EXPECT_EQ(ValueWords(0.01234), "0.012");
  EXPECT_EQ(ValueWords(-1.2345), "−1.23");
  EXPECT_EQ(ValueWords(12.345), "12.3");
  EXPECT_EQ(ValueWords(12345.6), "12,346");
  EXPECT_EQ(ValueWords(1234567), "1.23 M");
  EXPECT_EQ(ValueWords(-2.5e9), "−2.50 B");
  EXPECT_EQ(ValueWords(1e-9), "1.0e-09");
  EXPECT_EQ(ValueWords(NAN), "–");
  EXPECT_EQ(ValueWords(-INFINITY), "−∞");
  EXPECT_EQ(SignedWords(0.5), "+0.50");
  EXPECT_EQ(SignedWords(-0.5), "−0.50");
  EXPECT_EQ(Counted(1, "row", "rows"), "1 row");
  EXPECT_EQ(Counted(2000, "row", "rows"), "2,000 rows");
}

TEST(PercentWords, NeverSaysAllForNearlyAll) {
  EXPECT_EQ(PercentWords(0.834), "83 %");
  EXPECT_EQ(PercentWords(0.042), "4.2 %");
  EXPECT_EQ(PercentWords(1.0), "100 %");
  EXPECT_EQ(PercentWords(0.9972), "99.7 %");
  EXPECT_EQ(PercentWords(0.99999), ">99.9 %");
  EXPECT_EQ(PercentWords(-0.25), "−25 %");
  EXPECT_EQ(PercentWords(-0.00001), "0.0 %");
  EXPECT_EQ(PercentWords(0), "0 %");
  EXPECT_EQ(PercentWords(NAN), "–");
}

TEST(TickWords, AreShort) {
  EXPECT_EQ(TickWords(0.5), "0.5");
  EXPECT_EQ(TickWords(-2), "−2");
  EXPECT_EQ(TickWords(2500), "2,500");
  EXPECT_EQ(TickWords(20000), "20k");
  EXPECT_EQ(TickWords(1500000), "1.5M");
  EXPECT_EQ(TickWords(0.00002), "2e-05");
}

}  // namespace
}  // namespace roicast::client
