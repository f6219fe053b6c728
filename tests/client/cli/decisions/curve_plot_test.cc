#include "client/cli/decisions/curve_plot.h"

#include <gtest/gtest.h>

#include <limits>

namespace roicast::client {
namespace {

TEST(CurvePlot, DrawsALineAnAxisAndTheRangeOfTraining) {
  Plot plot;
  plot.x = {0, 100};
  plot.y = {0, 10};
  plot.inside_low = 0;
  plot.inside_high = 50;
  EXPECT_EQ(DrawPlot(plot, 24, 5),
            "10 |                 ***\n"
            "   |            *****\n"
            "   |        ****\n"
            "   |   *****\n"
            " 0 |***\n"
            "   +==========----------\n"
            "   0                 100\n");
}

TEST(CurvePlot, DrawsIntervalsBelowTheLineAndMarks) {
  Plot plot;
  plot.x = {0, 10};
  plot.y = {1, 1};
  plot.low = {0, 0};
  plot.high = {2, 2};
  plot.marks = {5, 11};
  const std::string text = DrawPlot(plot, 20, 5);
  EXPECT_EQ(text.substr(0, text.find('\n')), "2 |:::::::::::::::::");
  EXPECT_NE(text.find("*****************"), std::string::npos);
  plot.low.clear();
  plot.high.clear();
  EXPECT_NE(DrawPlot(plot, 20, 5).find("1 |        |"), std::string::npos);
}

TEST(CurvePlot, ATooShortOrUnknownCurveIsNotDrawn) {
  Plot plot;
  EXPECT_EQ(DrawPlot(plot, 40, 5), "");
  plot.x = {1, 2};
  plot.y = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(DrawPlot(plot, 40, 5), "");
  plot.y = {1, 1};
  EXPECT_NE(DrawPlot(plot, 40, 5), "");
}

TEST(CurvePlot, EqualRatiosAreDrawnInEqualSteps) {
  Plot plot;
  plot.x = {1, 10, 100};
  plot.y = {0, 1, 2};
  plot.linear = false;
  EXPECT_EQ(DrawPlot(plot, 24, 5),
            "2 |                   **\n"
            "  |                ***\n"
            "  |         *******\n"
            "  |      ***\n"
            "0 |******\n"
            "  +---------------------\n"
            "  1                  100\n");
}

}  // namespace
}  // namespace roicast::client
