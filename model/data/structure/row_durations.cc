#include "model/data/structure/row_durations.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "model/data/structure/beside_words_and_spend.h"

namespace roicast {
namespace {

constexpr size_t kFewestRowsWithBoth = 40;
constexpr size_t kMostTimes = 8;
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
  for (double& days : spans.days) days = whole ? days + 1.0 : std::max(days, 1.0 / 24.0);
  return spans;
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
    if (IsSeenByFeatures(question_.features, spans->rows, spans->days, stop_)) return std::nullopt;
    return Tells(*spans, judged) ? std::optional(judged) : std::nullopt;
  }

 private:
  // Both sides of the line are freed from words, spend and a trend (Frisch and Waugh, Partial Time Regressions, 1933).
  bool Tells(const Spans& spans, Judged& judged) const {
    std::vector<double> logs;
    for (const double days : spans.days) logs.push_back(std::log(days));
    const std::vector<double> x = Beside(spans, logs), y = Beside(spans, LogReturns(spans.rows, question_.roi));
    const auto n = static_cast<double>(x.size());
    TakeMeanAway(logs);
    const double xx = ProductOf(x, x), yy = ProductOf(y, y);
    if (!CheckStop(stop_).ok() || !(xx > kLeastRestOfDays * ProductOf(logs, logs))) return false;
    const double slope = ProductOf(x, y) / xx, rest = std::max(yy - slope * slope * xx, 1e-12 * yy);
    judged.t = std::abs(slope) * std::sqrt(xx * n / rest);
    judged.durations.factor = std::pow(judged.durations.longest / judged.durations.shortest, slope);
    const double factor = judged.durations.factor;
    return judged.t >= kLeastTOfDays && std::max(factor, 1.0 / factor) >= kLeastFactorOfDays;
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
