#include "client/report/row_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace roicast::client {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double MeanOfValues(absl::Span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<size_t> OrderByScore(absl::Span<const double> scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  return order;
}

}  // namespace

ErrorMeasures MeasureErrors(const OutcomeRows& rows) {
  ErrorMeasures measures;
  measures.mean_actual = MeanOfValues(rows.actual);
  double squares = 0, spread = 0;
  std::vector<double> sizes;
  for (size_t i = 0; i < rows.actual.size(); ++i) {
    const double error = rows.predicted[i] - rows.actual[i];
    const double distance = rows.actual[i] - measures.mean_actual;
    squares += error * error;
    spread += distance * distance;
    measures.bias += error;
    measures.mae += std::abs(error);
    measures.mae_of_mean += std::abs(distance);
    sizes.push_back(std::abs(error));
  }
  const auto n = static_cast<double>(rows.size());
  measures.bias /= n;
  measures.mae /= n;
  measures.mae_of_mean /= n;
  measures.median_error = QuantileOf(std::move(sizes), 0.5);
  measures.r2 = spread > 0 ? 1 - squares / spread : 0;
  return measures;
}

double RankingQuality(absl::Span<const double> scores, absl::Span<const double> actual, double threshold) {
  const std::vector<size_t> order = OrderByScore(scores);
  double ranks = 0;
  int64_t positives = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double rank = (static_cast<double>(begin) + static_cast<double>(end) + 1) / 2;
    for (size_t k = begin; k < end; ++k) {
      if (actual[order[k]] <= threshold) continue;
      ranks += rank;
      ++positives;
    }
    begin = end;
  }
  const auto p = static_cast<double>(positives);
  const double q = static_cast<double>(order.size()) - p;
  return p > 0 && q > 0 ? (ranks - p * (p + 1) / 2) / (p * q) : kNan;
}

std::vector<RowGroup> GroupByScore(absl::Span<const double> scores, absl::Span<const double> actual, int count,
                                   int64_t least) {
  const std::vector<size_t> order = OrderByScore(scores);
  const auto n = static_cast<int64_t>(order.size());
  const int64_t groups = std::clamp<int64_t>(n / std::max<int64_t>(least, 1), 1, count);
  std::vector<RowGroup> result;
  for (int64_t g = 0; g < groups; ++g) {
    RowGroup group;
    double squares = 0;
    const auto begin = static_cast<size_t>(g * n / groups), end = static_cast<size_t>((g + 1) * n / groups);
    if (begin == end) continue;
    group.rows = static_cast<int64_t>(end - begin);
    const auto size = static_cast<double>(group.rows);
    for (size_t k = begin; k < end; ++k) {
      group.mean_score += scores[order[k]] / size;
      group.mean_actual += actual[order[k]] / size;
    }
    for (size_t k = begin; k < end; ++k) {
      squares += (actual[order[k]] - group.mean_actual) * (actual[order[k]] - group.mean_actual);
    }
    if (group.rows > 1) group.standard_error = std::sqrt(squares / (size * (size - 1)));
    result.push_back(group);
  }
  return result;
}

double CoverageOf(const RowIntervals& intervals, absl::Span<const double> actual) {
  int64_t inside = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    inside += intervals.low[i] <= actual[i] && actual[i] <= intervals.high[i];
  }
  return actual.empty() ? kNan : static_cast<double>(inside) / static_cast<double>(actual.size());
}

Histogram HistogramOf(absl::Span<const double> values, int bins) {
  const std::vector<double> all(values.begin(), values.end());
  Histogram histogram;
  histogram.low = QuantileOf(all, 0.01);
  const double high = QuantileOf(all, 0.99);
  histogram.counts.assign(static_cast<size_t>(bins), 0);
  if (!(high > histogram.low)) {
    histogram.low -= 0.5;
    histogram.width = 1.0 / bins;
  } else {
    histogram.width = (high - histogram.low) / bins;
  }
  for (const double value : values) {
    const double bin = std::floor((value - histogram.low) / histogram.width);
    // The 99 % quantile itself is in the last bin.
    const bool last = bin == bins && value <= histogram.low + histogram.width * bins * (1 + 1e-12);
    if (bin < 0) {
      ++histogram.below;
    } else if (bin >= bins && !last) {
      ++histogram.above;
    } else {
      ++histogram.counts[static_cast<size_t>(std::min<double>(bin, bins - 1))];
    }
  }
  return histogram;
}

double QuantileOf(std::vector<double> values, double share) {
  const auto at = values.begin() + std::lround(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::vector<size_t> SpreadPositions(size_t n, size_t most) {
  std::vector<size_t> positions;
  for (size_t k = 0; k < std::min(n, most); ++k) {
    positions.push_back(n <= most ? k : (2 * k + 1) * n / (2 * most));
  }
  return positions;
}

}  // namespace roicast::client
