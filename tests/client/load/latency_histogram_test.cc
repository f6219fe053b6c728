#include "client/load/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace roicast::client {
namespace {

TEST(LatencyHistogram, QuantilesAreWithinOnePercentOfTheExactOnes) {
  Random random(3);
  LatencyHistogram histogram;
  std::vector<int64_t> exact;
  for (int i = 0; i < 100'000; ++i) {
    exact.push_back(static_cast<int64_t>(std::exp(random.Uniform(0, 25))));
    histogram.Record(exact.back());
  }
  std::sort(exact.begin(), exact.end());
  for (const double q : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(q * 100'000)) - 1;
    const auto expected = static_cast<double>(exact[rank]);
    EXPECT_GE(histogram.Quantile(q), exact[rank]) << q;
    EXPECT_LE(static_cast<double>(histogram.Quantile(q)), expected * 1.008 + 1) << q;
  }
  EXPECT_EQ(histogram.max(), exact.back());
  EXPECT_EQ(histogram.Quantile(1.0), exact.back());
  EXPECT_EQ(histogram.count(), 100'000);
}

TEST(LatencyHistogram, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (int64_t v : {1, 2, 2, 3, 200}) histogram.Record(v);
  EXPECT_EQ(histogram.Quantile(0.5), 2);
  EXPECT_EQ(histogram.Quantile(0.8), 3);
  EXPECT_EQ(histogram.max(), 200);
  EXPECT_DOUBLE_EQ(histogram.mean(), 41.6);
}

TEST(LatencyHistogram, MergesAsIfRecordedInOne) {
  LatencyHistogram a, b, both;
  for (int64_t v = 1; v < 1'000'000; v = v * 3 + 1) {
    (v % 2 == 0 ? a : b).Record(v);
    both.Record(v);
  }
  a.Merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.max(), both.max());
  for (const double q : {0.0, 0.25, 0.5, 0.75, 1.0}) EXPECT_EQ(a.Quantile(q), both.Quantile(q));
}

TEST(LatencyHistogram, EmptyOnesAndExtremesDoNotCrash) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.99), 0);
  histogram.Record(-5);
  histogram.Record(INT64_MAX);
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  EXPECT_EQ(histogram.Quantile(1), INT64_MAX);
}

}  // namespace
}  // namespace roicast::client
