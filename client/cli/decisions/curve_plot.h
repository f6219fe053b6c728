// A curve drawn with characters.
#pragma once

#include <string>
#include <vector>

namespace roicast::client {

// Points by rising x. low, high: empty, or between which the truth is, drawn as ":". marks: x of vertical lines "|",
// such as the present value. inside: the range of x that training has seen, drawn as "=" along the axis.
struct Plot {
  std::vector<double> x, y, low, high;
  std::vector<double> marks;
  double inside_low = 0, inside_high = 0;
  // Along the x axis, points apart evenly in x; false: in ln x.
  bool linear = true;
};

// `width` ≥ 20 characters for the drawing and its labels, `height` ≥ 4 lines, and two lines for the axis. NaN is left
// out. Empty if fewer than two points are there.
std::string DrawPlot(const Plot& plot, int width, int height);

}  // namespace roicast::client
