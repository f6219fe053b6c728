#include "client/cli/target_flags.h"

#include <CLI/CLI.hpp>

namespace roicast::client {

void TargetFlags::AddTo(CLI::App& command, const std::string& group) {
  const auto add = [&](const char* name, auto& value, const char* help, const char* type) {
    CLI::Option* option = command.add_option(name, value, help)->type_name(type);
    if (!group.empty()) option->group(group);
  };
  add("--target", column, "Column that holds the ROI", "COLUMN");
  add("--revenue", revenue, "Column with the revenue; ROI is computed from it and --spend", "COLUMN");
  add("--spend", spend, "Column with the spend", "COLUMN");
  add("--profit-threshold", profit_threshold, "ROI above which a campaign counts as profitable", "ROI");
}

void TargetFlags::MergeInto(v1::TargetSpec* target) const {
  if (!column.empty()) target->set_column(column);
  if (!revenue.empty()) target->set_revenue_column(revenue);
  if (!spend.empty()) target->set_spend_column(spend);
}

}  // namespace roicast::client
