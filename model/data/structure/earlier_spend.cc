#include "model/data/structure/earlier_spend.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/stoppable_sort.h"
#include "model/data/structure/beside_words_and_spend.h"

namespace roicast {
namespace {

// Of a column; more are names of rows.
constexpr size_t kMostWordsOfSeries = 2000;
// A few milliseconds of hashing.
constexpr size_t kRowsBetweenQuestions = 16'384;
constexpr size_t kFewestTriples = 60;
constexpr double kShareOfTriples = 0.6;
constexpr double kLongestStep = 100.0 * 86'400.0;
constexpr double kStepTolerance = 0.15;
constexpr double kFewestSeriesForTimes = 3.0;
constexpr int kPassesOfMeans = 12;
constexpr double kLeastTOfBefore = 6.0;
constexpr double kLeastTOverBehind = 4.0;
constexpr double kLeastElasticity = 0.05;
constexpr double kLeastShareOfNow = 0.2;

using Values = std::vector<double>;

double Dot(const Values& a, const Values& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// Takes the mean of each group away. group: per value, below `groups`.
void TakeMeansAway(const std::vector<size_t>& group, size_t groups, Values& values) {
  Values sum(groups), count(groups);
  for (size_t i = 0; i < values.size(); ++i) {
    sum[group[i]] += values[i];
    ++count[group[i]];
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] -= sum[group[i]] / count[group[i]];
}

void TakeDirectionAway(const Values& direction, Values& values) {
  const double square = Dot(direction, direction);
  if (!(square > 1e-12)) return;
  const double along = Dot(direction, values) / square;
  for (size_t i = 0; i < values.size(); ++i) values[i] -= along * direction[i];
}

// Numbers groups as they come.
class Numbering {
 public:
  size_t Of(uint64_t key) { return number_.try_emplace(key, number_.size()).first->second; }
  size_t size() const { return number_.size(); }

 private:
  absl::flat_hash_map<uint64_t, size_t> number_;
};

// A row with those before and behind it in its series.
struct Triples {
  std::vector<int64_t> rows;
  Values revenue, now, before, behind;  // ln
  Values spend_before;
  std::vector<size_t> series, times;
  Numbering series_numbers, time_numbers;
  double step = 0.0;
};

struct Coefficient {
  double value = 0.0, error = 0.0;
};

// Of x in the regression of y on x and `others`; all beside their means. df: what is left of the rows.
Coefficient CoefficientOf(Values x, std::vector<Values> others, Values y, double df) {
  for (size_t i = 0; i < others.size(); ++i) {
    for (size_t j = 0; j < i; ++j) TakeDirectionAway(others[j], others[i]);
    TakeDirectionAway(others[i], x);
    TakeDirectionAway(others[i], y);
  }
  const double square = Dot(x, x);
  if (!(square > 1e-9)) return {0.0, std::numeric_limits<double>::infinity()};
  Coefficient coefficient{Dot(x, y) / square, 0.0};
  TakeDirectionAway(x, y);
  coefficient.error = std::sqrt(std::max(Dot(y, y), 1e-12) / df / square);
  return coefficient;
}

class EarlierSpendSearch {
 public:
  EarlierSpendSearch(const EarlierSpendQuestion& question, const StopCheck& stop) : question_(question), stop_(stop) {}

  // t: of the spend before.
  std::optional<std::pair<double, EarlierSpend>> Along(const Column& time) const {
    std::optional<Triples> triples = TriplesAlong(time);
    if (!triples.has_value()) return std::nullopt;
    if (IsSeenByFeatures(question_.features, triples->rows, triples->spend_before, stop_)) return std::nullopt;
    const double df = TakeEffectsAway(time, *triples);
    if (!(df >= 30.0) || !CheckStop(stop_).ok()) return std::nullopt;
    const Coefficient now = CoefficientOf(triples->now, {triples->before, triples->behind}, triples->revenue, df);
    const Coefficient before = CoefficientOf(triples->before, {triples->now, triples->behind}, triples->revenue, df);
    const Coefficient behind = CoefficientOf(triples->behind, {triples->now, triples->before}, triples->revenue, df);
    const double t = before.value / before.error;
    const double twice_behind = before.value - 2.0 * std::max(behind.value, 0.0);
    if (!(t >= kLeastTOfBefore) || before.value < kLeastElasticity) return std::nullopt;
    if (before.value < kLeastShareOfNow * std::abs(now.value)) return std::nullopt;
    if (twice_behind < kLeastTOverBehind * std::hypot(before.error, behind.error)) return std::nullopt;
    EarlierSpend found;
    found.time = time.name;
    found.step = triples->step / 86'400.0;
    found.series = static_cast<int64_t>(triples->series_numbers.size());
    found.rows = static_cast<int64_t>(triples->rows.size());
    found.before = before.value;
    found.now = now.value;
    return std::pair(t, found);
  }

 private:
  double TimeOf(const Column& time, int64_t row) const { return time.numbers[static_cast<size_t>(row)]; }
  double LogSpend(int64_t row) const { return std::log(question_.spend.numbers[static_cast<size_t>(row)]); }

  // Features of words that occur at most times, as a channel does and a month does not.
  std::vector<const Column*> ColumnsOfSeries(const Column& time) const {
    // Without a time a row is in no series.
    std::vector<int64_t> timed;
    std::copy_if(question_.rows.begin(), question_.rows.end(), std::back_inserter(timed),
                 [&](int64_t row) { return !std::isnan(TimeOf(time, row)); });
    absl::flat_hash_set<double> times;
    for (const int64_t row : timed) times.insert(TimeOf(time, row));
    std::vector<const Column*> columns;
    RareStopCheck rare(&stop_, kRowsBetweenQuestions);
    for (const Column& column : question_.features.columns()) {
      if (column.kind != FeatureKind::kCategorical || column.dictionary.size() > kMostWordsOfSeries) continue;
      if (!CheckStop(stop_).ok()) break;
      std::vector<absl::flat_hash_set<double>> times_of(column.dictionary.size() + 1);
      std::vector<size_t> rows_of(times_of.size());
      for (const int64_t row : timed) {
        if (!rare.Done(1).ok()) return columns;
        const auto word = static_cast<size_t>(column.codes[static_cast<size_t>(row)] + 1);
        times_of[word].insert(TimeOf(time, row));
        ++rows_of[word];
      }
      size_t usual = 0;
      for (size_t word = 0; word < rows_of.size(); ++word) {
        usual += 2 * times_of[word].size() >= times.size() ? rows_of[word] : 0;
      }
      if (10 * usual >= 9 * timed.size()) columns.push_back(&column);
    }
    return columns;
  }

  std::optional<Triples> TriplesAlong(const Column& time) const {
    std::vector<std::tuple<uint64_t, double, int64_t>> order;  // series, time, row
    const std::vector<const Column*> columns = ColumnsOfSeries(time);
    for (const int64_t row : question_.rows) {
      if (std::isnan(TimeOf(time, row))) continue;
      uint64_t series = 0;
      for (const Column* const column : columns) {
        series ^= static_cast<uint64_t>(column->codes[static_cast<size_t>(row)] + 1);
        series = SplitMix64(series);
      }
      order.emplace_back(series, TimeOf(time, row), row);
    }
    if (order.size() < kFewestTriples || !SortOrStop(order, stop_).ok()) return std::nullopt;
    Triples triples;
    triples.step = UsualStep(order);
    if (!(triples.step > 0.0) || triples.step > kLongestStep) return std::nullopt;
    for (size_t i = 1; i + 1 < order.size(); ++i) {
      if (Follows(order[i - 1], order[i], triples.step) && Follows(order[i], order[i + 1], triples.step)) {
        Add(std::get<2>(order[i - 1]), order[i], std::get<2>(order[i + 1]), triples);
      }
    }
    const size_t n = triples.rows.size();
    if (n < kFewestTriples || static_cast<double>(n) < kShareOfTriples * static_cast<double>(question_.rows.size())) {
      return std::nullopt;
    }
    return triples;
  }

  // 0: most series have several rows at one time.
  static double UsualStep(const std::vector<std::tuple<uint64_t, double, int64_t>>& order) {
    Values steps;
    for (size_t i = 1; i < order.size(); ++i) {
      if (std::get<0>(order[i]) == std::get<0>(order[i - 1])) {
        steps.push_back(std::get<1>(order[i]) - std::get<1>(order[i - 1]));
      }
    }
    if (steps.empty()) return 0.0;
    const auto middle = steps.begin() + static_cast<int64_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return *middle;
  }

  static bool Follows(const std::tuple<uint64_t, double, int64_t>& before,
                      const std::tuple<uint64_t, double, int64_t>& row, double step) {
    return std::get<0>(before) == std::get<0>(row) &&
           std::abs(std::get<1>(row) - std::get<1>(before) - step) <= kStepTolerance * step;
  }

  void Add(int64_t before, const std::tuple<uint64_t, double, int64_t>& at, int64_t behind, Triples& triples) const {
    const auto& [series, time, row] = at;
    const double gross = 1.0 + question_.roi[static_cast<size_t>(row)];
    if (!(gross > 0.0)) return;
    triples.rows.push_back(row);
    triples.revenue.push_back(std::log(gross) + LogSpend(row));
    triples.now.push_back(LogSpend(row));
    triples.before.push_back(LogSpend(before));
    triples.behind.push_back(LogSpend(behind));
    triples.spend_before.push_back(question_.spend.numbers[static_cast<size_t>(before)]);
    triples.series.push_back(triples.series_numbers.Of(series));
    triples.times.push_back(triples.time_numbers.Of(static_cast<uint64_t>(static_cast<int64_t>(time))));
  }

  // The degrees of freedom that are left.
  double TakeEffectsAway(const Column& time, Triples& triples) const {
    const auto n = static_cast<double>(triples.rows.size());
    std::vector<std::pair<std::vector<size_t>, size_t>> effects = {{triples.series, triples.series_numbers.size()}};
    if (n >= kFewestSeriesForTimes * static_cast<double>(triples.time_numbers.size())) {
      effects.emplace_back(triples.times, triples.time_numbers.size());
    } else {
      std::vector<size_t> months, days;
      for (const int64_t row : triples.rows) {
        const absl::CivilDay day =
            absl::ToCivilDay(absl::FromUnixSeconds(static_cast<int64_t>(TimeOf(time, row))), absl::UTCTimeZone());
        months.push_back(static_cast<size_t>(day.month() - 1));
        days.push_back(static_cast<size_t>(absl::GetWeekday(day)));
      }
      effects.emplace_back(std::move(months), 12);
      effects.emplace_back(std::move(days), 7);
    }
    double left = n - 3.0;
    for (const auto& [group, groups] : effects) left -= static_cast<double>(groups);
    for (Values* const values : {&triples.revenue, &triples.now, &triples.before, &triples.behind}) {
      for (int pass = 0; pass < kPassesOfMeans && CheckStop(stop_).ok(); ++pass) {
        for (const auto& [group, groups] : effects) TakeMeansAway(group, groups, *values);
      }
    }
    return left;
  }

  const EarlierSpendQuestion& question_;
  const StopCheck& stop_;
};

}  // namespace

std::optional<EarlierSpend> FindEarlierSpend(const EarlierSpendQuestion& question, const StopCheck& stop) {
  const EarlierSpendSearch search(question, stop);
  std::optional<std::pair<double, EarlierSpend>> best;
  for (const Column& column : question.table.columns()) {
    if (column.kind != FeatureKind::kTime) continue;
    std::optional<std::pair<double, EarlierSpend>> found = search.Along(column);
    if (!CheckStop(stop).ok()) return std::nullopt;
    if (found.has_value() && (!best.has_value() || found->first > best->first)) best = std::move(found);
  }
  if (!best.has_value()) return std::nullopt;
  return best->second;
}

}  // namespace roicast
