#include "model/data/structure/unfinished_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/stoppable_sort.h"
#include "model/data/structure/beside_words_and_spend.h"

namespace roicast {
namespace {

constexpr size_t kFewestRows = 40;
constexpr size_t kFewestLastRows = 5;
constexpr size_t kFewestFallingRows = 12;
constexpr double kLogLikelihoodRatio = 14.0;  // ln 10⁶
constexpr double kHalf = 0.6931471805599453;

struct TimedRow {
  double time;
  int64_t row;
  double gross;  // revenue / spend
  double rest = 0.0;
};

// ln of the likelihood of k in n, relative to that of the share p.
double BinomialGain(double k, double n, double p) {
  const auto term = [](double x, double share, double expected) {
    return x > 0.0 ? x * std::log(share / expected) : 0.0;
  };
  return term(k, k / n, p) + term(n - k, (n - k) / n, 1.0 - p);
}

double MeanRest(absl::Span<const TimedRow> rows) {
  double sum = 0.0;
  for (const TimedRow& row : rows) sum += row.rest;
  return rows.empty() ? 0.0 : sum / static_cast<double>(rows.size());
}

double SquaresAround(absl::Span<const TimedRow> rows, double mean) {
  double sum = 0.0;
  for (const TimedRow& row : rows) sum += (row.rest - mean) * (row.rest - mean);
  return sum;
}

// Sums of squares around the means of x, by a function of a row, and of what rests of it.
struct Slope {
  double x_mean = 0.0, y_mean = 0.0, xx = 0.0, xy = 0.0;
};

template <typename XOf>
Slope SlopeOf(absl::Span<const TimedRow> rows, const XOf& x_of) {
  Slope slope;
  for (const TimedRow& row : rows) slope.x_mean += x_of(row) / static_cast<double>(rows.size());
  slope.y_mean = MeanRest(rows);
  for (const TimedRow& row : rows) {
    const double x = x_of(row) - slope.x_mean;
    slope.xx += x * x;
    slope.xy += x * (row.rest - slope.y_mean);
  }
  return slope;
}

class LastRows {
 public:
  LastRows(const Table& features, std::vector<TimedRow> rows, absl::Span<const double> roi, const Column* spend,
           const StopCheck& stop)
      : features_(features), rows_(std::move(rows)), roi_(roi), spend_(spend), stop_(stop) {}

  std::optional<UnfinishedRows> WithoutRevenue() const {
    const size_t n = rows_.size();
    std::vector<size_t> none(n + 1);  // among the first
    for (size_t i = 0; i < n; ++i) none[i + 1] = none[i] + (rows_[i].gross <= 0.0 ? 1 : 0);
    double best = kLogLikelihoodRatio;
    std::optional<UnfinishedRows> found;
    for (size_t first = n - n / 3; first + kFewestLastRows <= n; ++first) {
      if (first == 0 || rows_[first].time == rows_[first - 1].time) continue;
      const auto last = static_cast<double>(n - first), without = static_cast<double>(none[n] - none[first]);
      const double before = std::max(static_cast<double>(none[first]), 0.5) / static_cast<double>(first);
      if (without < 0.9 * last || before > 0.2) continue;
      const double gain = BinomialGain(without, last, before);
      if (gain <= best) continue;
      best = gain;
      found = Found(first, gain);
      found->without_revenue = true;
    }
    return found;
  }

  std::optional<UnfinishedRows> Falling() {
    TakeWordsAndSpendAway();
    const std::optional<UnfinishedRows> fall = BestFall();
    if (!fall.has_value()) return std::nullopt;
    const size_t start = rows_.size() - static_cast<size_t>(fall->rows);
    const absl::Span<const TimedRow> before = Part(0, start), last = Part(start, rows_.size());
    const size_t third = last.size() / 3;
    const double usual = MeanRest(before);
    const double early = MeanRest(last.subspan(0, third)), middle = MeanRest(last.subspan(third, third)),
                 late = MeanRest(last.subspan(2 * third));
    if (!(late < middle && middle < early) || late > usual - kHalf) return std::nullopt;
    // Nothing like it before.
    const size_t size = last.size() - 2 * third;
    for (size_t at = 0; at + size <= before.size(); at += std::max<size_t>(1, size / 2)) {
      if (MeanRest(before.subspan(at, size)) < 0.5 * (late + usual)) return std::nullopt;
    }
    if (TrendOf(before) * (rows_.back().time - rows_[start].time) < -kHalf / 2) return std::nullopt;
    UnfinishedRows found = *fall;
    found.level = std::exp(late - usual);
    return found;
  }

 private:
  absl::Span<const TimedRow> Part(size_t from, size_t to) const {
    return absl::MakeConstSpan(rows_).subspan(from, to - from);
  }

  UnfinishedRows Found(size_t first, double gain) const {
    UnfinishedRows found;
    found.gain = gain;
    found.since = rows_[first].time;
    found.before = rows_[first - 1].time;
    found.rows = static_cast<int64_t>(rows_.size() - first);
    return found;
  }

  void TakeWordsAndSpendAway() {
    std::vector<int64_t> order;
    for (const TimedRow& row : rows_) order.push_back(row.row);
    const std::vector<double> rests = BesideWordsAndSpend(features_, order, spend_, LogReturns(order, roi_), stop_);
    for (size_t i = 0; i < rows_.size(); ++i) rows_[i].rest = rests[i];
  }

  // Per second.
  static double TrendOf(absl::Span<const TimedRow> rows) {
    const Slope slope = SlopeOf(rows, [](const TimedRow& row) { return row.time; });
    return slope.xx > 0.0 ? slope.xy / slope.xx : 0.0;
  }

  // Squared errors of a constant up to `first` and a line from there on.
  double SquaresFrom(size_t first) const {
    const double start = rows_[first].time;
    const Slope slope = SlopeOf(rows_, [&](const TimedRow& row) { return std::max(0.0, row.time - start); });
    const double all = SquaresAround(rows_, slope.y_mean);
    return slope.xx > 0.0 && slope.xy < 0.0 ? all - slope.xy * slope.xy / slope.xx : all;
  }

  // Of a trend that may bend all along, such as half a season: a polynomial of the second degree, by Gram–Schmidt.
  double SquaresOfParabola() const {
    const double first = rows_.front().time, span = rows_.back().time - first;
    std::vector<std::vector<double>> basis;
    std::vector<double> rest;
    for (const TimedRow& row : rows_) rest.push_back(row.rest);
    for (int degree = 0; degree <= 2; ++degree) {
      std::vector<double> power;
      for (const TimedRow& row : rows_) power.push_back(std::pow((row.time - first) / span, degree));
      for (const std::vector<double>& earlier : basis) Project(earlier, power);
      Project(power, rest);
      basis.push_back(std::move(power));
    }
    return std::inner_product(rest.begin(), rest.end(), rest.begin(), 0.0);
  }

  // Takes its part along `direction` away from y.
  static void Project(const std::vector<double>& direction, std::vector<double>& y) {
    const double length = std::inner_product(direction.begin(), direction.end(), direction.begin(), 0.0);
    if (!(length > 1e-12)) return;
    const double along = std::inner_product(direction.begin(), direction.end(), y.begin(), 0.0) / length;
    for (size_t i = 0; i < y.size(); ++i) y[i] -= along * direction[i];
  }

  // The rows since the fall began, if it explains far more than a constant and than a parabola.
  std::optional<UnfinishedRows> BestFall() const {
    const size_t n = rows_.size();
    const size_t earliest = n - n / 3;
    const size_t step = std::max<size_t>(1, n / 200);
    double best = SquaresAround(rows_, MeanRest(rows_));
    const double constant = best;
    std::optional<size_t> start;
    for (size_t first = earliest; first + kFewestFallingRows <= n; first += step) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      size_t at = first;
      while (at > 0 && rows_[at].time == rows_[at - 1].time) --at;
      if (at == 0) continue;
      const double squares = SquaresFrom(at);
      if (squares >= best) continue;
      best = squares;
      start = at;
    }
    if (!start.has_value() || !(best > 0.0)) return std::nullopt;
    const auto rows = static_cast<double>(n);
    const double gain = 0.5 * rows * std::log(constant / best);
    if (gain < kLogLikelihoodRatio) return std::nullopt;
    if (0.5 * rows * std::log(SquaresOfParabola() / best) < 0.5 * kLogLikelihoodRatio) return std::nullopt;
    return Found(*start, gain);
  }

  const Table& features_;
  std::vector<TimedRow> rows_;
  absl::Span<const double> roi_;
  const Column* spend_;
  const StopCheck& stop_;
};

}  // namespace

std::optional<UnfinishedRows> FindUnfinishedRows(const Table& features, absl::Span<const int64_t> rows,
                                                 const PackedNumbers& times, absl::Span<const double> roi,
                                                 const Column* spend, const StopCheck& stop) {
  std::vector<TimedRow> timed;
  for (const int64_t row : rows) {
    const auto at = static_cast<size_t>(row);
    if (std::isnan(times[at]) || !std::isfinite(roi[at])) continue;
    timed.push_back({times[at], row, 1.0 + roi[at]});
  }
  if (timed.size() < kFewestRows) return std::nullopt;
  const auto earlier = [](const TimedRow& a, const TimedRow& b) {
    return std::pair(a.time, a.row) < std::pair(b.time, b.row);
  };
  if (!SortOrStop(timed, stop, earlier).ok()) return std::nullopt;
  if (timed.front().time == timed.back().time) return std::nullopt;
  LastRows last(features, std::move(timed), roi, spend, stop);
  if (std::optional<UnfinishedRows> without = last.WithoutRevenue(); without.has_value()) return without;
  return last.Falling();
}

}  // namespace roicast
