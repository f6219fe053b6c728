// How the network learnt, and what was tried.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/report/number_words.h"
#include "client/report/sections.h"
#include "client/report/svg_chart.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr int kMostTried = 12;

Markup LossFigure(const v1::TrainingReport& report) {
  std::vector<ChartPoint> train, validation;
  std::vector<double> losses;
  for (const v1::EpochRecord& epoch : report.epochs()) {
    train.push_back({static_cast<double>(epoch.epoch()), epoch.train_loss()});
    validation.push_back({static_cast<double>(epoch.epoch()), epoch.validation_loss()});
    losses.push_back(epoch.train_loss());
    losses.push_back(epoch.validation_loss());
  }
  const bool validated =
      std::any_of(validation.begin(), validation.end(), [](const ChartPoint& p) { return std::isfinite(p.y); });
  // The first epochs of a network that begins far off would squeeze all others.
  std::vector<double> finite;
  for (const double loss : losses) {
    if (std::isfinite(loss)) finite.push_back(loss);
  }
  if (finite.empty()) return Markup();
  std::sort(finite.begin(), finite.end());
  const double high = std::min(finite.back(), 3 * finite[finite.size() / 2]);
  SvgChart chart(ChartAxis::Linear(train.front().x, std::max(train.back().x, train.front().x + 1), "epoch"),
                 ChartAxis::Around({0, high}, "loss"), "Loss over the epochs of training");
  chart.Line(train, "one", "rows that are learnt from");
  if (validated) chart.Line(validation, "two", "rows that only watch");
  if (report.best_epoch() > 0) chart.VerticalRule(report.best_epoch(), absl::StrCat("kept: ", report.best_epoch()));
  std::vector<LegendEntry> legend = {{"one", "rows that are learnt from"}};
  if (validated) legend.push_back({"two", "rows that only watch"});
  return Figure(
      "Loss, epoch by epoch", Join({Legend(legend), chart.ToMarkup()}),
      absl::StrCat(validated ? "Where the second line rises while the first falls, the network only learns its "
                               "rows by heart."
                             : "No rows were set aside to watch; how long to train was chosen before, or fixed.",
                   finite.back() > high ? absl::StrCat(" Losses above ", ValueWords(high), ", up to ",
                                                       ValueWords(finite.back()), ", are drawn at the edge.")
                                        : ""));
}

Markup CapacityFigure(const v1::TrainingReport& report) {
  if (report.compared_size() < 2) return Markup();
  std::vector<ChartPoint> others, chosen;
  std::vector<double> ends;
  if (report.has_linear_r2()) ends.push_back(report.linear_r2());
  double most_steps = 1, least_steps = INFINITY;
  for (const v1::ComparedCapacity& compared : report.compared()) {
    if (compared.steps() <= 0 || !std::isfinite(compared.r2())) continue;
    const auto steps = static_cast<double>(compared.steps());
    (compared.chosen() ? chosen : others).push_back({steps, compared.r2()});
    ends.push_back(compared.r2());
    most_steps = std::max(most_steps, steps);
    least_steps = std::min(least_steps, steps);
  }
  if (others.size() + chosen.size() < 2) return Markup();
  SvgChart chart(ChartAxis::Log(least_steps, most_steps, "training steps"),
                 ChartAxis::Around(ends, "score on new rows"), "Score of the settings that were compared");
  chart.Dots(others, "quiet", 3.5);
  for (const ChartPoint& point : chosen) chart.Marker(point, "one", absl::StrCat("chosen: ", ValueWords(point.y)));
  if (report.has_linear_r2()) chart.HorizontalRule(report.linear_r2(), "a linear model");
  return Figure("Settings that were compared",
                Join({Legend({{"one", "chosen"}, {"quiet", "compared"}}), chart.ToMarkup()}),
                chosen.empty() ? "No network did better than a linear model, so that the model is linear."
                               : "Each point is a setting, scored on rows that it had not learnt from.");
}

Markup TriedTable(const v1::TrainingReport& report) {
  if (report.tried().empty()) return Markup();
  TableOfMarkup table;
  table.head = {"model", "score on new rows", "seconds", "share in the result"};
  for (int i = 0; i < report.tried_size(); ++i) {
    const v1::TriedModel& tried = report.tried(i);
    if (i >= kMostTried && tried.share() == 0) continue;
    table.rows.push_back({tried.description(), absl::StrFormat("%.4f", tried.score()),
                          absl::StrFormat("%.1f", tried.seconds()),
                          tried.share() > 0 ? PercentWords(tried.share()) : ""});
  }
  return Join({Element("h3", {"What was tried"}), table.ToMarkup()});
}

std::string StepsSentence(const v1::Model& model) {
  const v1::TrainingReport& report = model.report();
  std::string words = absl::StrCat("Network ", model.network());
  if (report.members() > 1) absl::StrAppend(&words, ", ", report.members(), " of them together");
  absl::StrAppend(&words, ", ", CountWords(report.parameter_count()), " parameters.");
  if (report.epochs_run() > 0) {
    absl::StrAppend(&words, " ", Counted(report.epochs_run(), "epoch", "epochs"), " (", report.stop_reason(),
                    "); the weights of epoch ", report.best_epoch(), " were kept.");
  } else if (!report.stop_reason().empty()) {
    absl::StrAppend(&words, " ", report.stop_reason(), ".");
  }
  if (report.refit_rows() > 0) {
    absl::StrAppend(&words, " What serves learnt from all ", CountWords(report.refit_rows()),
                    " rows; it was measured by its twin, which had not seen the rows held back.");
  }
  return words;
}

Markup FoldsSentence(const v1::TrainingReport& report) {
  const auto& folds = report.cross_validation().first_metric();
  if (folds.empty()) return Markup();
  const bool two_valued = report.cross_validation().all().model().has_two_valued();
  std::vector<std::string> words;
  for (const double value : folds) words.push_back(absl::StrFormat("%.3f", value));
  return Element("p", {absl::StrCat("Cross-validation, ", two_valued ? "AUC" : "R²",
                                    " of each part: ", absl::StrJoin(words, ", "), ".")});
}

Markup ReductionsList(const v1::TrainingReport& report) {
  Markup list;
  for (const v1::ReductionReport& reduction : report.reductions()) {
    std::string words = absl::StrCat(reduction.step());
    if (!reduction.left_out().empty())
      absl::StrAppend(&words, " (without ", absl::StrJoin(reduction.left_out(), ", "), ")");
    absl::StrAppend(&words, ": ", CountWords(reduction.multiplications_after()),
                    " multiplications for a prediction instead of ", CountWords(reduction.multiplications_before()));
    if (std::isfinite(reduction.metric_before()) && std::isfinite(reduction.metric_after())) {
      absl::StrAppendFormat(&words, "; %.4f on the rows held back instead of %.4f", reduction.metric_after(),
                            reduction.metric_before());
    }
    list.Add(Element("li", {words}));
  }
  return list.empty() ? Markup() : Element("ul", "class=\"plain\"", {list});
}

}  // namespace

Markup TrainingSection(const ReportInput& input) {
  const v1::TrainingReport& report = input.model.report();
  Markup section = Element("p", {StepsSentence(input.model)});
  Markup figures;
  if (report.epochs_size() > 1) figures.Add(LossFigure(report));
  figures.Add(CapacityFigure(report));
  if (report.epochs_size() < 2) {
    section.Add(
        LeftOutNote("The learning curve is left out: the model was not trained in epochs, or they were not recorded."));
  }
  if (!figures.empty()) section.Add(Element("div", "class=\"grid\"", {figures}));
  section.Add(FoldsSentence(report));
  section.Add(TriedTable(report));
  section.Add(ReductionsList(report));
  return section;
}

}  // namespace roicast::client
