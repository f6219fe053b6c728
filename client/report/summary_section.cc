// What the model is worth, in a few sentences and numbers.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/report/curve_findings.h"
#include "client/report/importances.h"
#include "client/report/number_words.h"
#include "client/report/sections.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr double kStrong = 0.6, kUseful = 0.3;
constexpr int kDriversNamed = 3;
constexpr int64_t kEnoughToProve = 100;
constexpr double kLevelSaid = 0.9;

struct Verdict {
  const char* tone;
  const char* words;
  int doubt;  // the more, the worse
};

// The rows that nothing was learnt from, if there are any.
const v1::MetricsWithBaseline* FreshMetrics(const v1::TrainingReport& report) {
  if (report.has_holdout()) return &report.holdout();
  if (report.cross_validation().has_all()) return &report.cross_validation().all();
  return nullptr;
}

Verdict JudgeModel(const v1::MetricsWithBaseline* metrics) {
  if (metrics == nullptr) return {"warn", "Not measured: nothing was held back", 3};
  switch (metrics->verdict()) {
    case v1::CONSTANT_VERDICT_BETTER: {
      const bool two_valued = metrics->model().has_two_valued();
      const double auc = metrics->model().two_valued().auc(), r2 = metrics->model().roi().r2();
      // Better by the test, which weighs ratios, and yet of no use in the target's own unit.
      if (!two_valued && r2 <= 0.0) return {"bad", "No better than guessing the average: do not decide by it", 4};
      if (two_valued ? auc >= 0.8 : r2 >= kStrong) return {"good", "Good: it predicts well on rows it had not seen", 0};
      if (two_valued ? auc >= 0.65 : r2 >= kUseful) return {"good", "Useful: it clearly beats guessing the average", 1};
      return {"warn", "Modest: it beats guessing the average, but leaves much open", 2};
    }
    case v1::CONSTANT_VERDICT_NOT_SHOWN:
      return {"warn", "Not proven: too few rows, or too noisy, to show that it beats the average", 3};
    case v1::CONSTANT_VERDICT_NO_BETTER:
      return {"bad", "No better than guessing the average: do not decide by it", 4};
    case v1::CONSTANT_VERDICT_WORSE:
      return {"bad", "Worse than guessing the average: do not decide by it", 5};
    default:
      return {"warn", "Not judged: the version was trained by an older release", 3};
  }
}

// What the file's own rows say, if nothing was learnt from them and they are worse than those held back. A small file
// proves nothing.
std::optional<Verdict> WorseOnFile(const ReportInput& input, const Verdict& held_back) {
  if (!input.table.has_value() || !input.table->metrics.has_value()) return std::nullopt;
  const v1::MetricsWithBaseline& metrics = *input.table->metrics;
  const Verdict on_file = JudgeModel(&metrics);
  const bool proves = metrics.verdict() != v1::CONSTANT_VERDICT_NOT_SHOWN || metrics.model().rows() >= kEnoughToProve;
  if (metrics.verdict() == v1::CONSTANT_VERDICT_UNSPECIFIED || !proves || on_file.doubt <= held_back.doubt) {
    return std::nullopt;
  }
  return on_file;
}

std::string FileSentence(const ReportTable& table, const TargetWords& target) {
  if (!table.metrics.has_value()) return "";
  const v1::Metrics& model = table.metrics->model();
  std::string words = absl::StrCat("On ", CountWords(model.rows()), " ", target.rows, " of ", table.file, " it ");
  if (model.has_two_valued()) {
    absl::StrAppend(&words, "gives the higher chance to the right one of two in ",
                    PercentWords(model.two_valued().auc()), " of cases");
  } else {
    absl::StrAppend(&words,
                    model.roi().r2() > 0 ? absl::StrCat("explains ", PercentWords(model.roi().r2()))
                                         : std::string("explains nothing"),
                    " of the differences, and is off by ", ValueWords(model.roi().mae()),
                    " on average (the average: ", ValueWords(table.metrics->baseline().roi().mae()), ")");
  }
  for (const RowIntervals& intervals : table.outcomes.intervals) {
    if (intervals.level != kLevelSaid) continue;
    int64_t inside = 0;
    for (size_t i = 0; i < table.outcomes.actual.size(); ++i) {
      const double actual = table.outcomes.actual[i];
      inside += actual >= intervals.low[i] && actual <= intervals.high[i] ? 1 : 0;
    }
    absl::StrAppend(&words, "; its ranges of 90 % held ",
                    PercentWords(static_cast<double>(inside) / static_cast<double>(table.outcomes.actual.size())));
  }
  return words + ".";
}

// Of several, another unit before all others.
std::string FindingsSentence(const ReportTable& table) {
  const auto unit = std::find_if(table.findings.begin(), table.findings.end(), [](const std::string& finding) {
    return absl::StrContains(finding, "another unit?");
  });
  const std::string& first = unit == table.findings.end() ? table.findings.front() : *unit;
  return absl::StrCat(table.file, " has what the model cannot take into account: ", first,
                      absl::EndsWith(first, "?") ? "" : ".",
                      table.findings.size() > 1 ? " More of it is listed under “How good the predictions are”." : "");
}

std::string RangeWords(const v1::MetricsWithBaseline& metrics, bool percent) {
  if (!metrics.has_first_metric_low()) return "";
  const auto words = [&](double value) { return percent ? PercentWords(value) : absl::StrFormat("%.2f", value); };
  return absl::StrCat(words(metrics.first_metric_low()), " to ", words(metrics.first_metric_high()));
}

Markup Card(const std::string& name, const std::string& number, const std::string& words) {
  return Element("div", "class=\"card\"",
                 {Element("span", "class=\"name\"", {name}), Element("b", {number}), Element("span", {words})});
}

Markup SummaryCards(const ReportInput& input, const v1::MetricsWithBaseline* metrics, const TargetWords& target) {
  const v1::TrainingReport& report = input.model.report();
  Markup cards;
  if (metrics != nullptr && metrics->model().has_two_valued()) {
    const v1::ClassificationMetrics& model = metrics->model().two_valued();
    const std::string range = RangeWords(*metrics, false);
    cards.Add(Card("Right order (AUC)", absl::StrFormat("%.2f", model.auc()),
                   absl::StrCat(range.empty() ? "" : absl::StrCat("90 % sure: ", range, "; "), "0.50 is a coin toss")));
    cards.Add(Card("Right at its threshold", PercentWords(model.accuracy()),
                   absl::StrCat("of rows; from ", PercentWords(model.threshold()), " on it says yes")));
  } else if (metrics != nullptr) {
    const std::string range = RangeWords(*metrics, true);
    cards.Add(Card("Differences explained", PercentWords(metrics->model().roi().r2()),
                   range.empty() ? "R² on new rows" : absl::StrCat("R² on new rows; 90 % sure: ", range)));
    cards.Add(Card("Usually off by", ValueWords(metrics->model().roi().mae()),
                   absl::StrCat("mean error; the average for all: ", ValueWords(metrics->baseline().roi().mae()))));
  }
  if (report.calibration().has_coverage()) {
    cards.Add(Card("Inside the 90 % range", PercentWords(report.calibration().coverage()),
                   absl::StrCat("of new ", target.rows, "; 90 % is right")));
  }
  if (target.roi && metrics != nullptr && metrics->model().profitable().auc() > 0) {
    cards.Add(Card("Profit told from loss", PercentWords(metrics->model().profitable().auc()),
                   "of pairs of a profitable and an unprofitable campaign are put in the right order"));
  }
  cards.Add(Card("Learnt from", CountWords(report.cleaning().rows_used()),
                 absl::StrCat("of ", CountWords(report.cleaning().rows_in()), " ", target.rows, " in the file")));
  return Element("div", "class=\"cards\"", {cards});
}

std::string AccuracySentence(const v1::MetricsWithBaseline& metrics, const TargetWords& target) {
  const std::string rows = absl::StrCat(CountWords(metrics.model().rows()), " ", target.rows);
  if (metrics.model().has_two_valued()) {
    return absl::StrCat(
        "On ", rows,
        " that it had not seen: of one that did and one that did not, it gives the higher chance to the right one in ",
        PercentWords(metrics.model().two_valued().auc()), " of cases.");
  }
  const double r2 = metrics.model().roi().r2();
  if (r2 <= 0) {
    return absl::StrCat("On ", rows, " that it had not seen, it explains nothing of the differences in ", target.name,
                        ".");
  }
  return absl::StrCat("On ", rows, " that it had not seen, it explains ", PercentWords(r2), " of the differences in ",
                      target.name, "; the rest is chance, or is not in the columns.");
}

std::string ErrorSentence(const v1::MetricsWithBaseline& metrics, const TargetWords& target) {
  const double mae = metrics.model().roi().mae(), of_mean = metrics.baseline().roi().mae();
  std::string words = absl::StrCat("Its prediction is off by ", ValueWords(mae), " on average");
  if (target.roi) {
    absl::StrAppend(&words, ": spend 1,000 on a campaign, and what comes back differs from the prediction by about ",
                    ValueWords(1000 * mae));
  }
  return absl::StrCat(words, ". Predicting the average for every ", target.row, " would be off by ",
                      ValueWords(of_mean), ".");
}

std::string DriversSentence(const Importances& importances) {
  std::string names;
  int count = 0;
  for (const v1::FeatureImportance& feature : importances.features) {
    if (count == kDriversNamed || !(feature.interval().low() > 0)) break;
    absl::StrAppend(&names, count == 0 ? "" : ", ", feature.feature());
    ++count;
  }
  if (count == 0) return "";
  return absl::StrCat(count == 1 ? "What it looks at most: " : "What it looks at most, in this order: ", names, ".");
}

std::string WarningsSentence(const v1::CleaningReport& cleaning) {
  const auto& warnings = cleaning.warnings();
  const auto serious =
      std::count_if(warnings.begin(), warnings.end(), [](const v1::DataWarning& warning) { return warning.serious(); });
  if (serious == 0) return "";
  return absl::StrCat("The data has ", Counted(serious, "serious warning", "serious warnings"),
                      ", which can make all numbers here wrong: see “The data”.");
}

}  // namespace

Markup SummarySection(const ReportInput& input) {
  const v1::TrainingReport& report = input.model.report();
  const TargetWords target = WordsOfTarget(input.model);
  const v1::MetricsWithBaseline* const metrics = FreshMetrics(report);
  Verdict verdict = JudgeModel(metrics);
  const std::optional<Verdict> on_file = WorseOnFile(input, verdict);
  Markup box;
  if (on_file.has_value()) {
    box.Add(Element("strong", {absl::StrCat("On the rows of ", input.table->file, ": ", on_file->words)}));
    box.Add(Element("p", {absl::StrCat("On the rows held back in training: ", verdict.words, ".")}));
    verdict.tone = on_file->tone;
  } else {
    box.Add(Element("strong", {verdict.words}));
  }
  if (!report.conclusion().empty()) box.Add(Element("p", {report.conclusion()}));
  if (!input.model.not_serving().empty()) box.Add(Element("p", {"It does not serve: ", input.model.not_serving()}));
  if (!input.model.load_error().empty()) box.Add(Element("p", {"It cannot be served: ", input.model.load_error()}));
  std::vector<std::string> sentences;
  if (metrics != nullptr) {
    sentences.push_back(AccuracySentence(*metrics, target));
    if (!metrics->model().has_two_valued()) sentences.push_back(ErrorSentence(*metrics, target));
  }
  if (input.table.has_value()) {
    sentences.push_back(FileSentence(*input.table, target));
    if (!input.table->findings.empty()) {
      sentences.push_back(FindingsSentence(*input.table));
    }
  }
  if (report.calibration().has_coverage()) {
    sentences.push_back(absl::StrCat("It says how sure it is: its ranges of 90 % held ",
                                     PercentWords(report.calibration().coverage()), " of the ", target.rows,
                                     " that were held back."));
  }
  sentences.push_back(DriversSentence(ChooseImportances(input)));
  if (input.curves.has_value()) sentences.push_back(SpendSentence(*input.curves, input.curve_names));
  sentences.push_back(WarningsSentence(report.cleaning()));
  Markup list;
  for (const std::string& sentence : sentences) {
    if (!sentence.empty()) list.Add(Element("li", {sentence}));
  }
  return Join({Element("div", absl::StrCat("class=\"verdict ", verdict.tone, "\""), {box}),
               SummaryCards(input, metrics, target), Element("ul", "class=\"plain\"", {list})});
}

}  // namespace roicast::client
