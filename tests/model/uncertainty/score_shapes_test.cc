#include "model/uncertainty/score_shapes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "model/uncertainty/conformal.h"
#include "model/uncertainty/score_tables.h"

namespace roicast {
namespace {

// 199 scores from −0.99 to 0.99, and the same plus 2; ten times as far apart at the last location.
std::vector<CalibrationGroup> Shapes() {
  std::vector<CalibrationGroup> shapes;
  for (const auto& [location, center, step] :
       {std::tuple(0.0f, 0.0, 0.01), std::tuple(1.0f, 2.0, 0.01), std::tuple(3.0f, 2.0, 0.1)}) {
    std::vector<double> scores;
    for (int i = -99; i <= 99; ++i) scores.push_back(center + step * i);
    shapes.push_back(MakeGroup(-1, scores));
    shapes.back().location = location;
  }
  return shapes;
}

TEST(ScoreShapes, QuantilesLieBetweenThoseOfTheNeighbours) {
  const ScoreShapes shapes(Shapes());
  ASSERT_EQ(shapes.size(), 3);
  const auto median = [&](float location) { return shapes.ScoreAt(shapes.At(location), 0.5); };
  EXPECT_NEAR(median(0.0f), 0.0, 1e-3);
  EXPECT_NEAR(median(0.25f), 0.5, 1e-3);
  EXPECT_NEAR(median(1.0f), 2.0, 1e-3);
  EXPECT_NEAR(median(2.0f), 2.0, 1e-3);
  EXPECT_NEAR(shapes.ScoreAt(shapes.At(1.0f), 0.9), 2.8, 2e-3);
  EXPECT_NEAR(shapes.ScoreAt(shapes.At(2.0f), 0.9), 2.0 + 0.5 * (0.8 + 8.0), 2e-2);
  EXPECT_NEAR(shapes.ScoreAt(shapes.At(3.0f), 0.9), 10.0, 2e-2);
  // Outside, those of the nearest.
  EXPECT_EQ(shapes.ScoreAt(shapes.At(-5.0f), 0.9), shapes.ScoreAt(shapes.At(0.0f), 0.9));
  EXPECT_EQ(shapes.ScoreAt(shapes.At(1e30f), 0.9), shapes.ScoreAt(shapes.At(3.0f), 0.9));
  EXPECT_EQ(shapes.At(std::numeric_limits<float>::quiet_NaN()).weight, 0.0f);
  EXPECT_EQ(shapes.PlaceOf(2).shape, 1);
  EXPECT_EQ(shapes.PlaceOf(2).weight, 1.0f);
}

TEST(ScoreShapes, TheDistributionIsTheInverseOfTheQuantiles) {
  const ScoreShapes shapes(Shapes());
  for (float location = -1.0f; location < 4.0f; location += 0.3f) {
    const ScoreShapes::Place place = shapes.At(location);
    for (double share = 0.01; share < 1.0; share += 0.01) {
      const auto score = static_cast<float>(shapes.ScoreAt(place, share));
      EXPECT_NEAR(shapes.DistributionAt(place, score), share, 1e-3) << location;
    }
    EXPECT_NEAR(shapes.DistributionAt(place, -100.0f), 0.25 / 1024, 1e-9);
    EXPECT_NEAR(shapes.DistributionAt(place, 100.0f), 1.0 - 0.25 / 1024, 1e-9);
  }
}

TEST(ScoreShapes, TheKernelsFindTheSame) {
  Calibration calibration;
  calibration.groups = {MakeGroup(-1, {0.0})};
  calibration.shapes = Shapes();
  const ScoreTables tables(calibration);
  std::vector<int32_t> shape;
  std::vector<float> weight, scores;
  std::vector<double> expected;
  for (int i = 0; i < ScoreTables::kMostRows; ++i) {
    const ScoreShapes::Place place = tables.shapes().At(-1.0f + 0.02f * static_cast<float>(i));
    shape.push_back(place.shape);
    weight.push_back(place.weight);
    scores.push_back(-3.0f + 0.05f * static_cast<float>(i % 200));
    expected.push_back(tables.shapes().DistributionAt(place, scores.back()));
  }
  std::vector<double> below(scores.size());
  tables.DistributionOfShapes(shape.data(), weight.data(), scores, below.data());
  for (size_t i = 0; i < below.size(); ++i) EXPECT_NEAR(below[i], expected[i], 1e-6) << i;
}

}  // namespace
}  // namespace roicast
