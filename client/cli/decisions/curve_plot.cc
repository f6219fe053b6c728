#include "client/cli/decisions/curve_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/format.h"

namespace roicast::client {
namespace {

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void Add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double At(double share) const { return low + share * (high - low); }
  double ShareOf(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

// A canvas of characters; row 0 is the top.
class Canvas {
 public:
  Canvas(int width, int height) : lines_(static_cast<size_t>(height), std::string(static_cast<size_t>(width), ' ')) {}
  void Put(int column, int row, char c) {
    if (row < 0 || row >= static_cast<int>(lines_.size())) return;
    std::string& line = lines_[static_cast<size_t>(row)];
    if (column >= 0 && column < static_cast<int>(line.size())) line[static_cast<size_t>(column)] = c;
  }
  std::string Line(int row) const {
    const std::string& line = lines_[static_cast<size_t>(row)];
    return line.substr(0, line.find_last_not_of(' ') + 1);
  }

 private:
  std::vector<std::string> lines_;
};

// The curve's y at x, along straight lines between the points; NaN outside.
double Interpolate(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const auto after = std::lower_bound(x.begin(), x.end(), at);
  if (after == x.end()) return y.back();
  const auto i = static_cast<size_t>(after - x.begin());
  if (i == 0 || x[i] == at) return y[i];
  const double share = (at - x[i - 1]) / (x[i] - x[i - 1]);
  return y[i - 1] + share * (y[i] - y[i - 1]);
}

}  // namespace

std::string DrawPlot(const Plot& plot, int width, int height) {
  if (plot.x.size() < 2) return "";
  const bool logarithmic = !plot.linear && plot.x.front() > 0;
  const auto place = [logarithmic](double x) { return logarithmic ? std::log(x) : x; };
  Extent across, up;
  for (const double x : plot.x) across.Add(place(x));
  for (const std::vector<double>* values : {&plot.y, &plot.low, &plot.high}) {
    for (const double y : *values) up.Add(y);
  }
  if (!std::isfinite(up.low) || !(across.high > across.low)) return "";
  constexpr int kRowsPerLabel = 4;
  std::vector<std::string> labels(static_cast<size_t>(height));
  size_t label_width = 0;
  for (int row = 0; row < height; ++row) {
    if (row % kRowsPerLabel != 0 && row != height - 1) continue;
    std::string& label = labels[static_cast<size_t>(row)];
    label = FormatNumber(up.At(1.0 - static_cast<double>(row) / (height - 1)));
    label_width = std::max(label_width, label.size());
  }
  const int columns = std::max(8, width - static_cast<int>(label_width) - 2);
  Canvas canvas(columns, height);
  const auto row_of = [&](double y) { return static_cast<int>(std::lround((1.0 - up.ShareOf(y)) * (height - 1))); };
  const auto column_of = [&](double x) {
    return static_cast<int>(std::lround(across.ShareOf(place(x)) * (columns - 1)));
  };
  for (const double mark : plot.marks) {
    if (mark < plot.x.front() || mark > plot.x.back()) continue;
    for (int row = 0; row < height; ++row) canvas.Put(column_of(mark), row, '|');
  }
  std::string axis(static_cast<size_t>(columns), '-');
  for (int column = 0; column < columns; ++column) {
    const double position = across.At(static_cast<double>(column) / (columns - 1));
    const double x = std::clamp(logarithmic ? std::exp(position) : position, plot.x.front(), plot.x.back());
    if (x >= plot.inside_low && x <= plot.inside_high) axis[static_cast<size_t>(column)] = '=';
    if (plot.low.size() == plot.x.size() && plot.high.size() == plot.x.size()) {
      const double low = Interpolate(plot.x, plot.low, x), high = Interpolate(plot.x, plot.high, x);
      if (std::isfinite(low) && std::isfinite(high)) {
        for (int row = row_of(high); row <= row_of(low); ++row) canvas.Put(column, row, ':');
      }
    }
    const double y = Interpolate(plot.x, plot.y, x);
    if (std::isfinite(y)) canvas.Put(column, row_of(y), '*');
  }
  std::string text;
  for (int row = 0; row < height; ++row) {
    absl::StrAppend(&text, absl::StrFormat("%*s ", static_cast<int>(label_width), labels[static_cast<size_t>(row)]),
                    "|", canvas.Line(row), "\n");
  }
  const std::string indent(label_width + 1, ' ');
  const std::string first = FormatNumber(plot.x.front()), last = FormatNumber(plot.x.back());
  const int gap = std::max(1, columns + 1 - static_cast<int>(first.size() + last.size()));
  absl::StrAppend(&text, indent, "+", axis, "\n", indent, first, std::string(static_cast<size_t>(gap), ' '), last,
                  "\n");
  return text;
}

}  // namespace roicast::client
