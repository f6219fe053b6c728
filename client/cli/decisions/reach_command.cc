// roicast reach: the smallest change of a campaign that reaches a wanted prediction.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/nearest_name.h"
#include "base/number_range.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "base/tables/time_form.h"
#include "client/cli/column_names.h"
#include "client/cli/command.h"
#include "client/cli/decisions/blamed_flag.h"
#include "client/cli/decisions/campaign_table.h"
#include "client/cli/decisions/caveat_view.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/decision_client.h"

namespace roicast::client {
namespace {

struct ReachFlags {
  static constexpr NumberRange kLine{1, 1e9};
  static constexpr NumberRange kMaxChanges{1, 1000};

  TableFlags table;
  int64_t line = 0;
  std::optional<double> at_least, at_most, roi_at_least, roi_at_most;
  std::string spend;
  std::vector<std::string> changes;

  int goals() const {
    return at_least.has_value() + at_most.has_value() + roi_at_least.has_value() + roi_at_most.has_value();
  }
  std::string GoalText() const {
    if (at_least.has_value()) return absl::StrCat("at least ", FormatNumber(*at_least));
    if (at_most.has_value()) return absl::StrCat("at most ", FormatNumber(*at_most));
    if (roi_at_least.has_value()) return absl::StrCat("an ROI of at least ", FormatNumber(*roi_at_least));
    return absl::StrCat("an ROI of at most ", FormatNumber(*roi_at_most));
  }
  int max_changes = 0;
};

// A number; of a time, seconds since 1970 of a date.
bool ParseEnd(const v1::Feature& feature, const std::string& text, double* value) {
  if (feature.kind() != v1::FEATURE_KIND_TIME) return absl::SimpleAtod(text, value) && std::isfinite(*value);
  const std::optional<int64_t> time = ParseIsoTime(text);
  if (time.has_value()) *value = static_cast<double>(*time);
  return time.has_value();
}

// "discount_rate=0..0.4", "duration_days=7..28/7", "channel=search,social", or a name alone.
absl::Status ParseChangeable(const std::string& text, const v1::Schema& schema, v1::ChangeableFeature* change) {
  const size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const v1::Feature* feature = nullptr;
  std::vector<std::string> names;
  for (const v1::Feature& one : schema.features()) {
    names.push_back(one.name());
    if (one.name() == name) feature = &one;
  }
  if (feature == nullptr) {
    return UsageError(absl::StrCat(GivenFlag("--change", text), ": the model has no feature \"", name, "\"",
                                   DidYouMeanOrList(name, names, "it has")));
  }
  change->set_name(name);
  if (equals == std::string::npos) return absl::OkStatus();
  const std::string bounds = text.substr(equals + 1);
  if (feature->kind() == v1::FEATURE_KIND_CATEGORICAL) {
    for (const absl::string_view word : absl::StrSplit(bounds, ',')) change->add_words(std::string(word));
    return absl::OkStatus();
  }
  const bool time = feature->kind() == v1::FEATURE_KIND_TIME;
  const size_t dots = bounds.find(".."), slash = time ? std::string::npos : bounds.find('/');
  double low = 0, high = 0, step = 0;
  const std::string from = bounds.substr(0, dots);
  const std::string to = dots == std::string::npos ? "" : bounds.substr(dots + 2, slash - (dots + 2));
  const bool fine = dots != std::string::npos && (slash == std::string::npos || slash > dots) &&
                    (from.empty() || ParseEnd(*feature, from, &low)) && (to.empty() || ParseEnd(*feature, to, &high)) &&
                    (slash == std::string::npos ||
                     (absl::SimpleAtod(bounds.substr(slash + 1), &step) && step > 0 && std::isfinite(step)));
  if (!fine) {
    return UnexpectedValue("--change",
                           time ? absl::StrCat(name, "=DATE..DATE, such as ", name, "=2025-03-01..2025-06-30")
                                : absl::StrCat(name, "=MIN..MAX or ", name, "=MIN..MAX/STEP"),
                           text);
  }
  if (!from.empty() && !to.empty() && low > high) {
    return UnexpectedValue("--change", time ? "a first date that is not after the last" : "MIN ≤ MAX", text);
  }
  if (!from.empty()) change->set_min(low);
  if (!to.empty()) change->set_max(high);
  if (step > 0) change->set_step(step);
  return absl::OkStatus();
}

std::string ValueText(const v1::NamedValue& value) {
  switch (value.value_case()) {
    case v1::NamedValue::kNumber:
      return FormatNumber(value.number());
    case v1::NamedValue::kWord:
      return value.word().empty() ? "a word not seen in training" : Printable(value.word());
    case v1::NamedValue::kTime: {
      const std::string time = FormatTime(value.time().seconds());
      return time.substr(0, time.find('T'));
    }
    case v1::NamedValue::VALUE_NOT_SET:
      break;
  }
  return "missing";
}

// "0.31", or "1,310 (ROI 0.31)" where the prediction is not the ROI that is asked for.
std::string OutcomeText(float prediction, bool has_roi, double roi) {
  const std::string text = FormatNumber(prediction);
  return has_roi && FormatNumber(roi) != text ? absl::StrCat(text, " (ROI ", FormatNumber(roi), ")") : text;
}

std::string AnswerText(const v1::FindCounterfactualResponse& answer, const ReachFlags& flags,
                       const Terminal& terminal) {
  std::string text =
      absl::StrCat("now ", OutcomeText(answer.prediction_before(), answer.has_roi_before(), answer.roi_before()),
                   ", wanted ", flags.GoalText(), "\n\n");
  if (!answer.reached()) {
    absl::StrAppend(&text, terminal.Paint("not within these bounds, as far as was found", Tone::kBad),
                    answer.changes_size() == 0 ? "\n" : "; the nearest:\n\n");
  } else if (answer.changes_size() == 0) {
    absl::StrAppend(&text, "nothing has to change\n");
  }
  if (answer.changes_size() == 0) return text;
  TextTable table({{"change", TextTable::WhenNarrow::kCut}, "from", "to"});
  for (const v1::FeatureChange& change : answer.changes()) {
    table.AddRow({Printable(change.feature()), ValueText(change.from()), ValueText(change.to())});
  }
  for (const v1::FeatureChange& moved : answer.moved()) {
    table.AddRow(
        {absl::StrCat(Printable(moved.feature()), " (goes along)"), ValueText(moved.from()), ValueText(moved.to())});
  }
  absl::StrAppend(&text, table.ToString(terminal), "\nthen ",
                  OutcomeText(answer.prediction(), answer.has_roi(), answer.roi()), "\n",
                  CaveatsText(answer.caveats(), terminal));
  return text;
}

absl::StatusOr<int> Reach(const CommandContext& context, const ReachFlags& flags) {
  if (flags.goals() != 1) {
    return UsageError(
        "what should the prediction reach? Expected one of --at-least VALUE, --at-most VALUE, --roi-at-least ROI and "
        "--roi-at-most ROI");
  }
  if (!flags.spend.empty() && !flags.roi_at_least.has_value() && !flags.roi_at_most.has_value()) {
    return UsageError(absl::StrCat(GivenFlag("--spend", flags.spend),
                                   ": only an ROI needs the spend; expected --roi-at-least or --roi-at-most with it"));
  }
  if (flags.changes.empty()) return UsageError("what may change? Expected at least one --change FEATURE");
  ROICAST_ASSIGN_OR_RETURN(const ModelConnection connection, ConnectToModel(context, flags.table.model));
  v1::FindCounterfactualRequest request;
  *request.mutable_model() = connection.ref();
  for (const std::string& text : flags.changes) {
    ROICAST_RETURN_IF_ERROR(ParseChangeable(text, connection.model.schema(), request.add_changeable()));
  }
  if (flags.at_least.has_value()) request.set_at_least(*flags.at_least);
  if (flags.at_most.has_value()) request.set_at_most(*flags.at_most);
  if (flags.roi_at_least.has_value()) request.set_roi_at_least(*flags.roi_at_least);
  if (flags.roi_at_most.has_value()) request.set_roi_at_most(*flags.roi_at_most);
  request.set_spend_feature(flags.spend);
  request.set_max_changes(flags.max_changes);
  ROICAST_ASSIGN_OR_RETURN(const CampaignTable table, ReadCampaignTable(context, connection, flags.table, {}));
  ROICAST_ASSIGN_OR_RETURN(const int64_t row, RowAtLine(table, flags.table.input, flags.line));
  *request.mutable_row() = OneRow(table, row);
  const absl::StatusOr<v1::FindCounterfactualResponse> answered =
      DecisionClient(connection.channels, context.Calls()).FindCounterfactual(request);
  ROICAST_RETURN_IF_ERROR(
      BlameFlag(answered.status(), {{"changeable", "--change", flags.changes}, {"spend_feature", "--spend"}}));
  const v1::FindCounterfactualResponse& answer = *answered;
  const int64_t line = table.lines[static_cast<size_t>(row)];
  if (context.json) {
    nlohmann::ordered_json json = ToJson(answer);
    json["line"] = line;
    PrintJson(WithFindings(std::move(json), table));
  } else {
    std::printf("%s, line %s: %s", FormatVersion(connection.model).c_str(), absl::StrCat(line).c_str(),
                AnswerText(answer, flags, context.Output()).c_str());
  }
  return answer.reached() ? kOk : kRefused;
}

}  // namespace

void AddReachCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("reach", "Find the smallest change of a campaign that reaches a wanted prediction");
  command.footer(
      "Only what --change names may change, and only within its bounds; without bounds, within\n"
      "what training has seen.\n"
      "  roicast reach campaigns.csv --at-least 0.5 --change discount_rate=0..0.3 --change channel\n"
      "  roicast reach campaigns.csv --line 7 --at-least 0.5 --change duration_days=7..28/7 \\\n"
      "      --change channel=search,social --max-changes 1\n"
      "Of a model that predicts a revenue, --roi-at-least reaches an ROI:\n"
      "  roicast reach campaigns.csv --roi-at-least 0.5 --change spend --change channel\n"
      "Of numbers, the one with the fewest digits that reaches it is shown: it may be farther than\n"
      "needed by half a per cent of the size of the whole change.\n"
      "If it is not reached within the bounds, the nearest is shown, and the command ends with 5.");
  const auto flags = std::make_shared<ReachFlags>();
  flags->table.AddTo(command, "Table of campaigns");
  command.add_option("--line", flags->line, "Line of the campaign in the file; default: the first row")
      ->check(Within(ReachFlags::kLine));
  command.add_option("--at-least", flags->at_least, "The prediction should be this or more");
  command.add_option("--at-most", flags->at_most, "The prediction should be this or less");
  command.add_option("--roi-at-least", flags->roi_at_least,
                     "The ROI should be this or more, also of a predicted revenue");
  command.add_option("--roi-at-most", flags->roi_at_most, "The ROI should be this or less");
  command.add_option("--spend", flags->spend, "Feature that is the spend, for an ROI; default: the model's")
      ->type_name("FEATURE");
  command
      .add_option("--change", flags->changes,
                  "What may change: a number or a date between bounds, a category to one of these words; repeatable")
      ->type_name("FEATURE[=MIN..MAX[/STEP]|=WORD,...]")
      ->allow_extra_args(false);
  command.add_option("--max-changes", flags->max_changes, "Most features to change at once; default: any number")
      ->check(Within(ReachFlags::kMaxChanges));
  SetCommand(command, context, [&context, flags] { return Reach(context, *flags); });
}

}  // namespace roicast::client
