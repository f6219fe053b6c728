#include "model/data/structure/beside_words_and_spend.h"

#include <algorithm>
#include <cmath>

namespace roicast {
namespace {

constexpr int kBackfittingPasses = 4;
constexpr double kNextToNothing = 0.02;
constexpr double kSameCourse = 0.98;

void TakeWordsAway(const Column& words, absl::Span<const int64_t> rows, std::vector<double>& values) {
  std::vector<double> sum(words.dictionary.size() + 1), count(words.dictionary.size() + 1);
  const auto place = [&](size_t i) { return static_cast<size_t>(words.codes[static_cast<size_t>(rows[i])] + 1); };
  for (size_t i = 0; i < rows.size(); ++i) {
    sum[place(i)] += values[i];
    ++count[place(i)];
  }
  for (size_t i = 0; i < rows.size(); ++i) values[i] -= sum[place(i)] / count[place(i)];
}

void TakeSpendAway(const Column& spend, absl::Span<const int64_t> rows, std::vector<double>& values) {
  const auto n = static_cast<double>(rows.size());
  const auto x_of = [&](size_t i) { return std::log(std::max(spend.numbers[static_cast<size_t>(rows[i])], 1e-9)); };
  double x_mean = 0.0, y_mean = 0.0, xx = 0.0, xy = 0.0;
  for (size_t i = 0; i < rows.size(); ++i) {
    x_mean += x_of(i) / n;
    y_mean += values[i];
  }
  y_mean /= n;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double x = x_of(i) - x_mean;
    xx += x * x;
    xy += x * (values[i] - y_mean);
  }
  if (!(xx > 0.0) || !std::isfinite(xx)) return;
  for (size_t i = 0; i < rows.size(); ++i) values[i] -= y_mean + xy / xx * (x_of(i) - x_mean);
}

// Of the rows where `of_a` and `of_b` are both numbers; 0 where they are few.
template <typename OfA, typename OfB>
double Correlation(size_t n, const OfA& of_a, const OfB& of_b) {
  double count = 0.0, a_mean = 0.0, b_mean = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
  for (size_t i = 0; i < n; ++i) {
    const double a = of_a(i), b = of_b(i);
    if (!std::isfinite(a) || !std::isfinite(b)) continue;
    const double a_off = a - a_mean, b_off = b - b_mean;
    ++count;
    a_mean += a_off / count;
    b_mean += b_off / count;
    aa += a_off * (a - a_mean);
    bb += b_off * (b - b_mean);
    ab += a_off * (b - b_mean);
  }
  return 2.0 * count >= static_cast<double>(n) && aa > 0.0 && bb > 0.0 ? ab / std::sqrt(aa * bb) : 0.0;
}

}  // namespace

std::vector<double> BesideWordsAndSpend(const Table& features, absl::Span<const int64_t> rows, const Column* spend,
                                        std::vector<double> values, const StopCheck& stop) {
  for (int pass = 0; pass < kBackfittingPasses; ++pass) {
    for (const Column& column : features.columns()) {
      if (!CheckStop(stop).ok()) return values;
      if (column.kind != FeatureKind::kCategorical || column.dictionary.size() > kMostWordsOfKind) continue;
      TakeWordsAway(column, rows, values);
    }
    if (spend != nullptr) TakeSpendAway(*spend, rows, values);
  }
  return values;
}

std::vector<double> LogReturns(absl::Span<const int64_t> rows, absl::Span<const double> roi) {
  std::vector<double> returns;
  returns.reserve(rows.size());
  for (const int64_t row : rows) returns.push_back(1.0 + roi[static_cast<size_t>(row)]);
  std::vector<double> sorted = returns;
  const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
  if (middle == sorted.end()) return returns;
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double floor = std::max(*middle * kNextToNothing, 1e-9);
  for (double& value : returns) value = std::log(std::max(value, floor));
  return returns;
}

bool IsSeenByFeatures(const Table& features, absl::Span<const int64_t> rows, absl::Span<const double> values,
                      const StopCheck& stop) {
  for (const Column& column : features.columns()) {
    if (!CheckStop(stop).ok()) return false;
    if (column.kind != FeatureKind::kNumeric) continue;
    const auto of_column = [&](size_t i) { return column.numbers[static_cast<size_t>(rows[i])]; };
    const auto of_value = [&](size_t i) { return values[i]; };
    if (std::abs(Correlation(rows.size(), of_column, of_value)) >= kSameCourse) return true;
    const auto log_of_column = [&](size_t i) { return std::log(of_column(i)); };
    const auto log_of_value = [&](size_t i) { return std::log(values[i]); };
    if (std::abs(Correlation(rows.size(), log_of_column, log_of_value)) >= kSameCourse) return true;
  }
  return false;
}

}  // namespace roicast
