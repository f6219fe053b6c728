#include "model/data/structure/line_of_groups.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using Points = std::vector<std::pair<double, double>>;

double SlopeOf(const Points& points) {
  double n = 0.0, x_mean = 0.0, y_mean = 0.0, xx = 0.0, xy = 0.0;
  for (const auto& [x, y] : points) {
    ++n;
    x_mean += (x - x_mean) / n;
    y_mean += (y - y_mean) / n;
  }
  for (const auto& [x, y] : points) {
    xx += (x - x_mean) * (x - x_mean);
    xy += (x - x_mean) * (y - y_mean);
  }
  return xy / xx;
}

// Twelve groups of five points, each with a level of its own.
struct Levels {
  Points points;
  std::vector<int64_t> group;

  explicit Levels(double slope) {
    Random random(2);
    for (int64_t number = 0; number < 12; ++number) {
      const double level = random.Normal();
      for (int i = 0; i < 5; ++i) {
        const double x = 1.6e9 + 1e6 * (static_cast<double>(number) + random.Uniform());
        points.emplace_back(x, level + slope * (x - 1.6e9) / 1e6 + 0.1 * random.Normal());
        group.push_back(number);
      }
    }
  }
};

TEST(LineThroughGroups, ErrorIsThatOfLinesWithoutOneGroup) {
  const Levels levels(0.5);
  const double slope = SlopeOf(levels.points);
  double squares = 0.0;
  for (int64_t left_out = 0; left_out < 12; ++left_out) {
    Points others;
    for (size_t i = 0; i < levels.points.size(); ++i) {
      if (levels.group[i] != left_out) others.push_back(levels.points[i]);
    }
    squares += std::pow(SlopeOf(others) - slope, 2.0);
  }
  const double t = TOfLineThroughGroups(levels.points, levels.group);
  EXPECT_NEAR(t, slope / std::sqrt(11.0 / 12.0 * squares), 1e-6 * t);
}

TEST(LineThroughGroups, MorePointsOfTheSameGroupsMakeNothingMoreCertain) {
  Levels levels(0.5);
  const double t = TOfLineThroughGroups(levels.points, levels.group);
  const Points once = levels.points;
  for (int time = 1; time < 20; ++time) {
    levels.points.insert(levels.points.end(), once.begin(), once.end());
    for (size_t i = 0; i < once.size(); ++i) levels.group.push_back(levels.group[i]);
  }
  EXPECT_NEAR(TOfLineThroughGroups(levels.points, levels.group), t, 1e-6 * t);
}

TEST(LineThroughGroups, WithoutALineThereIsNoT) {
  EXPECT_EQ(TOfLineThroughGroups(Points{}, std::vector<int64_t>{}), 0.0);
  EXPECT_EQ(TOfLineThroughGroups(Points{{1, 1}, {2, 2}, {3, 3}}, std::vector<int64_t>{0, 1, 1}), 0.0) << "two groups";
  EXPECT_EQ(TOfLineThroughGroups(Points{{1, 1}, {1, 2}, {1, 3}}, std::vector<int64_t>{0, 1, 2}), 0.0) << "one x";
  EXPECT_EQ(TOfLineThroughGroups(Points{{1, 1}, {1, 2}, {3, 3}}, std::vector<int64_t>{0, 1, 2}), 0.0)
      << "all of it is of one group";
}

}  // namespace
}  // namespace roicast
