#include "server/telemetry/fast_histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

#include "base/random.h"
#include "prometheus/histogram.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

std::vector<uint64_t> Cumulative(const prometheus::ClientMetric::Histogram& histogram) {
  std::vector<uint64_t> counts;
  for (const auto& bucket : histogram.bucket) counts.push_back(bucket.cumulative_count);
  return counts;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FastHistogram, ABoundBelongsToItsOwnBucketAndNanToNone) {
  FastHistogram histogram({-1.0, 0.0, 2.0});
  for (const double value : {-5.0, -1.0, -0.5, 0.0, 2.0, 2.5, kInfinity, kNan}) histogram.Observe(value);
  const auto collected = histogram.Collect();
  EXPECT_THAT(Cumulative(collected), ElementsAre(2, 4, 5, 7));
  EXPECT_EQ(collected.bucket.back().upper_bound, kInfinity);
  EXPECT_EQ(collected.sample_count, 7u);
  EXPECT_EQ(histogram.Count(), 7u);
}

TEST(FastHistogram, ManyAreCountedAsEachOneIs) {
  const std::vector<double> bounds = {-0.9, -0.1, 0.0, 0.1, 1.0, 16.0};
  FastHistogram one(bounds), many(bounds);
  prometheus::Histogram plain(bounds);
  Random random(7);
  std::vector<float> values;
  for (int i = 0; i < 5000; ++i) values.push_back(static_cast<float>(random.Normal() * 3));
  // On the bounds and beside them, where rounding would show.
  for (const double bound : bounds) {
    const float near = static_cast<float>(bound);
    for (const float value : {std::nextafter(near, -100.0f), near, std::nextafter(near, 100.0f)})
      values.push_back(value);
  }
  values.push_back(std::numeric_limits<float>::quiet_NaN());
  for (const float value : values) {
    one.Observe(value);
    if (value == value) plain.Observe(value);
  }
  many.ObserveMany(values);
  EXPECT_EQ(Cumulative(one.Collect()), Cumulative(many.Collect()));
  EXPECT_EQ(Cumulative(one.Collect()), Cumulative(plain.Collect().histogram));
  EXPECT_NEAR(one.Collect().sample_sum, many.Collect().sample_sum, 1e-6);
  EXPECT_NEAR(one.Collect().sample_sum, plain.Collect().histogram.sample_sum, 1e-6);
  EXPECT_EQ(many.Collect().sample_count, values.size() - 1);
}

TEST(FastHistogram, ObservingNothingChangesNothing) {
  FastHistogram histogram({1.0});
  histogram.ObserveMany({});
  EXPECT_EQ(histogram.Collect().sample_count, 0u);
}

TEST(FastHistogram, ConcurrentObservationsAreAllCounted) {
  FastHistogram histogram({0.5, 1.5});
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&histogram, t] {
      for (int i = 0; i < 10'000; ++i) histogram.Observe(t % 3);
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_LE(histogram.Collect().sample_count, 60'000u);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Cumulative(histogram.Collect()), ElementsAre(20'000, 40'000, 60'000));
  EXPECT_EQ(histogram.Collect().sample_sum, 60'000.0);
}

}  // namespace
}  // namespace roicast
