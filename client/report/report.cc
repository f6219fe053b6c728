#include "client/report/report.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/report/number_words.h"
#include "client/report/page.h"
#include "client/report/sections.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

Markup Introduction(const ReportInput& input) {
  const v1::Model& model = input.model;
  std::string words;
  if (model.has_publish_time()) {
    const absl::Time published = absl::FromUnixSeconds(model.publish_time().seconds());
    absl::StrAppend(&words, "Published ", absl::FormatTime("%e %B %Y, %H:%M UTC", published, absl::UTCTimeZone()),
                    " · ");
  }
  absl::StrAppend(&words, "learnt from ", CountWords(model.report().cleaning().rows_used()), " ",
                  WordsOfTarget(model).rows, " · ", Counted(model.schema().features_size(), "feature", "features"));
  Markup tag = !model.load_error().empty() ? Element("span", "class=\"tag warn\"", {"cannot be served"})
               : model.serving()           ? Element("span", "class=\"tag good\"", {"serving now"})
                                           : Element("span", "class=\"tag warn\"", {"not serving"});
  return Join({Element("p", "class=\"sub\"", {words, " ", tag})});
}

Markup Footer(const ReportInput& input) {
  const v1::Model& model = input.model;
  return Element(
      "p", {"Model file ", Element("code", {model.artifact_digest().substr(0, 16)}), " (SHA-256), trained by roicast ",
            model.provenance().roicast_version(), " on dataset ",
            Element("code", {model.provenance().dataset_digest().substr(0, 16)}), ". Report made ", input.made, "."});
}

}  // namespace

std::string ReportHtml(const ReportInput& input) {
  Page page;
  const TargetWords target = WordsOfTarget(input.model);
  std::string subject = target.roi ? "Campaign ROI" : target.name;
  if (target.probability) subject[0] = 'T';
  page.title = absl::StrCat(subject, ": ", VersionWords(input.model));
  page.introduction = Introduction(input);
  page.sections = {{"summary", "In short", SummarySection(input)},
                   {"accuracy", "How good the predictions are", AccuracySection(input)},
                   {"drivers", "What drives them", DriversSection(input)},
                   {"spend", "Spend and return", SpendSection(input)},
                   {"comparison", "Beside the serving version", ComparisonSection(input)},
                   {"data", "The data", DataSection(input)},
                   {"training", "How it was trained", TrainingSection(input)},
                   {"words", "What the words mean", GlossarySection(input)}};
  page.footer = Footer(input);
  return PageHtml(page);
}

}  // namespace roicast::client
