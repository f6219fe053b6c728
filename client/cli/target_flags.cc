#include "client/cli/target_flags.h"

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <utility>

#include "base/status_macros.h"
#include "client/cli/enum_words.h"
#include "client/cli/usage.h"

namespace roicast::client {

void TargetFlags::AddTo(CLI::App& command, const std::string& group) {
  const auto add = [&](const char* name, auto& value, const char* help, const char* type) {
    CLI::Option* option = command.add_option(name, value, help)->type_name(type);
    if (!group.empty()) option->group(group);
    return option;
  };
  CLI::Option* const target =
      add("--target", column,
          "Column to predict: an ROI (known by its name, such as roi), another number, or a yes or no", "COLUMN");
  add("--revenue", revenue, "Column with the revenue; ROI is computed from it and --spend", "COLUMN");
  add("--spend", spend, "Column with the spend", "COLUMN");
  add("--roas", roas, "Column with the return on ad spend; ROI = ROAS - 1", "COLUMN")->excludes(target);
  add("--blank-revenue", blank_revenue,
      "What a blank revenue is: zero, or missing (the row is dropped); default: missing", "WORD")
      ->check(OneOf({"zero", "missing"}));
  add("--target-kind", kind, "What is predicted: number, two-valued or zero-heavy; default: seen from the values",
      "WORD")
      ->check(OneOf({"number", "two-valued", "zero-heavy"}));
  add("--positive-value", positive_value, "Of a target with two values: the one whose probability is predicted",
      "VALUE");
  add("--profit-threshold", profit_threshold, "ROI above which a campaign counts as profitable", "ROI");
}

absl::Status TargetFlags::Check(const ColumnNames& columns) const {
  for (const auto& [flag, name] : std::initializer_list<std::pair<const char*, const std::string&>>{
           {"--target", column}, {"--revenue", revenue}, {"--spend", spend}, {"--roas", roas}}) {
    if (!name.empty()) ROICAST_RETURN_IF_ERROR(columns.Check(GivenFlag(flag, name), name));
  }
  return absl::OkStatus();
}

void TargetFlags::MergeInto(v1::TargetSpec* target) const {
  if (!column.empty()) {
    target->set_column(column);
    target->clear_roas_column();
  }
  if (!revenue.empty()) target->set_revenue_column(revenue);
  if (!spend.empty()) target->set_spend_column(spend);
  if (!roas.empty()) {
    target->set_roas_column(roas);
    target->clear_column();
  }
  if (blank_revenue == "zero") target->set_blank_revenue(v1::BLANK_REVENUE_ZERO);
  if (blank_revenue == "missing") target->set_blank_revenue(v1::BLANK_REVENUE_MISSING);
  if (kind == "number") target->set_kind(v1::TARGET_KIND_NUMBER);
  if (kind == "two-valued") target->set_kind(v1::TARGET_KIND_TWO_VALUED);
  if (kind == "zero-heavy") target->set_kind(v1::TARGET_KIND_ZERO_HEAVY);
  if (!positive_value.empty()) target->set_positive_value(positive_value);
}

}  // namespace roicast::client
