// The version beside the one that serves, or the one that served before it.
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/report/number_words.h"
#include "client/report/row_statistics.h"
#include "client/report/sections.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr double kSurely = 1.645;  // 90 %

std::string MetricWords(const v1::Model& model) {
  if (!model.has_first_metric()) return "–";
  return model.first_metric_name() == "AUC" ? absl::StrFormat("%.3f", model.first_metric())
                                            : PercentWords(model.first_metric());
}

std::string IntervalWords(const v1::Model& model) {
  const v1::MetricsWithBaseline& holdout = model.report().holdout();
  if (!holdout.has_first_metric_low()) return "–";
  return absl::StrFormat("%.2f to %.2f", holdout.first_metric_low(), holdout.first_metric_high());
}

std::set<std::string> FeatureNames(const v1::Model& model) {
  std::set<std::string> names;
  for (const v1::Feature& feature : model.schema().features()) names.insert(feature.name());
  return names;
}

std::string FeatureChanges(const v1::Model& model, const v1::Model& other) {
  const std::set<std::string> here = FeatureNames(model), there = FeatureNames(other);
  std::vector<std::string> added, removed;
  for (const std::string& name : here) {
    if (there.count(name) == 0) added.push_back(name);
  }
  for (const std::string& name : there) {
    if (here.count(name) == 0) removed.push_back(name);
  }
  std::string words;
  if (!added.empty()) absl::StrAppend(&words, "It also uses ", absl::StrJoin(added, ", "), ". ");
  if (!removed.empty()) absl::StrAppend(&words, "It no longer uses ", absl::StrJoin(removed, ", "), ". ");
  return words.empty() ? "Both use the same features. " : words;
}

// The mean difference of the sizes of their errors on the same rows.
Markup PairedSentence(const ReportInput& input) {
  const OutcomeRows& rows = input.table->outcomes;
  const auto n = static_cast<double>(rows.size());
  std::vector<double> gains;
  double mean = 0, squares = 0;
  for (size_t i = 0; i < rows.actual.size(); ++i) {
    gains.push_back(std::abs(input.other_predicted[i] - rows.actual[i]) - std::abs(rows.predicted[i] - rows.actual[i]));
    mean += gains.back() / n;
  }
  for (const double gain : gains) squares += (gain - mean) * (gain - mean);
  const double half = kSurely * std::sqrt(squares / (n * (n - 1)));
  const std::string here = absl::StrCat("version ", input.model.version()),
                    there = absl::StrCat("version ", input.other->version());
  std::string words = absl::StrCat("On the same ", CountWords(rows.size()), " rows of ", input.table->file, ", ");
  if (!(std::abs(mean) > half)) {
    absl::StrAppend(&words, "neither is shown to be better: their mean errors differ by ", ValueWords(std::abs(mean)),
                    ", and chance alone makes ±", ValueWords(half), ".");
  } else {
    absl::StrAppend(&words, mean > 0 ? here : there, " is better: its mean error is smaller by ",
                    ValueWords(std::abs(mean)), " (90 % sure: ", ValueWords(std::abs(mean) - half), " to ",
                    ValueWords(std::abs(mean) + half), ").");
  }
  if (input.table->learnt_from()) {
    absl::StrAppend(&words, " But version ", input.model.version(),
                    " has learnt from these rows, so it has an advantage.");
  }
  return Element("p", "class=\"lead\"", {words});
}

}  // namespace

Markup ComparisonSection(const ReportInput& input) {
  if (!input.other.has_value()) {
    return LeftOutNote(Join({"The comparison is left out: ", input.no_other}));
  }
  const v1::Model& model = input.model;
  const v1::Model& other = *input.other;
  const TargetWords target = WordsOfTarget(model), other_target = WordsOfTarget(other);
  Markup section = Element("p", {other.serving() ? absl::StrCat("Version ", other.version(), " serves now.")
                                                 : absl::StrCat("Version ", other.version(), " served before it.")});
  if (target.name != other_target.name) {
    section.Add(LeftOutNote(absl::StrCat("The two predict different things (", target.name, " and ", other_target.name,
                                         "), so that their numbers cannot be compared.")));
    return section;
  }
  if (input.table.has_value() && input.other_predicted.size() == input.table->outcomes.predicted.size() &&
      input.other_predicted.size() > 1) {
    section.Add(PairedSentence(input));
  } else {
    section.Add(Element("p", "class=\"note\"",
                        {"A fair comparison needs the same rows with known outcomes for both: give a file, and both "
                         "are measured on it."}));
  }
  TableOfMarkup table;
  table.head = {"", absl::StrCat("version ", model.version()), absl::StrCat("version ", other.version())};
  const auto add = [&](const std::string& name, const std::string& here, const std::string& there) {
    table.rows.push_back({name, here, there});
  };
  add(absl::StrCat(model.first_metric_name().empty() ? "R²" : model.first_metric_name(), " on the rows held back"),
      MetricWords(model), MetricWords(other));
  add("90 % sure", IntervalWords(model), IntervalWords(other));
  add("rows held back", CountWords(model.report().holdout().model().rows()),
      CountWords(other.report().holdout().model().rows()));
  if (!target.probability) {
    add("mean error", ValueWords(model.report().holdout().model().roi().mae()),
        ValueWords(other.report().holdout().model().roi().mae()));
  }
  add("rows learnt from", CountWords(model.report().cleaning().rows_used()),
      CountWords(other.report().cleaning().rows_used()));
  add("network", model.network(), other.network());
  add("dataset", model.provenance().dataset_digest().substr(0, 12), other.provenance().dataset_digest().substr(0, 12));
  section.Add(table.ToMarkup());
  const bool same_data = model.provenance().dataset_digest() == other.provenance().dataset_digest();
  section.Add(Element(
      "p", "class=\"note\"",
      {FeatureChanges(model, other), same_data ? "Both learnt from the same dataset."
                                               : "They learnt from different datasets and were measured on different "
                                                 "rows: the numbers of the table say little about which is better."}));
  return section;
}

}  // namespace roicast::client
