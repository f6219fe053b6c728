#include "model/data/structure/line_of_groups.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"

namespace roicast {
namespace {

struct LineSums {
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;

  void Add(double at, double value) {
    ++n;
    x += at;
    y += value;
    xx += at * at;
    xy += at * value;
  }
  LineSums Without(const LineSums& part) const {
    return {n - part.n, x - part.x, y - part.y, xx - part.xx, xy - part.xy};
  }
  double Width() const { return n > 0.0 ? xx - x * x / n : 0.0; }
  double Slope() const { return (xy - x * y / n) / Width(); }
};

}  // namespace

double TOfLineThroughGroups(absl::Span<const std::pair<double, double>> points, absl::Span<const int64_t> group) {
  // Times are large numbers: about their mean, the squares stay exact.
  const auto n = static_cast<double>(points.size());
  double x_mean = 0.0, y_mean = 0.0;
  for (const auto& [x, y] : points) {
    x_mean += x / n;
    y_mean += y / n;
  }
  LineSums all;
  absl::flat_hash_map<int64_t, LineSums> groups;
  for (size_t i = 0; i < points.size(); ++i) {
    all.Add(points[i].first - x_mean, points[i].second - y_mean);
    groups[group[i]].Add(points[i].first - x_mean, points[i].second - y_mean);
  }
  if (groups.size() < 3 || !(all.Width() > 0.0)) return 0.0;
  double squares = 0.0;
  for (const auto& [number, part] : groups) {
    const LineSums others = all.Without(part);
    if (!(others.Width() > 1e-9 * all.Width())) return 0.0;
    squares += (others.Slope() - all.Slope()) * (others.Slope() - all.Slope());
  }
  const auto count = static_cast<double>(groups.size());
  // A slope that no group changes is as certain as numbers are.
  const double error = std::max(std::sqrt((count - 1.0) / count * squares), 1e-9 * std::abs(all.Slope()));
  return error > 0.0 ? all.Slope() / error : 0.0;
}

}  // namespace roicast
