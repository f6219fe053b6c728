#include "model/training/preparation/single_column.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/tables/note.h"
#include "model/data/meaning/outcome_names.h"

namespace roicast {
namespace {

constexpr size_t kFewestTestRows = 10;
constexpr size_t kMostBins = 64;
constexpr size_t kFewestRowsPerBin = 5;
constexpr size_t kQuantileSample = 8192;
// More rows than this change R² by less than 0.001.
constexpr size_t kMostRows = 100'000;

constexpr size_t kFewestRowsOfACut = 30;
constexpr size_t kFewestRowsOfAWord = 5;
constexpr size_t kMostWordsOfACut = 10;
constexpr size_t kNeighbours = 8;  // on either side of a cut
constexpr double kMostGap = 4.0;   // at a cut, in mean distances of these neighbours

struct MeanOf {
  double sum = 0.0;
  int64_t count = 0;

  void Add(double value) {
    sum += value;
    ++count;
  }
  double Mean(double if_none) const { return count == 0 ? if_none : sum / static_cast<double>(count); }
};

// At most kMostRows of the rows, evenly spaced.
std::vector<int64_t> SomeOf(absl::Span<const int64_t> rows) {
  const size_t count = std::min(rows.size(), kMostRows);
  std::vector<int64_t> some(count);
  for (size_t i = 0; i < count; ++i) some[i] = rows[i * rows.size() / count];
  return some;
}

double MeanTarget(absl::Span<const double> target, absl::Span<const int64_t> rows) {
  MeanOf mean;
  for (const int64_t row : rows) mean.Add(target[row]);
  return mean.Mean(0.0);
}

// 1 − SSE / SST over the rows.
template <typename Predict>
double R2(absl::Span<const double> target, absl::Span<const int64_t> rows, const Predict& predict) {
  const double mean = MeanTarget(target, rows);
  double unexplained = 0.0, total = 0.0;
  for (const int64_t row : rows) {
    const double error = target[row] - predict(row), deviation = target[row] - mean;
    unexplained += error * error;
    total += deviation * deviation;
  }
  return total > 0.0 ? 1.0 - unexplained / total : 0.0;
}

double CategoriesR2(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                    absl::Span<const int64_t> test_rows) {
  const double overall = MeanTarget(target, fit_rows);
  std::vector<MeanOf> means(column.dictionary.size() + 1);  // the first: missing
  for (const int64_t row : fit_rows) means[column.codes[row] + 1].Add(target[row]);
  for (MeanOf& mean : means) mean.Add(overall);
  return R2(target, test_rows, [&](int64_t row) { return means[column.codes[row] + 1].Mean(overall); });
}

// Ordinary least squares of the present values.
double LineR2(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
              absl::Span<const int64_t> test_rows, double for_missing) {
  MeanOf x_mean, y_mean;
  for (const int64_t row : fit_rows) {
    if (column.IsMissing(row)) continue;
    x_mean.Add(column.numbers[row]);
    y_mean.Add(target[row]);
  }
  const double x0 = x_mean.Mean(0.0), y0 = y_mean.Mean(0.0);
  double xx = 0.0, xy = 0.0;
  for (const int64_t row : fit_rows) {
    if (column.IsMissing(row)) continue;
    const double x = column.numbers[row] - x0;
    xx += x * x;
    xy += x * (target[row] - y0);
  }
  if (!(xx > 0.0) || !std::isfinite(xx)) return 0.0;
  return R2(target, test_rows, [&](int64_t row) {
    return column.IsMissing(row) ? for_missing : y0 + xy / xx * (column.numbers[row] - x0);
  });
}

// Edges between groups of about equal size, ascending and distinct. At both ends, where a curve is steepest, groups get
// smaller by halves.
std::vector<double> EdgesOf(const Column& column, absl::Span<const int64_t> rows) {
  std::vector<double> sample;
  const size_t step = std::max<size_t>(1, rows.size() / kQuantileSample);
  for (size_t i = 0; i < rows.size(); i += step) {
    if (!column.IsMissing(rows[i])) sample.push_back(column.numbers[rows[i]]);
  }
  std::sort(sample.begin(), sample.end());
  const size_t size = sample.size();
  const size_t bins = std::min(kMostBins, size / kFewestRowsPerBin);
  std::vector<size_t> places;
  for (size_t bin = 1; bin < bins; ++bin) places.push_back(bin * size / bins);
  for (size_t end = bins == 0 ? 0 : size / bins / 2; end >= kFewestRowsPerBin; end /= 2) {
    places.push_back(end);
    places.push_back(size - end);
  }
  std::sort(places.begin(), places.end());
  std::vector<double> edges;
  for (const size_t place : places) {
    const double edge = sample[place];
    if (edge > sample.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
  }
  return edges;
}

// Lines between the means of the groups; constant beyond the outer ones.
double GroupsR2(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                absl::Span<const int64_t> test_rows, double for_missing) {
  const std::vector<double> edges = EdgesOf(column, fit_rows);
  std::vector<MeanOf> x_means(edges.size() + 1), y_means(edges.size() + 1);
  for (const int64_t row : fit_rows) {
    if (column.IsMissing(row)) continue;
    const double x = column.numbers[row];
    const auto bin = std::upper_bound(edges.begin(), edges.end(), x) - edges.begin();
    x_means[bin].Add(x);
    y_means[bin].Add(target[row]);
  }
  std::vector<double> knots, values;
  for (size_t bin = 0; bin < x_means.size(); ++bin) {
    if (x_means[bin].count == 0) continue;
    knots.push_back(x_means[bin].Mean(0.0));
    values.push_back(y_means[bin].Mean(0.0));
  }
  if (knots.empty()) return 0.0;
  return R2(target, test_rows, [&](int64_t row) {
    if (column.IsMissing(row)) return for_missing;
    const double x = column.numbers[row];
    const auto right = static_cast<size_t>(std::upper_bound(knots.begin(), knots.end(), x) - knots.begin());
    if (right == 0) return values.front();
    if (right == knots.size()) return values.back();
    const double share = (x - knots[right - 1]) / (knots[right] - knots[right - 1]);
    return values[right - 1] + share * (values[right] - values[right - 1]);
  });
}

double NumbersR2(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                 absl::Span<const int64_t> test_rows) {
  MeanOf missing;
  for (const int64_t row : fit_rows) {
    if (column.IsMissing(row)) missing.Add(target[row]);
  }
  const double for_missing = missing.Mean(MeanTarget(target, fit_rows));
  return std::max(LineR2(column, target, fit_rows, test_rows, for_missing),
                  GroupsR2(column, target, fit_rows, test_rows, for_missing));
}

// Whether the words of a column cut the target into ranges, in a place where it has values close on both sides. What is
// known before a campaign sets apart only what is far apart; such a cut is one of the target itself.
bool CutsTheTarget(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> rows) {
  if (column.kind != FeatureKind::kCategorical || rows.size() < kFewestRowsOfACut) return false;
  std::vector<std::pair<double, int32_t>> ordered;
  for (const int64_t row : rows) {
    if (!column.IsMissing(row)) ordered.emplace_back(target[row], column.codes[row]);
  }
  if (ordered.size() * 10 < rows.size() * 9) return false;
  std::sort(ordered.begin(), ordered.end());
  std::vector<size_t> rows_of(column.dictionary.size());
  for (const auto& [value, code] : ordered) ++rows_of[static_cast<size_t>(code)];
  size_t words = 0;
  for (const size_t count : rows_of) {
    if (count == 0) continue;
    ++words;
    if (count < kFewestRowsOfAWord) return false;
  }
  if (words < 2 || words > kMostWordsOfACut) return false;
  size_t close = 0;
  std::vector<bool> ended(column.dictionary.size());
  for (size_t i = 1; i < ordered.size(); ++i) {
    const int32_t left = ordered[i - 1].second, right = ordered[i].second;
    if (left == right) continue;
    // The ranges overlap.
    if (ordered[i].first == ordered[i - 1].first || ended[static_cast<size_t>(right)]) return false;
    ended[static_cast<size_t>(left)] = true;
    const size_t first = i >= kNeighbours ? i - kNeighbours : 0, last = std::min(i + kNeighbours, ordered.size()) - 1;
    const double usual = (ordered[last].first - ordered[first].first) / static_cast<double>(last - first);
    close += ordered[i].first - ordered[i - 1].first <= kMostGap * usual ? 1 : 0;
  }
  return close + 1 == words;
}

// amount / spend in the rows; missing where there is no spend.
Column QuotientOf(const Column& amount, const Column& spend, absl::Span<const int64_t> fit_rows,
                  absl::Span<const int64_t> test_rows) {
  std::vector<double> quotient(amount.numbers.size(), std::numeric_limits<double>::quiet_NaN());
  for (const absl::Span<const int64_t> rows : {fit_rows, test_rows}) {
    for (const int64_t row : rows) {
      if (spend.numbers[row] > 0) quotient[row] = amount.numbers[row] / spend.numbers[row];
    }
  }
  Column column;
  column.numbers = quotient;
  return column;
}

// Alone, or as 1 / spend, which is what makes the quotient of any amount explain the target.
bool SpendExplains(const Column& spend, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                   absl::Span<const int64_t> test_rows) {
  Column one;
  one.numbers.assign(spend.numbers.size(), 1.0);
  const Column inverse = QuotientOf(one, spend, fit_rows, test_rows);
  return SingleColumnR2(spend, target, fit_rows, test_rows) > kSuspiciousR2 ||
         SingleColumnR2(inverse, target, fit_rows, test_rows) > kSuspiciousR2;
}

}  // namespace

double SingleColumnR2(const Column& column, absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                      absl::Span<const int64_t> test_rows) {
  if (test_rows.size() < kFewestTestRows) return 0.0;
  return column.kind == FeatureKind::kCategorical ? CategoriesR2(column, target, fit_rows, test_rows)
                                                  : NumbersR2(column, target, fit_rows, test_rows);
}

std::vector<DataWarning> SingleColumnWarnings(const Table& features, const Column* spend,
                                              absl::Span<const double> target, absl::Span<const int64_t> fit_rows,
                                              absl::Span<const int64_t> test_rows, const StopCheck& stop) {
  constexpr absl::string_view kConsequence =
      "It is probably an outcome, known only after the campaign; then the model is worthless for campaigns to come, "
      "however good its metrics";
  std::vector<DataWarning> warnings;
  const std::vector<int64_t> fit = SomeOf(fit_rows), test = SomeOf(test_rows);
  std::vector<int64_t> all = fit;
  all.insert(all.end(), test.begin(), test.end());
  const bool compares_quotients =
      spend != nullptr && spend->kind == FeatureKind::kNumeric && !SpendExplains(*spend, target, fit, test);
  for (const Column& column : features.columns()) {
    if (!CheckStop(stop).ok()) break;
    // Rounded down: 99.9 % is not all.
    const auto per_cent = [](double r2) { return std::floor(r2 * 1000.0) / 10.0; };
    std::string message;
    const OutcomeName name = FindOutcomeName(column.name);
    const bool named = name == OutcomeName::kOutcome || name == OutcomeName::kPerhapsOutcome;
    if (const double r2 = SingleColumnR2(column, target, fit, test);
        r2 > (named ? kSuspiciousR2OfOutcomeNames : kSuspiciousR2)) {
      message =
          absl::StrFormat("\"%s\" alone explains %.1f %% of the target on %d rows that it was not learnt from. %s",
                          column.name, per_cent(r2), test.size(), kConsequence);
    } else if (CutsTheTarget(column, target, all)) {
      message = absl::StrFormat(
          "the words of \"%s\" cut the target of %d rows into ranges that do not overlap, though they have no gap "
          "between them. %s",
          column.name, all.size(), kConsequence);
    } else if (compares_quotients && column.kind == FeatureKind::kNumeric && column.name != spend->name) {
      const double quotient = SingleColumnR2(QuotientOf(column, *spend, fit, test), target, fit, test);
      if (!(quotient > kSuspiciousR2)) continue;
      message = absl::StrFormat(
          "\"%s\" / \"%s\" explains %.1f %% of the target on %d rows that it was not learnt from, as the revenue "
          "would. "
          "%s",
          column.name, spend->name, per_cent(quotient), test.size(), kConsequence);
    } else {
      continue;
    }
    DataWarning warning;
    warning.serious = true;
    warning.column = column.name;
    warning.message = std::move(message);
    warning.flags = {ColumnFlag("--exclude", "", column.name)};
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace roicast
