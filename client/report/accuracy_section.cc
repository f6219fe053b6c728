// Predictions beside outcomes.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/report/number_words.h"
#include "client/report/row_statistics.h"
#include "client/report/sections.h"
#include "client/report/svg_chart.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr int64_t kFewestRows = 10;
constexpr size_t kMostDots = 700;
constexpr int kTenths = 10;
constexpr int64_t kLeastPerGroup = 5;
constexpr int kBins = 31;
// Of the mean error.
constexpr double kNoticeableBias = 0.02;

// The axis for both predictions and outcomes: a few far rows must not squeeze all others.
ChartAxis CommonAxis(const OutcomeRows& rows, const std::string& label) {
  std::vector<double> ends;
  for (const std::vector<double>* values : {&rows.predicted, &rows.actual}) {
    ends.push_back(QuantileOf(*values, 0.005));
    ends.push_back(QuantileOf(*values, 0.995));
  }
  return ChartAxis::Around(ends, label);
}

Markup PredictedActualFigure(const OutcomeRows& rows, const TargetWords& target) {
  const ChartAxis axis = CommonAxis(rows, "");
  const ChartAxis x = ChartAxis::Linear(axis.low(), axis.high(), absl::StrCat("predicted ", target.name));
  const ChartAxis y = ChartAxis::Linear(axis.low(), axis.high(), "what came true");
  std::vector<ChartPoint> dots;
  for (const size_t i : SpreadPositions(rows.predicted.size(), kMostDots)) {
    dots.push_back({rows.predicted[i], rows.actual[i]});
  }
  int64_t far = 0;
  for (size_t i = 0; i < rows.predicted.size(); ++i) {
    far += !axis.Contains(rows.predicted[i]) || !axis.Contains(rows.actual[i]);
  }
  SvgChart chart(x, y, "Predicted against actual values, one dot per row, and the line on which both are equal");
  chart.Dots(dots, "one", 2.4).DashedLine({{axis.low(), axis.low()}, {axis.high(), axis.high()}}, "quiet");
  if (axis.Contains(0) && target.roi) chart.HorizontalRule(0, "break-even");
  std::string note =
      absl::StrCat("A dot on the dashed line is a perfect prediction; above it, more came back than predicted.");
  if (dots.size() < rows.predicted.size()) {
    absl::StrAppend(&note, " Shown are ", CountWords(static_cast<int64_t>(dots.size())), " of ",
                    CountWords(rows.size()), ".");
  }
  if (far > 0) {
    absl::StrAppend(&note, " ", Counted(far, "row lies", "rows lie"), " beyond the picture and ",
                    far == 1 ? "is" : "are", " drawn at its edge, if shown.");
  }
  return Figure("Predicted against actual", chart.ToMarkup(), note);
}

std::vector<std::string> GroupNames(size_t count) {
  std::vector<std::string> names;
  for (size_t g = 0; g < count; ++g) {
    names.push_back(count == 1 ? "all" : absl::StrCat(g + 1));
  }
  return names;
}

Markup LiftFigure(const OutcomeRows& rows, const TargetWords& target) {
  const std::vector<RowGroup> groups = GroupByScore(rows.predicted, rows.actual, kTenths, kLeastPerGroup);
  const double mean = MeasureErrors(rows).mean_actual;
  std::vector<double> ends = {0, mean};
  for (const RowGroup& group : groups) {
    ends.insert(ends.end(), {group.mean_actual - 1.645 * group.standard_error,
                             group.mean_actual + 1.645 * group.standard_error, group.mean_score});
  }
  const std::string parts = groups.size() == 10 ? "tenths" : "groups";
  SvgChart chart(ChartAxis::Names(GroupNames(groups.size()), absl::StrCat(parts, " by prediction, lowest to highest")),
                 ChartAxis::Around(ends, target.probability ? "share that did" : absl::StrCat("mean ", target.name),
                                   target.probability ? PercentWords : nullptr),
                 "Mean outcome of groups of rows, ordered by their prediction");
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto at = static_cast<double>(g);
    chart.Bar(at + 0.14, at + 0.86, groups[g].mean_actual, groups[g].mean_actual < 0 ? "two" : "one",
              absl::StrCat(Counted(groups[g].rows, "row", "rows"), ": predicted ", ValueWords(groups[g].mean_score),
                           ", came true ", ValueWords(groups[g].mean_actual)));
    chart.Whisker(at + 0.5, groups[g].mean_actual - 1.645 * groups[g].standard_error,
                  groups[g].mean_actual + 1.645 * groups[g].standard_error);
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    chart.Marker({static_cast<double>(g) + 0.5, groups[g].mean_score}, "three",
                 absl::StrCat("predicted ", ValueWords(groups[g].mean_score)));
  }
  chart.HorizontalRule(mean, "average");
  std::string note = absl::StrCat("Bars: what came true on average (lines: 90 % sure). Points: what was predicted. ");
  if (groups.size() > 1) {
    const double low = groups.front().mean_actual, high = groups.back().mean_actual;
    absl::StrAppend(&note, "The ", target.rows, " with the highest predictions reached ", ValueWords(high),
                    ", those with the lowest ", ValueWords(low), "; the average is ", ValueWords(mean), ".");
    if (mean > 0 && high > 0 && (target.probability || !target.roi)) {
      absl::StrAppend(&note, " That is a lift of ", ValueWords(high / mean), ".");
    }
  }
  return Figure("Lift: does a higher prediction bring more?",
                Join({Legend({{"one", "came true"}, {"three", "predicted"}}), chart.ToMarkup()}), note);
}

Markup ResidualFigure(const OutcomeRows& rows, const TargetWords& target) {
  std::vector<double> errors;
  for (size_t i = 0; i < rows.actual.size(); ++i) errors.push_back(rows.actual[i] - rows.predicted[i]);
  const Histogram histogram = HistogramOf(errors, kBins);
  const int64_t most = *std::max_element(histogram.counts.begin(), histogram.counts.end());
  const double high = histogram.low + histogram.width * static_cast<double>(histogram.counts.size());
  SvgChart chart(ChartAxis::Linear(histogram.low, high, "what came true − prediction"),
                 ChartAxis::Around({0, static_cast<double>(most)}, target.rows), "How often which error occurs");
  for (size_t b = 0; b < histogram.counts.size(); ++b) {
    const double from = histogram.low + histogram.width * static_cast<double>(b);
    chart.Bar(from + 0.06 * histogram.width, from + 0.94 * histogram.width, static_cast<double>(histogram.counts[b]),
              "one",
              absl::StrCat(ValueWords(from), " to ", ValueWords(from + histogram.width), ": ",
                           CountWords(histogram.counts[b])));
  }
  chart.VerticalRule(0, "no error");
  const ErrorMeasures measures = MeasureErrors(rows);
  std::string note =
      absl::StrCat("Half of the ", target.rows, " are off by less than ", ValueWords(measures.median_error), ".");
  if (std::abs(measures.bias) > kNoticeableBias * measures.mae) {
    absl::StrAppend(&note, " On average the prediction is ", ValueWords(std::abs(measures.bias)),
                    measures.bias > 0 ? " too high." : " too low.");
  } else {
    note += " On average the prediction is neither too high nor too low.";
  }
  if (histogram.below + histogram.above > 0) {
    absl::StrAppend(&note, " ", Counted(histogram.below, "error", "errors"), " further left and ",
                    CountWords(histogram.above), " further right are not shown.");
  }
  return Figure("Errors", chart.ToMarkup(), note);
}

Markup ResidualByPredictionFigure(const OutcomeRows& rows, const TargetWords& target) {
  std::vector<double> errors;
  for (size_t i = 0; i < rows.actual.size(); ++i) errors.push_back(rows.actual[i] - rows.predicted[i]);
  std::vector<ChartPoint> dots, line;
  for (const size_t i : SpreadPositions(errors.size(), kMostDots)) dots.push_back({rows.predicted[i], errors[i]});
  for (const RowGroup& group : GroupByScore(rows.predicted, errors, kTenths, kLeastPerGroup)) {
    line.push_back({group.mean_score, group.mean_actual});
  }
  SvgChart chart(ChartAxis::Around({QuantileOf(rows.predicted, 0.005), QuantileOf(rows.predicted, 0.995)},
                                   absl::StrCat("predicted ", target.name)),
                 ChartAxis::Around({QuantileOf(errors, 0.005), QuantileOf(errors, 0.995)}, "came true − prediction"),
                 "Errors against predictions, with the mean error of ten groups");
  chart.Dots(dots, "one", 2.2).HorizontalRule(0, "").Line(line, "two");
  return Figure("Errors along the prediction",
                Join({Legend({{"one", target.rows}, {"two", "mean of each tenth"}}), chart.ToMarkup()}),
                "The line should stay near 0: then high and low predictions can be trusted alike.");
}

Markup CoverageFigure(const OutcomeRows& rows, const TargetWords& target) {
  std::vector<std::string> names;
  std::vector<double> shares;
  for (const RowIntervals& intervals : rows.intervals) {
    names.push_back(PercentWords(intervals.level));
    shares.push_back(CoverageOf(intervals, rows.actual));
  }
  SvgChart chart(ChartAxis::Names(names, "how sure the range claims to be"),
                 ChartAxis::Linear(0, 1, "outcomes inside", PercentWords),
                 "Share of outcomes inside ranges of several levels");
  std::string note;
  for (size_t k = 0; k < shares.size(); ++k) {
    const auto at = static_cast<double>(k);
    chart.Bar(at + 0.22, at + 0.78, shares[k], "one",
              absl::StrCat("claimed ", names[k], ", inside ", PercentWords(shares[k])));
    chart.Marker({at + 0.5, rows.intervals[k].level}, "three", absl::StrCat("claimed ", names[k]));
    absl::StrAppend(&note, k == 0 ? "" : ", ", PercentWords(shares[k]), " inside those of ", names[k]);
  }
  return Figure(
      "Can its ranges be trusted?", Join({Legend({{"one", "inside"}, {"three", "claimed"}}), chart.ToMarkup()}),
      absl::StrCat("Of ", CountWords(rows.size()), " ", target.rows, ", ", note,
                   ". Bars that end at their points are right; shorter ones mean that the model is too sure."));
}

// Probabilities beside how often it came true.
Markup ReliabilityFigure(const std::string& title, absl::Span<const double> probability,
                         absl::Span<const double> happened, const std::string& label) {
  std::vector<ChartPoint> points;
  SvgChart chart(ChartAxis::Linear(0, 1, label, PercentWords),
                 ChartAxis::Linear(0, 1, "how often it came true", PercentWords),
                 "Claimed probabilities against how often it came true");
  chart.DashedLine({{0, 0}, {1, 1}}, "quiet");
  const std::vector<RowGroup> groups = GroupByScore(probability, happened, kTenths, kLeastPerGroup);
  for (const RowGroup& group : groups) {
    points.push_back({group.mean_score, group.mean_actual});
    chart.Whisker(group.mean_score, std::max(0.0, group.mean_actual - 1.645 * group.standard_error),
                  std::min(1.0, group.mean_actual + 1.645 * group.standard_error));
  }
  chart.Line(points, "one");
  for (const RowGroup& group : groups) {
    chart.Marker({group.mean_score, group.mean_actual}, "one",
                 absl::StrCat(Counted(group.rows, "row", "rows"), ": claimed ", PercentWords(group.mean_score),
                              ", came true ", PercentWords(group.mean_actual)));
  }
  return Figure(title, chart.ToMarkup(),
                "Points on the dashed line: of those with a claimed 70 %, 70 % came true. Lines: 90 % sure.");
}

Markup ScoresByOutcomeFigure(const OutcomeRows& rows) {
  std::vector<int64_t> yes(20), no(20);
  int64_t all_yes = 0;
  for (size_t i = 0; i < rows.actual.size(); ++i) {
    const auto bin = static_cast<size_t>(std::clamp(rows.predicted[i] * 20.0, 0.0, 19.0));
    ++(rows.actual[i] > 0.5 ? yes : no)[bin];
    all_yes += rows.actual[i] > 0.5;
  }
  const auto of_yes = static_cast<double>(std::max<int64_t>(all_yes, 1));
  const auto of_no = static_cast<double>(std::max<int64_t>(rows.size() - all_yes, 1));
  double most = 0;
  for (size_t b = 0; b < 20; ++b) {
    most = std::max({most, static_cast<double>(yes[b]) / of_yes, static_cast<double>(no[b]) / of_no});
  }
  SvgChart chart(ChartAxis::Linear(0, 1, "predicted chance", PercentWords),
                 ChartAxis::Around({0, most}, "share of each kind", PercentWords),
                 "Predicted chances of rows that did and of rows that did not");
  for (size_t b = 0; b < 20; ++b) {
    const double from = static_cast<double>(b) / 20;
    chart.Bar(from + 0.004, from + 0.024, static_cast<double>(no[b]) / of_no, "quiet", CountWords(no[b]));
    chart.Bar(from + 0.025, from + 0.046, static_cast<double>(yes[b]) / of_yes, "one", CountWords(yes[b]));
  }
  return Figure("Those that did, and those that did not",
                Join({Legend({{"one", "did"}, {"quiet", "did not"}}), chart.ToMarkup()}),
                "The further the two lie apart, the better the model tells them apart.");
}

Markup FiguresOfRows(const OutcomeRows& rows, const std::string& no_intervals, const TargetWords& target) {
  Markup figures;
  if (target.probability) {
    figures.Add(ReliabilityFigure("Can its chances be trusted?", rows.predicted, rows.actual, "predicted chance"));
    figures.Add(LiftFigure(rows, target));
    figures.Add(ScoresByOutcomeFigure(rows));
    return Element("div", "class=\"grid\"", {figures});
  }
  figures.Add(PredictedActualFigure(rows, target));
  figures.Add(LiftFigure(rows, target));
  figures.Add(ResidualFigure(rows, target));
  figures.Add(ResidualByPredictionFigure(rows, target));
  if (!rows.intervals.empty()) figures.Add(CoverageFigure(rows, target));
  if (!rows.profit_probability.empty()) {
    std::vector<double> profitable;
    for (const double roi : rows.actual) profitable.push_back(roi > rows.profit_threshold ? 1.0 : 0.0);
    figures.Add(ReliabilityFigure("Can its chances of profit be trusted?", rows.profit_probability, profitable,
                                  "claimed chance of profit"));
  }
  Markup all = Element("div", "class=\"grid\"", {figures});
  if (rows.intervals.empty() && !no_intervals.empty()) {
    all.Add(
        LeftOutNote(Join({"The check of ranges and chances of profit, level by level, is left out: ", no_intervals})));
  }
  return all;
}

// Which rows these are, and how far to trust them.
Markup RowsIntroduction(const ReportTable& table, const TargetWords& target) {
  std::string words = absl::StrCat("The pictures show ", CountWords(table.outcomes.size()), " ", target.rows, " of ",
                                   table.file, ", whose outcome is known from ", table.outcome, ".");
  if (table.rows_kept < table.rows_read - table.rows_unread) {
    absl::StrAppend(&words, " ", CountWords(table.rows_kept), " of ", CountWords(table.rows_read),
                    " rows were drawn at random.");
  }
  const auto add = [&](int64_t count, const char* what) {
    if (count > 0) absl::StrAppend(&words, " ", Counted(count, "row", "rows"), " ", what, ".");
  };
  add(table.rows_unread, "could not be read");
  add(table.rows_refused, "have a value that the model does not take");
  add(table.rows_without_outcome, "have no outcome, or a spend that is not above 0");
  Markup introduction = Element("p", {words});
  if (!table.first_unread.empty()) {
    introduction.Add(Element("p", "class=\"note\"", {"The first one that could not be read: ", table.first_unread}));
  }
  if (!table.absent.empty()) {
    introduction.Add(Element("p", "class=\"note\"",
                             {"Typical values stand for what the file lacks: ", AbsentText(table.absent), "."}));
  }
  if (!table.findings.empty()) {
    Markup list;
    for (const std::string& finding : table.findings) list.Add(Element("li", {finding}));
    introduction.Add(Element("div", "class=\"warning\"",
                             {Element("p", {"The file has what the model cannot take into account:"}),
                              Element("ul", "class=\"plain\"", {list})}));
  }
  if (table.learnt_from()) {
    introduction.Add(Element(
        "div", "class=\"verdict warn\"",
        {Element("strong", {absl::StrCat("The model has learnt from ", CountWords(table.rows_learnt), " of ",
                                         CountWords(table.rows_checked), " of these rows")}),
         Element("p", {"So these pictures flatter it. How good it is on new rows is in the table below, under “held "
                       "back”."})}));
  } else if (table.rows_checked > 0) {
    introduction.Add(
        Element("p", "class=\"note\"",
                {table.rows_learnt == 0
                     ? "The model has learnt from none of them: the pictures show what to expect of such rows."
                     : absl::StrCat("The model has learnt from ", CountWords(table.rows_learnt), " of ",
                                    CountWords(table.rows_checked), " of them.")}));
  } else if (!table.learnt_unknown.empty()) {
    introduction.Add(Element("p", "class=\"note\"",
                             {"Whether the model has learnt from these rows is not known, and then the pictures would "
                              "flatter it: ",
                              table.learnt_unknown, "."}));
  }
  return introduction;
}

Markup HeldOutIntroduction(const ReportInput& input, const OutcomeRows& rows, const TargetWords& target) {
  const int64_t all = input.model.report().new_rows().rows();
  Markup words = absl::StrCat("The pictures show ",
                              rows.size() < all ? absl::StrCat(CountWords(rows.size()), " of the ", CountWords(all))
                                                : absl::StrCat("the ", CountWords(all)),
                              " ", target.rows, " that were held back in training: the model had not seen them.");
  if (input.table.has_value() && input.table->learnt_from()) {
    words.Add(absl::StrCat(" Rows of ", input.table->file,
                           " are not shown, because they would flatter the model: it has learnt from ",
                           CountWords(input.table->rows_learnt), " of ", CountWords(input.table->rows_checked), "."));
  }
  return Element("p", {words});
}

// The check of ranges that training made on the rows held back. Empty: it made none.
Markup MeasuredInTraining(const v1::CalibrationReport& calibration, const TargetWords& target) {
  if (!calibration.has_coverage()) return Markup();
  std::string words = absl::StrCat("Measured in training, on the ", target.rows, " held back: ranges of 90 % held ",
                                   PercentWords(calibration.coverage()), " of what came true");
  if (target.roi && calibration.has_profit_reliability_error()) {
    absl::StrAppend(&words, ", and chances of profit were ",
                    absl::StrFormat("%.1f", 100 * calibration.profit_reliability_error()),
                    " percentage points off on average");
  }
  return Element("p", {words + "."});
}

class MetricsTableOfReport {
 public:
  explicit MetricsTableOfReport(const ReportInput& input) : input_(input), target_(WordsOfTarget(input.model)) {}

  Markup ToMarkup() {
    const v1::TrainingReport& report = input_.model.report();
    table_.head = {"on"};
    if (target_.probability) {
      for (const char* title : {"rows", "AUC", "log loss", "Brier", "accuracy", "F1"}) table_.head.push_back(title);
    } else {
      for (const char* title : {"rows", "R²", "mean error", "… of the average", "RMSE"}) table_.head.push_back(title);
      if (target_.roi) table_.head.push_back("AUC of profit");
    }
    if (report.has_holdout()) Add("held back", report.holdout());
    if (report.cross_validation().has_all()) Add("cross-validation", report.cross_validation().all());
    if (report.has_validation()) Add("validation", report.validation());
    if (report.has_train()) Add("learnt from", report.train());
    AddTable();
    return table_.rows.empty() ? Markup() : Join({Element("h3", {"In numbers"}), table_.ToMarkup()});
  }

 private:
  void Add(const char* name, const v1::MetricsWithBaseline& metrics) {
    const v1::Metrics& model = metrics.model();
    if (target_.probability) {
      const v1::ClassificationMetrics& two = model.two_valued();
      table_.rows.push_back({name, CountWords(model.rows()), absl::StrFormat("%.3f", two.auc()),
                             absl::StrFormat("%.3f", two.log_loss()), absl::StrFormat("%.3f", two.brier()),
                             PercentWords(two.accuracy()), absl::StrFormat("%.2f", two.f1())});
      return;
    }
    std::vector<Markup> row = {name,
                               CountWords(model.rows()),
                               PercentWords(model.roi().r2()),
                               ValueWords(model.roi().mae()),
                               ValueWords(metrics.baseline().roi().mae()),
                               ValueWords(model.roi().rmse())};
    if (target_.roi) row.push_back(absl::StrFormat("%.2f", model.profitable().auc()));
    table_.rows.push_back(std::move(row));
  }

  void AddTable() {
    if (!input_.table.has_value() || input_.table->outcomes.size() < kFewestRows) return;
    const OutcomeRows& rows = input_.table->outcomes;
    if (target_.probability) {
      table_.rows.push_back({input_.table->file, CountWords(rows.size()),
                             absl::StrFormat("%.3f", RankingQuality(rows.predicted, rows.actual, 0.5))});
      return;
    }
    const ErrorMeasures measures = MeasureErrors(rows);
    double squares = 0;
    for (size_t i = 0; i < rows.actual.size(); ++i) {
      squares += (rows.predicted[i] - rows.actual[i]) * (rows.predicted[i] - rows.actual[i]);
    }
    std::vector<Markup> row = {input_.table->file,
                               CountWords(rows.size()),
                               PercentWords(measures.r2),
                               ValueWords(measures.mae),
                               ValueWords(measures.mae_of_mean),
                               ValueWords(std::sqrt(squares / static_cast<double>(rows.size())))};
    if (target_.roi) {
      row.push_back(absl::StrFormat("%.2f", RankingQuality(rows.predicted, rows.actual, rows.profit_threshold)));
    }
    table_.rows.push_back(std::move(row));
  }

  const ReportInput& input_;
  const TargetWords target_;
  TableOfMarkup table_;
};

}  // namespace

Markup LeftOutNote(const Markup& why) { return Element("p", "class=\"missing\"", {why}); }

Markup AccuracySection(const ReportInput& input) {
  const TargetWords target = WordsOfTarget(input.model);
  const OutcomeRows held_out = HeldOutRows(input.model.report());
  const bool has_held_out = held_out.size() >= kFewestRows;
  Markup section, missing;
  if (!input.table.has_value()) {
    missing = Join({"no file was given: ", Element("code", {"roicast report campaigns.csv"})});
  } else if (input.table->outcomes.size() < kFewestRows) {
    const ReportTable& table = *input.table;
    missing = table.no_outcome.empty()
                  ? Markup(absl::StrCat("only ", Counted(table.outcomes.size(), "row", "rows"), " of ", table.file,
                                        " with a known outcome could be predicted, and it takes ",
                                        CountWords(kFewestRows), "."))
                  : Markup(table.no_outcome);
  }
  const bool use_table = missing.empty() && !(input.table->learnt_from() && has_held_out);
  if (use_table) {
    section.Add(RowsIntroduction(*input.table, target));
    section.Add(FiguresOfRows(input.table->outcomes, input.table->no_intervals, target));
  } else if (has_held_out) {
    section.Add(HeldOutIntroduction(input, held_out, target));
    section.Add(FiguresOfRows(held_out, "it needs a file with rows that the model has not learnt from.", target));
    section.Add(MeasuredInTraining(input.model.report().calibration(), target));
    if (!missing.empty()) section.Add(LeftOutNote(Join({"Rows of a file of one’s own are left out: ", missing})));
  } else {
    section.Add(LeftOutNote(
        Join({"Predicted against actual, lift, errors and the check of the ranges are left out: ", missing})));
  }
  section.Add(MetricsTableOfReport(input).ToMarkup());
  return section;
}

}  // namespace roicast::client
