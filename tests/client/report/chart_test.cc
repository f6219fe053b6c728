#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "client/report/chart_axis.h"
#include "client/report/svg_chart.h"
#include "tests/client/report/html_check.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> TextsOf(const ChartAxis& axis, int count) {
  std::vector<std::string> texts;
  for (const ChartAxis::Tick& tick : axis.Ticks(count)) texts.push_back(tick.text);
  return texts;
}

TEST(ChartAxis, HasRoundTicks) {
  EXPECT_THAT(TextsOf(ChartAxis::Linear(-0.3, 1.3, ""), 5), ElementsAre("0", "0.5", "1"));
  EXPECT_THAT(TextsOf(ChartAxis::Linear(0, 100000, ""), 5), ElementsAre("0", "20k", "40k", "60k", "80k", "100k"));
  EXPECT_THAT(TextsOf(ChartAxis::Log(90, 12000, ""), 5),
              ElementsAre("100", "200", "500", "1,000", "2,000", "5,000", "10k"));
  EXPECT_THAT(TextsOf(ChartAxis::Log(1, 1e6, ""), 6), ElementsAre("1", "10", "100", "1,000", "10k", "100k", "1M"));
  EXPECT_THAT(TextsOf(ChartAxis::Names({"a", "b"}, ""), 5), ElementsAre("a", "b"));
  EXPECT_DOUBLE_EQ(TickStep(1.0, 5), 0.2);
  EXPECT_DOUBLE_EQ(TickStep(70, 5), 20);
}

TEST(ChartAxis, PlacesValues) {
  EXPECT_DOUBLE_EQ(ChartAxis::Linear(0, 10, "").Position(2.5), 0.25);
  EXPECT_DOUBLE_EQ(ChartAxis::Log(1, 100, "").Position(10), 0.5);
  EXPECT_DOUBLE_EQ(ChartAxis::Linear(0, 10, "").Position(99), 1.0);
  EXPECT_DOUBLE_EQ(ChartAxis::Names({"a", "b"}, "").Ticks(1)[1].position, 0.75);
  const ChartAxis around = ChartAxis::Around({0.13, NAN, 0.92}, "");
  EXPECT_DOUBLE_EQ(around.low(), 0.0);
  EXPECT_DOUBLE_EQ(around.high(), 1.0);
  // A single value and none at all have room around them.
  EXPECT_LT(ChartAxis::Around({5.0}, "").low(), 5.0);
  EXPECT_GT(ChartAxis::Around({}, "").high(), ChartAxis::Around({}, "").low());
}

TEST(SvgChart, DrawsWithinThePicture) {
  const ChartAxis x = ChartAxis::Linear(0, 10, "spend <b>"), y = ChartAxis::Linear(-1, 1, "ROI");
  SvgChart chart(x, y, "A \"chart\"");
  const std::string html = chart.Line({{0, 0}, {5, NAN}, {10, 99}}, "one", "a & b")
                               .Bar(1, 2, -0.5, "two", "")
                               .Dots({{3, 0.5}, {NAN, 1}}, "one", 2)
                               .HorizontalRule(0, "even")
                               .HorizontalRule(7, "outside")
                               .VerticalRule(2, "<here>")
                               .ToMarkup()
                               .html();
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_EQ(testing::WhatLeavesThePage(html), "");
  EXPECT_THAT(html, HasSubstr("aria-label=\"A &quot;chart&quot;\""));
  EXPECT_THAT(html, HasSubstr("spend &lt;b&gt;"));
  EXPECT_THAT(html, HasSubstr("<title>a &amp; b</title>"));
  EXPECT_THAT(html, HasSubstr("&lt;here&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("outside")));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  // A value beyond the axis stays at its edge; a gap breaks the line.
  EXPECT_THAT(html, HasSubstr("M52.8 119.0M426.0 12.0"));
}

TEST(BarList, ScalesAllBarsAlike) {
  BarRow first{"<a>", 4, 3, 5, "4", "one"}, second{"b", -1, NAN, NAN, "−1", "two"};
  const std::string html = BarList({first, second}, "bars").html();
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_THAT(html, HasSubstr("&lt;a&gt;"));
  // From −1 to 5 over 200.
  EXPECT_THAT(html, HasSubstr("x=\"33.3\" y=\"3\" width=\"133.3\""));
  EXPECT_THAT(html, HasSubstr("x=\"0.0\" y=\"3\" width=\"33.3\""));
  EXPECT_THAT(html, HasSubstr("M133.3 9H200.0"));
}

}  // namespace
}  // namespace roicast::client
