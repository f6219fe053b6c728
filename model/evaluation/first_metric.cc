#include "model/evaluation/first_metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"

namespace roicast {
namespace {

constexpr uint64_t kBootstrapSeed = 20260801;
constexpr size_t kMostParts = 20'000;
constexpr int kDraws = 400;
// An AUC costs a pass over all rows, and the interval of so many is narrow anyway.
constexpr size_t kManyRows = 200'000;
constexpr int kDrawsOfManyRows = 100;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What is drawn together, numbered from 0 without gaps.
struct Parts {
  std::vector<uint32_t> of_row;
  size_t count = 0;
};

Parts PartsOf(absl::Span<const int64_t> groups) {
  Parts parts;
  std::vector<int64_t> number(*std::max_element(groups.begin(), groups.end()) + 1, -1);
  int64_t distinct = 0;
  for (const int64_t group : groups) {
    if (number[group] < 0) number[group] = distinct++;
    parts.of_row.push_back(static_cast<uint32_t>(number[group] % static_cast<int64_t>(kMostParts)));
  }
  parts.count = std::min(static_cast<size_t>(distinct), kMostParts);
  return parts;
}

// How often each part is drawn.
void DrawParts(Random& random, std::vector<uint32_t>& times) {
  std::fill(times.begin(), times.end(), 0U);
  for (size_t i = 0; i < times.size(); ++i) ++times[random.Below(times.size())];
}

// Sums over the rows of a part, with the truth measured from its mean.
struct PartSums {
  double rows = 0.0, truth = 0.0, truth_squared = 0.0, error_squared = 0.0;
};

class R2Draws {
 public:
  R2Draws(absl::Span<const double> truth, absl::Span<const double> predicted, const Parts& parts) : sums_(parts.count) {
    const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / static_cast<double>(truth.size());
    for (size_t i = 0; i < truth.size(); ++i) {
      PartSums& sums = sums_[parts.of_row[i]];
      const double y = truth[i] - mean, error = predicted[i] - truth[i];
      sums.rows += 1.0;
      sums.truth += y;
      sums.truth_squared += y * y;
      sums.error_squared += error * error;
      total_ += y * y;
    }
  }

  double Draw(const std::vector<uint32_t>& times) const {
    PartSums all;
    for (size_t i = 0; i < times.size(); ++i) {
      const double weight = times[i];
      all.rows += weight * sums_[i].rows;
      all.truth += weight * sums_[i].truth;
      all.truth_squared += weight * sums_[i].truth_squared;
      all.error_squared += weight * sums_[i].error_squared;
    }
    const double about_mean = all.truth_squared - all.truth * all.truth / all.rows;
    // Less is rounding: all drawn rows have the same truth.
    return about_mean > 1e-12 * total_ ? 1.0 - all.error_squared / about_mean : kUnknown;
  }

 private:
  std::vector<PartSums> sums_;
  double total_ = 0.0;
};

class AucDraws {
 public:
  static absl::StatusOr<AucDraws> Create(absl::Span<const double> truth, absl::Span<const double> predicted,
                                         const Parts& parts, const StopCheck& stop) {
    std::vector<uint32_t> order(truth.size());
    std::iota(order.begin(), order.end(), 0U);
    ROICAST_RETURN_IF_ERROR(
        SortOrStop(order, stop, [&](uint32_t a, uint32_t b) { return predicted[a] < predicted[b]; }));
    AucDraws draws;
    for (size_t i = 0; i < order.size(); ++i) {
      const bool last = i + 1 == order.size() || predicted[order[i + 1]] != predicted[order[i]];
      draws.rows_.push_back({parts.of_row[order[i]], truth[order[i]] > 0.5, last});
    }
    return draws;
  }

  double Draw(const std::vector<uint32_t>& times) const {
    double below = 0.0, tied_negatives = 0.0, tied_positives = 0.0, positives = 0.0, won = 0.0;
    for (const Row& row : rows_) {
      (row.positive ? tied_positives : tied_negatives) += times[row.part];
      if (!row.last_of_tie) continue;
      won += tied_positives * (below + 0.5 * tied_negatives);
      below += tied_negatives;
      positives += tied_positives;
      tied_negatives = tied_positives = 0.0;
    }
    return below > 0.0 && positives > 0.0 ? won / (below * positives) : kUnknown;
  }

 private:
  struct Row {
    uint32_t part;
    bool positive;
    bool last_of_tie;
  };
  std::vector<Row> rows_;  // by prediction
};

template <typename Draws>
absl::Status SetInterval(const Draws& draws, size_t parts, int count, const StopCheck& stop,
                         MetricsWithBaseline& metrics) {
  Random random(kBootstrapSeed);
  std::vector<uint32_t> times(parts);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    DrawParts(random, times);
    const double value = draws.Draw(times);
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.size() * 2 < static_cast<size_t>(count)) return absl::OkStatus();
  std::sort(values.begin(), values.end());
  const double last = static_cast<double>(values.size() - 1);
  const double metric = FirstMetric(metrics.model);
  metrics.first_metric_low = std::min(metric, values[static_cast<size_t>(std::floor(0.05 * last))]);
  metrics.first_metric_high = std::max(metric, values[static_cast<size_t>(std::ceil(0.95 * last))]);
  return absl::OkStatus();
}

int DigitsOf(double value) {
  const double from_one = std::abs(1.0 - value);
  return from_one < 0.005 ? 4 : from_one < 0.05 ? 3 : std::abs(value) < 100.0 ? 2 : 0;
}

std::string WithDigits(double value, int digits) {
  std::string text = absl::StrFormat("%.*f", digits, std::abs(value));
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return value < 0.0 && !zero ? absl::StrCat("−", text) : text;
}

}  // namespace

double FirstMetric(const Metrics& metrics) {
  return metrics.two_valued.has_value() ? metrics.two_valued->auc : metrics.roi.r2;
}

absl::string_view FirstMetricName(const Metrics& metrics) { return metrics.two_valued.has_value() ? "AUC" : "R²"; }

double FirstMetricOfConstant(const Metrics& metrics) { return metrics.two_valued.has_value() ? 0.5 : 0.0; }

absl::Status SetFirstMetricInterval(absl::Span<const double> truth, absl::Span<const double> predicted,
                                    absl::Span<const int64_t> groups, MetricsWithBaseline& metrics,
                                    const StopCheck& stop) {
  ROICAST_CHECK(truth.size() == predicted.size() && truth.size() == groups.size());
  metrics.first_metric_low = metrics.first_metric_high = kUnknown;
  if (metrics.distinct_inputs < kFewestDistinctInputs) return absl::OkStatus();
  const bool constant = std::all_of(truth.begin(), truth.end(), [&](double value) { return value == truth[0]; });
  if (constant) return absl::OkStatus();
  const Parts parts = PartsOf(groups);
  if (!metrics.model.two_valued.has_value()) {
    return SetInterval(R2Draws(truth, predicted, parts), parts.count, kDraws, stop, metrics);
  }
  ROICAST_ASSIGN_OR_RETURN(const AucDraws draws, AucDraws::Create(truth, predicted, parts, stop));
  return SetInterval(draws, parts.count, truth.size() > kManyRows ? kDrawsOfManyRows : kDraws, stop, metrics);
}

std::string FormatFirstMetric(double value) { return WithDigits(value, DigitsOf(value)); }

std::string DescribeFirstMetric(const MetricsWithBaseline& metrics) {
  const double value = FirstMetric(metrics.model);
  const std::string text = absl::StrCat(FirstMetricName(metrics.model), " ", FormatFirstMetric(value));
  if (std::isnan(metrics.first_metric_low)) return text;
  const int digits = DigitsOf(value);
  return absl::StrCat(text, " (", WithDigits(metrics.first_metric_low, digits),
                      metrics.first_metric_low < 0.0 ? " to " : "–", WithDigits(metrics.first_metric_high, digits),
                      ")");
}

}  // namespace roicast
