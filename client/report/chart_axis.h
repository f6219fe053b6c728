// Where a value stands on a chart, and what is written along its edge.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace roicast::client {

class ChartAxis {
 public:
  // From low to high, widened to at least a little. `format` writes a tick; TickWords if it is not given.
  using Format = std::string (*)(double);
  static ChartAxis Linear(double low, double high, std::string label, Format format = nullptr);
  // low > 0.
  static ChartAxis Log(double low, double high, std::string label);
  // One band per name, the first at 0.5 of [0, names.size()].
  static ChartAxis Names(std::vector<std::string> names, std::string label);
  // Linear, from the least to the greatest of the values, rounded outwards to ticks. NaN does not count.
  static ChartAxis Around(absl::Span<const double> values, std::string label, Format format = nullptr);

  // 0 at the low end, 1 at the high one; values outside are moved to the nearer end.
  double Position(double value) const;
  bool Contains(double value) const { return value >= low_ && value <= high_; }
  double low() const { return low_; }
  double high() const { return high_; }
  bool named() const { return !names_.empty(); }
  const std::string& label() const { return label_; }

  struct Tick {
    double position;  // 0 to 1
    std::string text;
  };
  // Ascending; about `count` of them, all names of a named axis.
  std::vector<Tick> Ticks(int count) const;

 private:
  enum class Scale { kLinear, kLog, kNames };
  ChartAxis(Scale scale, double low, double high, std::string label, Format format)
      : scale_(scale), low_(low), high_(high), label_(std::move(label)), format_(format) {}

  Scale scale_;
  double low_, high_;
  std::string label_;
  Format format_;
  std::vector<std::string> names_;
};

// 1, 2 or 5 times a power of ten: the distance of about `count` ticks over a range. range > 0.
double TickStep(double range, int count);

}  // namespace roicast::client
