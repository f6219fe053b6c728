#include "model/data/structure/word_trends.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/stoppable_sort.h"
#include "model/data/structure/beside_words_and_spend.h"
#include "model/data/structure/line_of_groups.h"

namespace roicast {
namespace {

constexpr size_t kTwelfths = 12;
constexpr size_t kFewestRowsWithTime = 120;
constexpr size_t kFewestRowsOfWordTrend = 30;
constexpr size_t kFewestLastRowsOfWord = 8;
constexpr size_t kFewestTwelfthsOfWord = 8;
constexpr size_t kFewestEntitiesOfWord = 8;
constexpr double kLeastTOfTrend = 5.0;
constexpr double kLeastTOfLast = 4.0;
constexpr double kLeastChange = 0.1823;  // ln 1.2

struct TimedRest {
  double time;
  int64_t row;
  double rest = 0.0;
  double brought = 0.0, expected = 0.0;  // money; by words and spend alone
};

// Of money before the last sixth of the rows, and in it.
struct Money {
  std::array<double, 2> brought{}, expected{};

  void Add(const TimedRest& row, bool last) {
    brought[last ? 1 : 0] += row.brought;
    expected[last ? 1 : 0] += row.expected;
  }
  // ln of what comes of a share of what is expected in the last sixth, by that before.
  double Change() const { return std::log(brought[1] / expected[1] * expected[0] / brought[0]); }
  Money Without(const Money& part) const {
    Money others = *this;
    for (size_t i = 0; i < 2; ++i) {
      others.brought[i] -= part.brought[i];
      others.expected[i] -= part.expected[i];
    }
    return others;
  }
};

// Of one word, in the order of time.
struct RowsOfWord {
  std::vector<std::pair<double, double>> points;  // time, rest
  std::vector<int64_t> rows;                      // those of the points
  size_t last = 0;                                // of these in the last sixth of all rows
  Money money;

  void Add(const TimedRest& row, bool is_last) {
    points.emplace_back(row.time, row.rest);
    rows.push_back(row.row);
    last += is_last ? 1 : 0;
    money.Add(row, is_last);
  }
};

// t of a straight line through the points; 0 where there is none.
double TOfLine(const std::vector<std::pair<double, double>>& points) {
  const auto n = static_cast<double>(points.size());
  double x_mean = 0.0, y_mean = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
  for (const auto& [x, y] : points) {
    x_mean += x / n;
    y_mean += y / n;
  }
  for (const auto& [x, y] : points) {
    xx += (x - x_mean) * (x - x_mean);
    xy += (x - x_mean) * (y - y_mean);
    yy += (y - y_mean) * (y - y_mean);
  }
  if (n < 3.0 || !(xx > 0.0)) return 0.0;
  const double rest = std::max(yy - xy * xy / xx, 1e-12 * yy);
  return rest > 0.0 ? xy / xx * std::sqrt(xx * (n - 2.0) / rest) : 0.0;
}

double MeanOfY(absl::Span<const std::pair<double, double>> points) {
  double sum = 0.0;
  for (const auto& [x, y] : points) sum += y;
  return points.empty() ? 0.0 : sum / static_cast<double>(points.size());
}

class WordTrendSearch {
 public:
  WordTrendSearch(const WordTrendQuestion& question, const Column& time, const StopCheck& stop)
      : question_(question), time_(time), stop_(stop) {}

  std::optional<WordTrends> Find() {
    if (!TakeCommonAway()) return std::nullopt;
    std::optional<WordTrends> best;
    for (const Column& column : question_.features.columns()) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      if (column.kind != FeatureKind::kCategorical || column.dictionary.size() > kMostWordsOfKind) continue;
      WordTrends found = Of(column);
      if (found.words.empty()) continue;
      if (!best.has_value() || LargestT(found) > LargestT(*best)) best = std::move(found);
    }
    return best;
  }

  static double LargestT(const WordTrends& trends) {
    double largest = 0.0;
    for (const WordTrend& word : trends.words) largest = std::max(largest, std::abs(word.t));
    return largest;
  }

 private:
  // In the order of time.
  bool TakeCommonAway() {
    for (const int64_t row : question_.rows) {
      const double time = time_.numbers[static_cast<size_t>(row)];
      if (!std::isnan(time)) rows_.push_back({time, row});
    }
    if (rows_.size() < kFewestRowsWithTime) return false;
    const auto earlier = [](const TimedRest& a, const TimedRest& b) {
      return std::pair(a.time, a.row) < std::pair(b.time, b.row);
    };
    if (!SortOrStop(rows_, stop_, earlier).ok() || rows_.front().time == rows_.back().time) return false;
    std::vector<int64_t> order;
    for (const TimedRest& row : rows_) order.push_back(row.row);
    const std::vector<double> returns = LogReturns(order, question_.roi);
    const std::vector<double> rests = BesideWordsAndSpend(question_.features, order, question_.spend, returns, stop_);
    std::array<double, kTwelfths> sum{}, count{};
    for (size_t i = 0; i < rows_.size(); ++i) {
      sum[TwelfthOf(rows_[i])] += rests[i];
      ++count[TwelfthOf(rows_[i])];
    }
    for (size_t i = 0; i < rows_.size(); ++i) {
      const size_t twelfth = TwelfthOf(rows_[i]);
      rows_[i].rest = rests[i] - sum[twelfth] / count[twelfth];
      const auto at = static_cast<size_t>(rows_[i].row);
      const double spend = question_.spend != nullptr ? question_.spend->numbers[at] : 1.0;
      rows_[i].brought = spend * (1.0 + question_.roi[at]);
      rows_[i].expected = spend * std::exp(returns[i] - rests[i]);
    }
    // A time stays as a whole.
    last_ = rows_.size() - rows_.size() / 6;
    while (last_ > 0 && rows_[last_ - 1].time == rows_[last_].time) --last_;
    return CheckStop(stop_).ok();
  }

  size_t TwelfthOf(const TimedRest& row) const {
    const double first = rows_.front().time, span = rows_.back().time - first;
    return std::min(static_cast<size_t>((row.time - first) / span * kTwelfths), kTwelfths - 1);
  }

  WordTrends Of(const Column& column) const {
    WordTrends found;
    found.column = column.name;
    found.time = time_.name;
    found.since = rows_[last_].time;
    std::vector<RowsOfWord> words(column.dictionary.size());
    Money all;
    for (size_t i = 0; i < rows_.size(); ++i) {
      const int32_t code = column.codes[static_cast<size_t>(rows_[i].row)];
      all.Add(rows_[i], i >= last_);
      if (code >= 0) words[static_cast<size_t>(code)].Add(rows_[i], i >= last_);
    }
    for (size_t word = 0; word < words.size(); ++word) {
      if (!CheckStop(stop_).ok()) return found;
      std::optional<WordTrend> trend = Judge(words[word], column.name);
      if (!trend.has_value()) continue;
      // Of many small rows, logarithms may fall where the money does not.
      const Money& money = words[word].money;
      const double change = money.Change() - all.Without(money).Change();
      if (!(change * (trend->t > 0.0 ? 1.0 : -1.0) >= kLeastChange)) continue;
      trend->word = std::string(column.dictionary[word]);
      found.words.push_back(*std::move(trend));
    }
    std::stable_sort(found.words.begin(), found.words.end(), [](const WordTrend& a, const WordTrend& b) {
      return std::abs(std::log(a.level)) > std::abs(std::log(b.level));
    });
    return found;
  }

  std::optional<WordTrend> Judge(const RowsOfWord& word, const std::string& column) const {
    const std::vector<std::pair<double, double>>& points = word.points;
    const size_t last = word.last;
    if (points.size() < kFewestRowsOfWordTrend || last < kFewestLastRowsOfWord) return std::nullopt;
    WordTrend trend;
    trend.t = TOfLine(points);
    if (std::abs(trend.t) < kLeastTOfTrend) return std::nullopt;
    const std::vector<std::pair<double, double>> means = MeansOfTwelfths(points);
    if (means.size() < kFewestTwelfthsOfWord || std::abs(TOfLine(means)) < kLeastTOfTrend) return std::nullopt;
    if (!HoldsForEntities(word, column)) return std::nullopt;
    const absl::Span<const std::pair<double, double>> all(points);
    const double usual = MeanOfY(all), end = MeanOfY(all.last(last)) - usual;
    double squares = 0.0;
    for (const auto& [time, rest] : points) squares += (rest - usual) * (rest - usual);
    const double error = std::sqrt(squares / static_cast<double>(points.size()) / static_cast<double>(last));
    if (end * trend.t < 0.0 || std::abs(end) < std::max(kLeastChange, kLeastTOfLast * error)) return std::nullopt;
    const size_t third = points.size() / 3;
    const double early = MeanOfY(all.first(third)), middle = MeanOfY(all.subspan(third, third)),
                 late = MeanOfY(all.subspan(2 * third));
    if ((middle - early) * trend.t < 0.0 || (late - middle) * trend.t < 0.0) return std::nullopt;
    trend.level = std::exp(end);
    return trend;
  }

  // The rows of a campaign have its level in common, unless each word is one campaign.
  bool HoldsForEntities(const RowsOfWord& word, const std::string& column) const {
    if (question_.entities == nullptr || question_.entities->column == column) return true;
    absl::flat_hash_set<int64_t> distinct;
    std::vector<int64_t> groups;
    for (const int64_t row : word.rows) {
      const int64_t entity = question_.entities->of_row[static_cast<size_t>(row)];
      groups.push_back(entity >= 0 ? entity : -1 - row);  // Of none: one of its own.
      distinct.insert(groups.back());
    }
    return distinct.size() >= kFewestEntitiesOfWord &&
           std::abs(TOfLineThroughGroups(word.points, groups)) >= kLeastTOfTrend;
  }

  std::vector<std::pair<double, double>> MeansOfTwelfths(const std::vector<std::pair<double, double>>& points) const {
    std::array<std::pair<double, double>, kTwelfths> sums{};
    std::array<double, kTwelfths> count{};
    for (const auto& [time, rest] : points) {
      const size_t twelfth = TwelfthOf({time, 0});
      sums[twelfth].first += time;
      sums[twelfth].second += rest;
      ++count[twelfth];
    }
    std::vector<std::pair<double, double>> means;
    for (size_t i = 0; i < kTwelfths; ++i) {
      if (count[i] > 0.0) means.emplace_back(sums[i].first / count[i], sums[i].second / count[i]);
    }
    return means;
  }

  const WordTrendQuestion& question_;
  const Column& time_;
  const StopCheck& stop_;
  std::vector<TimedRest> rows_;
  size_t last_ = 0;  // the first of the last sixth
};

}  // namespace

std::optional<WordTrends> FindWordTrends(const WordTrendQuestion& question, const StopCheck& stop) {
  std::optional<WordTrends> best;
  for (const Column& column : question.table.columns()) {
    if (column.kind != FeatureKind::kTime) continue;
    std::optional<WordTrends> found = WordTrendSearch(question, column, stop).Find();
    if (!CheckStop(stop).ok()) return std::nullopt;
    if (!found.has_value()) continue;
    if (!best.has_value() || WordTrendSearch::LargestT(*found) > WordTrendSearch::LargestT(*best)) {
      best = std::move(found);
    }
  }
  return best;
}

}  // namespace roicast
