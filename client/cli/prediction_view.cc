#include "client/cli/prediction_view.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/nearest_name.h"
#include "base/printable.h"
#include "base/tables/time_form.h"
#include "base/tables/vocabulary_index.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/report_view.h"
#include "client/cli/target_view.h"
#include "client/cli/verdict.h"

namespace roicast::client {
namespace {

const v1::Feature* FindFeature(const v1::Schema& schema, absl::string_view name) {
  for (const v1::Feature& feature : schema.features()) {
    if (feature.name() == name) return &feature;
  }
  return nullptr;
}

std::vector<std::string> WordsOf(const v1::Feature& feature) {
  return {feature.vocabulary().begin(), feature.vocabulary().end()};
}

std::string DateOf(double hours) {
  const std::string time = FormatTime(static_cast<int64_t>(hours) * 3600);
  return time.substr(0, time.find('T'));
}

// "2024-01-01 to 2024-06-30, in 6 months of the year".
std::string SeenTimesText(const v1::Feature& feature) {
  const int months = feature.seen_months_size();
  return absl::StrCat(DateOf(feature.seen_min()), " to ", DateOf(feature.seen_max()),
                      months == 0   ? ""
                      : months == 1 ? ", in one month of the year"
                                    : absl::StrCat(", in ", months, " months of the year"));
}

// Which range of the campaign's words its value is outside of; nullptr: not known.
const v1::WordRange* BrokenRange(const v1::Feature& feature, const std::string& value, const CampaignCells& cells,
                                 const v1::Schema& schema) {
  double number = 0.0;
  const bool known = absl::SimpleAtod(value, &number);
  for (const v1::WordRange& range : feature.word_ranges()) {
    const v1::Feature* const of = FindFeature(schema, range.feature());
    const auto given = cells.find(range.feature());
    if (of == nullptr || given == cells.end()) continue;
    const int code = VocabularyIndex(WordsOf(*of)).Find(given->second);
    const bool has_word = code >= 0 && of->vocabulary(code) == range.word();
    if (has_word && !(known && number >= range.min() && number <= range.max())) return &range;
  }
  return nullptr;
}

// Without what is only not given; empty if there is nothing to say.
std::string WarningLine(const v1::Warning& warning, const CampaignCells& cells, const v1::Schema& schema) {
  const v1::Feature* const feature = FindFeature(schema, warning.feature());
  const auto given = cells.find(warning.feature());
  if (feature == nullptr || given == cells.end()) return "";
  const std::string cell = absl::StrCat("  warning: ", given->first, "=", given->second);
  switch (warning.kind()) {
    case v1::WARNING_KIND_VALUE_IMPUTED:
      return absl::StrCat(cell, " means that there is no value: a typical one is used");
    case v1::WARNING_KIND_CATEGORY_UNSEEN:
      return absl::StrCat(cell, " was not seen in training",
                          DidYouMeanOrList(given->second, WordsOf(*feature), "it knows"));
    case v1::WARNING_KIND_VALUE_OUT_OF_RANGE:
      if (feature->kind() == v1::FEATURE_KIND_TIME) {
        return absl::StrCat(cell, " is outside the times seen in training, ", SeenTimesText(*feature));
      }
      return absl::StrCat(cell, " is outside the range seen in training, ", FormatNumber(feature->seen_min()), " to ",
                          FormatNumber(feature->seen_max()));
    case v1::WARNING_KIND_VALUE_OUT_OF_WORD_RANGE: {
      const v1::WordRange* const range = BrokenRange(*feature, given->second, cells, schema);
      if (range == nullptr) return absl::StrCat(cell, " is outside of what such campaigns had in training");
      return absl::StrCat(cell, " is outside of what campaigns with ", range->feature(), "=", range->word(),
                          " had in training, ", FormatNumber(range->min()), " to ", FormatNumber(range->max()));
    }
    default:
      return "";
  }
}

std::string AnswerWarningsText(const PredictionAnswer& answer, const CampaignCells& cells, const v1::Schema& schema,
                               const Terminal& terminal) {
  std::string text;
  const auto append = [&](const std::string& line, Tone tone) {
    absl::StrAppend(&text, terminal.Paint(WrapToWidth(Printable(line), terminal.width, 4), tone), "\n");
  };
  std::vector<std::string> not_given;
  for (const v1::Warning& warning : answer.warnings) {
    if (warning.kind() == v1::WARNING_KIND_VALUE_IMPUTED && cells.count(warning.feature()) == 0) {
      not_given.push_back(warning.feature());
      continue;
    }
    const std::string line = WarningLine(warning, cells, schema);
    if (!line.empty()) append(line, Tone::kWarning);
  }
  if (!not_given.empty()) {
    append(absl::StrCat("  not given, typical values used: ", absl::StrJoin(not_given, ", ")), Tone::kPlain);
  }
  return text;
}

// "  0.1200 to 0.9500 with 90 %; above the threshold with 87.5 %"
std::string HowSureText(const PredictionAnswer& answer) {
  std::vector<std::string> parts;
  if (answer.interval.has_value()) {
    parts.push_back(absl::StrFormat("%.4f to %.4f with a probability of %g %%", answer.interval->low,
                                    answer.interval->high, 100 * answer.interval->level));
  }
  if (answer.profit_probability.has_value()) {
    parts.push_back(absl::StrFormat("profitable with one of %.1f %%", 100 * *answer.profit_probability));
  }
  return parts.empty() ? "" : absl::StrCat("  ", absl::StrJoin(parts, "; "), "\n");
}

nlohmann::ordered_json WarningJson(const v1::Warning& warning, const CampaignCells& cells, const v1::Schema& schema) {
  nlohmann::ordered_json json = {{"feature", warning.feature()}, {"kind", WarningName(warning.kind())}};
  const v1::Feature* const feature = FindFeature(schema, warning.feature());
  const auto given = cells.find(warning.feature());
  if (feature == nullptr || given == cells.end()) return json;
  json["value"] = given->second;
  if (warning.kind() == v1::WARNING_KIND_CATEGORY_UNSEEN) {
    json["nearest"] = NearestName(given->second, WordsOf(*feature));
  } else if (warning.kind() == v1::WARNING_KIND_VALUE_OUT_OF_RANGE) {
    if (feature->kind() == v1::FEATURE_KIND_TIME) {
      json["seen_min"] = DateOf(feature->seen_min());
      json["seen_max"] = DateOf(feature->seen_max());
      json["seen_months"] = std::vector<int>(feature->seen_months().begin(), feature->seen_months().end());
    } else {
      json["seen_min"] = NumberToJson(feature->seen_min());
      json["seen_max"] = NumberToJson(feature->seen_max());
    }
  } else if (warning.kind() == v1::WARNING_KIND_VALUE_OUT_OF_WORD_RANGE) {
    if (const v1::WordRange* const range = BrokenRange(*feature, given->second, cells, schema)) {
      json["of"] = {{"feature", range->feature()}, {"word", range->word()}};
      json["seen_min"] = NumberToJson(range->min());
      json["seen_max"] = NumberToJson(range->max());
    }
  }
  return json;
}

std::string NameOfTarget(const v1::Model& model) {
  if (PredictsProbability(model)) return Printable(ProbabilityName(model));
  return IsRoi(model.report().target()) ? "ROI" : Printable(model.report().target().name());
}

}  // namespace

std::string AnswerText(const PredictionAnswer& answer, const CampaignCells& cells, const v1::Model& model,
                       const Terminal& terminal) {
  if (!answer.status.ok()) {
    return terminal.Paint(absl::StrCat(NameOfTarget(model), " -  ", Printable(answer.status.message())), Tone::kBad) +
           "\n";
  }
  const std::string more = HowSureText(answer) + AnswerWarningsText(answer, cells, model.schema(), terminal);
  if (!IsRoi(model.report().target())) {
    return absl::StrCat(NameOfTarget(model), absl::StrFormat(" %s (", FormatNumber(answer.roi)), FormatVersion(model),
                        ")\n", more);
  }
  const std::string roi = terminal.Paint(absl::StrFormat("ROI %.4f", answer.roi), ToneOfRoi(answer.roi));
  return absl::StrCat(roi, absl::StrFormat(": 1.00 spent brings %.2f back (", 1 + answer.roi), FormatVersion(model),
                      ")\n", more);
}

nlohmann::ordered_json AnswerJson(const PredictionAnswer& answer, const CampaignCells& cells, const v1::Model& model) {
  nlohmann::ordered_json json;
  json["roi"] = answer.status.ok() ? NumberToJson(answer.roi) : nlohmann::ordered_json(nullptr);
  if (!answer.status.ok()) json["error"] = std::string(answer.status.message());
  if (PredictsProbability(model)) json["probability_of"] = model.provenance().spec().target().positive_value();
  if (answer.interval.has_value()) {
    json["interval"] = {{"level", answer.interval->level},
                        {"low", NumberToJson(answer.interval->low)},
                        {"high", NumberToJson(answer.interval->high)}};
  }
  if (answer.profit_probability.has_value()) json["profit_probability"] = NumberToJson(*answer.profit_probability);
  json["model"] = model.name();
  json["version"] = model.version();
  json["artifact_digest"] = model.artifact_digest();
  json["warnings"] = nlohmann::ordered_json::array();
  for (const v1::Warning& warning : answer.warnings) {
    json["warnings"].push_back(WarningJson(warning, cells, model.schema()));
  }
  return json;
}

}  // namespace roicast::client
