#include "model/data/structure/running_totals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace roicast {
namespace {

constexpr size_t kFewestSnapshots = 3;

bool NeverFalls(const std::vector<int64_t>& rows, absl::Span<const double> values) {
  for (size_t i = 1; i < rows.size(); ++i) {
    if (values[static_cast<size_t>(rows[i])] < values[static_cast<size_t>(rows[i - 1])]) return false;
  }
  return values[static_cast<size_t>(rows.back())] > values[static_cast<size_t>(rows.front())];
}

}  // namespace

std::optional<RunningTotals> FindRunningTotals(const Entities& entities, absl::Span<const int64_t> rows,
                                               const PackedNumbers* times, absl::Span<const double> spend,
                                               absl::Span<const double> revenue) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const auto time_of = [&](int64_t row) { return times == nullptr ? kNaN : (*times)[static_cast<size_t>(row)]; };
  RunningTotals totals;
  totals.first_time = totals.last_time = kNaN;
  std::vector<std::vector<int64_t>> rows_of(static_cast<size_t>(entities.count));
  for (const int64_t row : rows) {
    const auto at = static_cast<size_t>(row);
    if (entities.of_row[at] < 0 || std::isnan(spend[at]) || std::isnan(revenue[at])) continue;
    const double time = time_of(row);
    if (times != nullptr && std::isnan(time)) continue;
    totals.first_time = std::fmin(totals.first_time, time);
    totals.last_time = std::fmax(totals.last_time, time);
    rows_of[static_cast<size_t>(entities.of_row[at])].push_back(row);
  }
  for (std::vector<int64_t>& of_entity : rows_of) {
    if (of_entity.size() < kFewestSnapshots) continue;
    if (times != nullptr) {
      std::stable_sort(of_entity.begin(), of_entity.end(),
                       [&](int64_t a, int64_t b) { return time_of(a) < time_of(b); });
    }
    ++totals.entities;
    totals.never_fall += NeverFalls(of_entity, spend) && NeverFalls(of_entity, revenue);
  }
  if (totals.entities < kFewestEntities || totals.never_fall * 20 < totals.entities * 19) return std::nullopt;
  return totals;
}

}  // namespace roicast
