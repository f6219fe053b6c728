#include "model/data/structure/row_durations.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "model/data/structure/beside_words_and_spend.h"
#include "model/data/structure/line_of_groups.h"

namespace roicast {
namespace {

constexpr size_t kFewestRowsWithBoth = 40;
constexpr size_t kMostTimes = 8;
// Fewer are of many campaigns each, such as months.
constexpr size_t kFewestTimesOfCampaigns = 20;
constexpr double kSecondsPerDay = 86'400.0;
constexpr double kFewestTimesAsLong = 1.5;
constexpr double kLeastTOfDays = 6.0;
constexpr double kLeastFactorOfDays = 1.1;
// Of the squares of ln days; what words, spend and a trend leave less of, they show.
constexpr double kLeastRestOfDays = 0.05;

// Days that mostly follow one of the times are the age of a row, as up to the day of an export.
constexpr double kMostOfOneSpan = 0.7;

void TakeMeanAway(std::vector<double>& values) {
  double mean = 0.0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (double& value : values) value -= mean;
}

double ProductOf(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double CorrelationOf(std::vector<double> a, std::vector<double> b) {
  TakeMeanAway(a);
  TakeMeanAway(b);
  const double squares = ProductOf(a, a) * ProductOf(b, b);
  return squares > 0.0 ? ProductOf(a, b) / std::sqrt(squares) : 0.0;
}

// From one time to another, in the rows that have both.
struct Spans {
  std::vector<int64_t> rows;
  std::vector<double> days, starts, ends;
  std::vector<int64_t> group;  // rows with the same two times have the same one: they may be of one campaign
};

std::optional<Spans> SpansBetween(const Column& start, const Column& end, absl::Span<const int64_t> rows) {
  Spans spans;
  bool whole = true;
  for (const int64_t row : rows) {
    const double from = start.numbers[static_cast<size_t>(row)] / kSecondsPerDay;
    const double to = end.numbers[static_cast<size_t>(row)] / kSecondsPerDay;
    const double days = to - from;
    if (std::isnan(days)) continue;
    if (days < 0.0) return std::nullopt;
    whole = whole && days == std::floor(days);
    spans.rows.push_back(row);
    spans.days.push_back(days);
    spans.starts.push_back(from);
    spans.ends.push_back(to);
  }
  if (spans.rows.size() < kFewestRowsWithBoth || 10 * spans.rows.size() < 9 * rows.size()) return std::nullopt;
  absl::flat_hash_map<std::pair<double, double>, int64_t> groups;
  for (size_t i = 0; i < spans.rows.size(); ++i) {
    const std::pair<double, double> both(spans.starts[i], spans.ends[i]);
    spans.group.push_back(groups.try_emplace(both, static_cast<int64_t>(groups.size())).first->second);
  }
  for (double& days : spans.days) days = whole ? days + 1.0 : std::max(days, 1.0 / 24.0);
  return spans;
}

// Whether most of the rows have a time of their own between the two, while several rows have the same two: then the
// span is that of a campaign, and its rows are of days, say.
bool IsOfWholeCampaigns(const Spans& spans, const Column& own) {
  struct Group {
    int64_t rows = 0;
    double first = 0.0;
    bool varies = false;
  };
  std::vector<Group> groups(spans.rows.size());
  int64_t between = 0;
  for (size_t i = 0; i < spans.rows.size(); ++i) {
    const double time = own.numbers[static_cast<size_t>(spans.rows[i])] / kSecondsPerDay;
    if (std::isnan(time)) continue;
    Group& group = groups[static_cast<size_t>(spans.group[i])];
    if (group.rows++ == 0) group.first = time;
    group.varies = group.varies || time != group.first;
    // The end may be a day, which is over a day later.
    between += time >= spans.starts[i] && time < spans.ends[i] + 1.0 ? 1 : 0;
  }
  int64_t in_varying = 0;
  for (const Group& group : groups) in_varying += group.varies ? group.rows : 0;
  const auto rows = static_cast<int64_t>(spans.rows.size());
  return 10 * between >= 9 * rows && 2 * in_varying >= rows;
}

struct Judged {
  RowDurations durations;
  double t = 0.0;
};

class DurationJudge {
 public:
  DurationJudge(const DurationQuestion& question, const StopCheck& stop) : question_(question), stop_(stop) {}

  std::optional<Judged> Judge(const Column& start, const Column& end) const {
    const std::optional<Spans> spans = SpansBetween(start, end, question_.rows);
    if (!spans.has_value()) return std::nullopt;
    Judged judged;
    std::vector<double> sorted = spans->days;
    std::sort(sorted.begin(), sorted.end());
    judged.durations.start = start.name;
    judged.durations.end = end.name;
    judged.durations.shortest = sorted[sorted.size() / 20];
    judged.durations.longest = sorted[sorted.size() - 1 - sorted.size() / 20];
    if (judged.durations.longest < kFewestTimesAsLong * judged.durations.shortest) return std::nullopt;
    for (const std::vector<double>* const time : {&spans->starts, &spans->ends}) {
      if (std::abs(CorrelationOf(*time, spans->days)) > kMostOfOneSpan) return std::nullopt;
    }
    for (const Column& own : question_.table.columns()) {
      if (own.kind != FeatureKind::kTime || own.name == start.name || own.name == end.name) continue;
      if (IsOfWholeCampaigns(*spans, own)) return std::nullopt;
    }
    if (IsSeenByFeatures(question_.features, spans->rows, spans->days, stop_)) return std::nullopt;
    return Tells(*spans, judged) ? std::optional(judged) : std::nullopt;
  }

 private:
  // Both sides of the line are freed from words, spend and a trend (Frisch and Waugh, Partial Time Regressions, 1933).
  bool Tells(const Spans& spans, Judged& judged) const {
    std::vector<double> logs;
    for (const double days : spans.days) logs.push_back(std::log(days));
    const std::vector<double> x = Beside(spans, logs), y = Beside(spans, LogReturns(spans.rows, question_.roi));
    TakeMeanAway(logs);
    const double xx = ProductOf(x, x);
    if (!CheckStop(stop_).ok() || !(xx > kLeastRestOfDays * ProductOf(logs, logs))) return false;
    const double slope = ProductOf(x, y) / xx;
    std::vector<std::pair<double, double>> points;
    for (size_t i = 0; i < x.size(); ++i) points.emplace_back(x[i], y[i]);
    judged.t = LeastT(spans, points);
    judged.durations.factor = std::pow(judged.durations.longest / judged.durations.shortest, slope);
    const double factor = judged.durations.factor;
    return judged.t >= kLeastTOfDays && std::max(factor, 1.0 / factor) >= kLeastFactorOfDays;
  }

  // Rows with the same start, the same end, or both may be of one campaign, whose returns they share.
  static double LeastT(const Spans& spans, absl::Span<const std::pair<double, double>> points) {
    double least = std::abs(TOfLineThroughGroups(points, spans.group));
    for (const std::vector<double>* const times : {&spans.starts, &spans.ends}) {
      absl::flat_hash_map<double, int64_t> numbers;
      std::vector<int64_t> group;
      for (const double time : *times) {
        group.push_back(numbers.try_emplace(time, static_cast<int64_t>(numbers.size())).first->second);
      }
      if (numbers.size() < kFewestTimesOfCampaigns) continue;
      least = std::min(least, std::abs(TOfLineThroughGroups(points, group)));
    }
    return least;
  }

  std::vector<double> Beside(const Spans& spans, std::vector<double> values) const {
    values = BesideWordsAndSpend(question_.features, spans.rows, question_.spend, std::move(values), stop_);
    std::vector<double> starts = spans.starts;
    TakeMeanAway(starts);
    TakeMeanAway(values);
    const double squares = ProductOf(starts, starts);
    const double slope = squares > 0.0 ? ProductOf(starts, values) / squares : 0.0;
    for (size_t i = 0; i < values.size(); ++i) values[i] -= slope * starts[i];
    return values;
  }

  const DurationQuestion& question_;
  const StopCheck& stop_;
};

}  // namespace

std::optional<RowDurations> FindRowDurations(const DurationQuestion& question, const StopCheck& stop) {
  std::vector<const Column*> times;
  for (const Column& column : question.table.columns()) {
    if (column.kind == FeatureKind::kTime && times.size() < kMostTimes) times.push_back(&column);
  }
  const DurationJudge judge(question, stop);
  std::optional<Judged> best;
  for (const Column* const start : times) {
    for (const Column* const end : times) {
      if (start == end) continue;
      if (!CheckStop(stop).ok()) return std::nullopt;
      std::optional<Judged> judged = judge.Judge(*start, *end);
      if (judged.has_value() && (!best.has_value() || judged->t > best->t)) best = std::move(judged);
    }
  }
  if (!best.has_value()) return std::nullopt;
  return best->durations;
}

}  // namespace roicast
