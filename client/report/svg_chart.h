// A chart as inline SVG: no script, no style of its own. Colours and fonts come from the page (page.cc), so that a
// chart follows it from light to dark and into print.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/report/chart_axis.h"
#include "client/report/markup.h"

namespace roicast::client {

struct ChartPoint {
  double x = 0, y = 0;
};

// Marks are drawn in the order of the calls, behind them the grid. Points with a NaN are left out. Colours are the
// page's: "one" to "four", "quiet".
class SvgChart {
 public:
  // description: what a person who cannot see it should hear.
  SvgChart(ChartAxis x, ChartAxis y, std::string description);

  // A line; it breaks where a point has a NaN.
  SvgChart& Line(absl::Span<const ChartPoint> points, absl::string_view colour, absl::string_view name = "");
  SvgChart& DashedLine(absl::Span<const ChartPoint> points, absl::string_view colour);
  // Thin and pale, one of many.
  SvgChart& FaintLine(absl::Span<const ChartPoint> points, absl::string_view colour);
  // Between low and high, of the same length as x.
  SvgChart& Band(absl::Span<const double> x, absl::Span<const double> low, absl::Span<const double> high,
                 absl::string_view colour);
  SvgChart& Dots(absl::Span<const ChartPoint> points, absl::string_view colour, double radius);
  // A larger dot with a text that a pointer shows.
  SvgChart& Marker(const ChartPoint& point, absl::string_view colour, absl::string_view tip);
  // From y = 0 (or the axis's end that is nearer to it) to `y`, over [x0, x1].
  SvgChart& Bar(double x0, double x1, double y, absl::string_view colour, absl::string_view tip);
  // A vertical line with ends, from low to high.
  SvgChart& Whisker(double x, double low, double high);
  // A pale wide line from low to high: where most rows are.
  SvgChart& Spread(double x, double low, double high, absl::string_view colour);
  SvgChart& HorizontalRule(double y, absl::string_view text);
  SvgChart& VerticalRule(double x, absl::string_view text);
  // Ticks at the lower edge: where rows are.
  SvgChart& Rug(absl::Span<const double> xs);

  Markup ToMarkup() const;

 private:
  double X(double value) const;
  double Y(double value) const;
  void AddPath(absl::Span<const ChartPoint> points, absl::string_view classes);
  std::string Frame() const;

  const ChartAxis x_, y_;
  const std::string description_;
  // Rotated names of a named axis take more room below.
  bool rotated_ = false;
  double bottom_ = 0, left_ = 0;
  std::string marks_;
};

// Which colour is what: one entry per name.
struct LegendEntry {
  std::string colour;
  std::string name;
};
Markup Legend(const std::vector<LegendEntry>& entries);

// A figure with a title above, a chart, and a note below.
Markup Figure(absl::string_view title, const Markup& chart, const Markup& note);

// A row of a list of bars: how large, and between which ends it is known to be (NaN: not known).
struct BarRow {
  std::string name;
  double value = 0, low = 0, high = 0;
  std::string text;
  std::string colour = "one";
};
// Horizontal bars with their names in front and their values behind, all on one scale that includes 0.
Markup BarList(const std::vector<BarRow>& rows, absl::string_view description);

}  // namespace roicast::client
