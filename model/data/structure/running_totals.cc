#include "model/data/structure/running_totals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/stoppable_sort.h"

namespace roicast {
namespace {

constexpr size_t kFewestSnapshots = 5;
constexpr double kMostGrowth = 0.7;

bool NeverFalls(const std::vector<int64_t>& rows, absl::Span<const double> values) {
  for (size_t i = 1; i < rows.size(); ++i) {
    if (values[static_cast<size_t>(rows[i])] < values[static_cast<size_t>(rows[i - 1])]) return false;
  }
  return values[static_cast<size_t>(rows.back())] > values[static_cast<size_t>(rows.front())];
}

// Sums of least squares within entities, of ln of what is added by ln of what there was.
struct Growth {
  double squares = 0.0, products = 0.0;

  void Add(const std::vector<int64_t>& rows, absl::Span<const double> values) {
    std::vector<std::pair<double, double>> points;
    for (size_t i = 1; i < rows.size(); ++i) {
      const double before = values[static_cast<size_t>(rows[i - 1])];
      const double added = values[static_cast<size_t>(rows[i])] - before;
      if (before > 0.0 && added > 0.0) points.emplace_back(std::log(before), std::log(added));
    }
    double x = 0.0, y = 0.0;
    for (const auto& [before, added] : points) {
      x += before / static_cast<double>(points.size());
      y += added / static_cast<double>(points.size());
    }
    for (const auto& [before, added] : points) {
      squares += (before - x) * (before - x);
      products += (before - x) * (added - y);
    }
  }
  double slope() const { return squares > 0.0 ? products / squares : 0.0; }
};

}  // namespace

std::optional<RunningTotals> FindRunningTotals(const Entities& entities, absl::Span<const int64_t> rows,
                                               const PackedNumbers& times, absl::Span<const double> spend,
                                               absl::Span<const double> revenue, const StopCheck& stop) {
  RunningTotals totals;
  totals.first_time = totals.last_time = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::vector<int64_t>> rows_of(static_cast<size_t>(entities.count));
  for (const int64_t row : rows) {
    const auto at = static_cast<size_t>(row);
    const double time = times[at];
    if (entities.of_row[at] < 0 || std::isnan(spend[at]) || std::isnan(revenue[at]) || std::isnan(time)) continue;
    totals.first_time = std::fmin(totals.first_time, time);
    totals.last_time = std::fmax(totals.last_time, time);
    rows_of[static_cast<size_t>(entities.of_row[at])].push_back(row);
  }
  Growth growth;
  for (std::vector<int64_t>& of_entity : rows_of) {
    const auto time_of = [&](int64_t row) { return times[static_cast<size_t>(row)]; };
    if (!SortOrStop(of_entity, stop, [&](int64_t a, int64_t b) { return time_of(a) < time_of(b); }).ok()) {
      return std::nullopt;
    }
    const bool one_a_time = std::adjacent_find(of_entity.begin(), of_entity.end(), [&](int64_t a, int64_t b) {
                              return time_of(a) == time_of(b);
                            }) == of_entity.end();
    if (of_entity.size() < kFewestSnapshots || !one_a_time) continue;
    ++totals.entities;
    totals.never_fall += NeverFalls(of_entity, spend) && NeverFalls(of_entity, revenue);
    growth.Add(of_entity, spend);
  }
  if (totals.entities < kFewestEntities || totals.never_fall * 20 < totals.entities * 19) return std::nullopt;
  return growth.slope() < kMostGrowth ? std::optional(totals) : std::nullopt;
}

}  // namespace roicast
