// What the predictions depend on.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/report/importances.h"
#include "client/report/number_words.h"
#include "client/report/sections.h"
#include "client/report/svg_chart.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr int kMostBars = 15;
constexpr int kMostPairs = 6;
// Part of what a pair does; less is not worth a bar.
constexpr double kNoticeableInteraction = 0.01;
constexpr double kReadableFidelity = 0.7;
// Rules that tell less are not shown: nobody should learn from them.
constexpr double kLeastFidelity = 0.3;
// A numeric feature whose values span so many times the lowest is drawn on a logarithmic axis.
constexpr double kLogSpan = 50;
constexpr size_t kShortMonth = 3;
constexpr int kMostNames = 12;

Markup ImportanceFigure(const Importances& importances, const TargetWords& target) {
  std::vector<BarRow> bars;
  int unshown = 0;
  for (const v1::FeatureImportance& feature : importances.features) {
    if (static_cast<int>(bars.size()) == kMostBars) {
      ++unshown;
      continue;
    }
    BarRow bar;
    bar.name = feature.feature();
    bar.value = feature.importance();
    bar.low = feature.interval().low();
    bar.high = feature.interval().high();
    if (!(bar.low > 0)) bar.colour = "quiet";
    bar.text = std::isfinite(feature.ratio())
                   ? absl::StrCat(feature.ratio() >= 1 ? "+" : "", PercentWords(feature.ratio() - 1))
                   : ValueWords(feature.importance());
    bars.push_back(std::move(bar));
  }
  std::string note =
      importances.against_truth
          ? absl::StrCat("How much larger the error becomes when the values of one feature are shuffled among the ",
                         target.rows, ": the model then cannot use it. ")
          : absl::StrCat("How far predictions of ", target.name,
                         " move when the values of one feature are shuffled among the ", target.rows, ". ");
  absl::StrAppend(&note, "Lines: 90 % sure; a grey bar is not shown to matter.");
  if (unshown > 0) absl::StrAppend(&note, " ", Counted(unshown, "feature", "features"), " with less are not listed.");
  absl::StrAppend(&note, importances.rows, " Features that go together share their importance.");
  return Join({Element("h3", {"Which features matter"}), BarList(bars, "Importance of the features"),
               Element("p", "class=\"note\"", {note})});
}

std::vector<double> EndsOf(const v1::FeatureDependence& dependence) {
  std::vector<double> ends(dependence.mean().begin(), dependence.mean().end());
  ends.insert(ends.end(), dependence.low().begin(), dependence.low().end());
  ends.insert(ends.end(), dependence.high().begin(), dependence.high().end());
  return ends;
}

std::string DependenceNote(const v1::FeatureDependence& dependence) {
  const auto& mean = dependence.mean();
  const auto low = static_cast<int>(std::min_element(mean.begin(), mean.end()) - mean.begin());
  const auto high = static_cast<int>(std::max_element(mean.begin(), mean.end()) - mean.begin());
  const bool numeric = dependence.values_size() == dependence.mean_size();
  const auto label = [&](int k) { return numeric ? ValueWords(dependence.values(k)) : dependence.labels(k); };
  std::string along;
  if (dependence.moved_along_size() > 0) {
    along = absl::StrCat(" ", absl::StrJoin(dependence.moved_along(), ", "),
                         dependence.moved_along_size() == 1 ? " goes" : " go", " along with it, as in training.");
  }
  if (low == high) return absl::StrCat("It makes no difference.", along);
  std::string words = absl::StrCat("Lowest at ", label(low), ": ", ValueWords(mean[low]), ". Highest at ", label(high),
                                   ": ", ValueWords(mean[high]), ".");
  if (!numeric && dependence.mean_size() > kMostNames) {
    absl::StrAppend(&words, " Shown are the ", kMostNames, " most frequent of ", dependence.mean_size(), " values.");
  }
  return words + along;
}

Markup NumberDependence(const v1::FeatureDependence& dependence, const TargetWords& target) {
  const std::vector<double> x(dependence.values().begin(), dependence.values().end());
  const std::vector<double> low(dependence.low().begin(), dependence.low().end());
  const std::vector<double> high(dependence.high().begin(), dependence.high().end());
  const bool logarithmic = x.front() > 0 && x.back() / x.front() >= kLogSpan;
  SvgChart chart(logarithmic ? ChartAxis::Log(x.front(), x.back(), dependence.feature())
                             : ChartAxis::Linear(x.front(), x.back(), dependence.feature()),
                 ChartAxis::Around(EndsOf(dependence), target.name),
                 absl::StrCat("Predictions along ", dependence.feature()));
  if (low.size() == x.size() && high.size() == x.size()) chart.Band(x, low, high, "one");
  for (const v1::IndividualCurve& curve : dependence.individual()) {
    std::vector<ChartPoint> points;
    for (int k = 0; k < curve.values_size() && k < static_cast<int>(x.size()); ++k) {
      points.push_back({x[static_cast<size_t>(k)], curve.values(k)});
    }
    chart.FaintLine(points, "quiet");
  }
  std::vector<ChartPoint> mean;
  for (size_t k = 0; k < x.size(); ++k) mean.push_back({x[k], dependence.mean(static_cast<int>(k))});
  chart.Line(mean, "one", "mean of the rows").Rug(x);
  return chart.ToMarkup();
}

Markup NamedDependence(const v1::FeatureDependence& dependence, const TargetWords& target) {
  std::vector<std::string> names;
  const bool months = std::all_of(dependence.labels().begin(), dependence.labels().end(), [](const std::string& label) {
    static constexpr absl::string_view kMonths =
        "January February March April May June July August September October November December";
    return absl::string_view(label).size() >= kShortMonth && absl::StrContains(kMonths, label);
  });
  const int count = std::min(dependence.mean_size(), kMostNames);
  for (int k = 0; k < count; ++k) {
    names.push_back(months ? dependence.labels(k).substr(0, kShortMonth) : dependence.labels(k));
  }
  std::vector<double> ends = EndsOf(dependence);
  if (target.roi || target.probability) ends.push_back(0);
  SvgChart chart(ChartAxis::Names(names, dependence.feature()), ChartAxis::Around(ends, target.name),
                 absl::StrCat("Predictions for the values of ", dependence.feature()));
  for (int k = 0; k < count; ++k) {
    const double at = k;
    const std::string rows =
        k < dependence.rows_size() ? absl::StrCat(", ", Counted(dependence.rows(k), "row", "rows")) : "";
    if (k < dependence.low_size() && k < dependence.high_size()) {
      chart.Spread(at + 0.5, dependence.low(k), dependence.high(k), "one");
    }
    chart.Bar(at + 0.18, at + 0.82, dependence.mean(k), dependence.mean(k) < 0 ? "two" : "one",
              absl::StrCat(dependence.labels(k), ": ", ValueWords(dependence.mean(k)), rows));
  }
  return chart.ToMarkup();
}

Markup DependenceFigures(const v1::AnalyzeModelResponse& analysis, const TargetWords& target) {
  Markup figures;
  bool single_rows = false, moved = false;
  for (const v1::FeatureDependence& dependence : analysis.dependence()) {
    if (dependence.mean().empty() || dependence.labels_size() != dependence.mean_size()) continue;
    const bool numeric = dependence.values_size() == dependence.mean_size();
    figures.Add(Figure(dependence.feature(),
                       numeric ? NumberDependence(dependence, target) : NamedDependence(dependence, target),
                       DependenceNote(dependence)));
    moved = moved || dependence.moved_along_size() > 0;
    single_rows = single_rows || (numeric && dependence.individual_size() > 0);
  }
  if (figures.empty()) return Markup();
  return Join({Element("h3", {"How each of them works"}),
               Element("p", {"Each picture sets one feature to a value for all ", target.rows,
                             " and leaves the rest as it is", moved ? ", but for what goes along with the spend" : "",
                             ". The strong line and the bars are the mean prediction; the "
                             "pale bands hold 80 % of the ",
                             target.rows, single_rows ? absl::StrCat("; pale lines are single ", target.rows) : "",
                             ". Small ticks at the edge show where the data lies."}),
               Element("div", "class=\"grid\"", {figures})});
}

Markup InteractionFigure(const v1::AnalyzeModelResponse& analysis, const TargetWords& target) {
  std::vector<BarRow> bars;
  for (const v1::FeatureInteraction& pair : analysis.interactions()) {
    if (static_cast<int>(bars.size()) == kMostPairs || !(pair.h() >= kNoticeableInteraction)) break;
    BarRow bar;
    bar.name = absl::StrCat(pair.first(), " × ", pair.second());
    bar.value = pair.strength();
    bar.low = bar.high = NAN;
    bar.text = absl::StrCat(ValueWords(pair.strength()), " (",
                            pair.h() > 1 ? "more than each alone" : PercentWords(pair.h()), ")");
    bar.colour = "four";
    bars.push_back(std::move(bar));
  }
  const Markup title = Element("h3", {"Which of them act together"});
  if (bars.empty() && analysis.interactions().empty()) return Markup();
  if (bars.empty()) {
    return Join(
        {title, Element("p", {"No two of the most important ones: what each does adds up to what they do together."})});
  }
  return Join({title, BarList(bars, "Strength of the interactions"),
               Element("p", "class=\"note\"",
                       {absl::StrCat("How much of ", target.name,
                                     " two features decide together, beyond the sum of what each does alone: a channel "
                                     "that works in one region only, for example. In brackets: as a part of all that "
                                     "the two do (Friedman’s H).")})});
}

Markup RulesTable(const v1::AnalyzeModelResponse& analysis, const TargetWords& target) {
  if (!analysis.has_tree() || analysis.tree().rules_size() < 2) return Markup();
  const v1::SurrogateTree& tree = analysis.tree();
  const Markup title = Element("h3", {"In rules of thumb"});
  if (!(tree.fidelity() >= kLeastFidelity)) {
    return Join(
        {title, Element("p", {"A few rules do not tell what this model does: those that were tried tell next to "
                              "nothing of it on rows they were not made from."})});
  }
  TableOfMarkup table;
  table.head = {"if", absl::StrCat("share of ", target.rows), "prediction"};
  for (const v1::TreeRule& rule : tree.rules()) {
    table.rows.push_back({rule.conditions(), PercentWords(rule.share()),
                          target.probability ? PercentWords(rule.prediction()) : ValueWords(rule.prediction())});
  }
  const std::string told = PercentWords(tree.fidelity());
  const std::string note =
      tree.fidelity() >= kReadableFidelity
          ? absl::StrCat("These rules tell ", told,
                         " of what the model does, measured on rows they were not made from.")
          : absl::StrCat(
                "These rules tell only ", told,
                " of what the model does, measured on rows they were not made from: a first look, not the model.");
  return Join({title, table.ToMarkup(), Element("p", "class=\"note\"", {note})});
}

}  // namespace

Markup DriversSection(const ReportInput& input) {
  const TargetWords target = WordsOfTarget(input.model);
  const Importances importances = ChooseImportances(input);
  const Markup cause =
      "This is what the model uses, which need not be what causes the outcome: only an experiment, such as a "
      "lift test, shows a cause.";
  Markup section;
  if (input.analysis.has_value()) {
    const bool earlier = input.analysis_rows == kHeldBackRows && input.model.report().refit_rows() > 0;
    section.Add(Element("p", {absl::StrCat("From ", CountWords(input.analysis->rows() - input.analysis->rows_refused()),
                                           " ", target.rows, " ", input.analysis_rows,
                                           earlier ? ", as predicted before the model learnt from them, too. " : ". "),
                              cause}));
  } else if (!importances.features.empty()) {
    section.Add(Element("p", {cause}));
  }
  if (!importances.features.empty()) section.Add(ImportanceFigure(importances, target));
  if (!input.analysis.has_value()) {
    section.Add(LeftOutNote(Join({importances.features.empty() ? "Importances, dependence" : "Dependence",
                                  ", interactions and rules are left out: ", input.no_analysis})));
    return section;
  }
  section.Add(DependenceFigures(*input.analysis, target));
  for (const v1::Caveat& caveat : input.analysis->caveats()) {
    // Said at the top of the section.
    if (caveat.code() == "no_lift_test") continue;
    section.Add(Element("div", "class=\"warning\"", {Element("p", {caveat.message()})}));
  }
  section.Add(InteractionFigure(*input.analysis, target));
  section.Add(RulesTable(*input.analysis, target));
  return section;
}

}  // namespace roicast::client
