#include "client/cli/decisions/budget_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "client/cli/column_names.h"
#include "client/cli/decisions/blamed_flag.h"
#include "client/cli/file_error.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/status.h"

namespace roicast::client {
namespace {

// Positions in CampaignTableOptions::extra.
enum Extra : size_t { kName, kGroup, kMin, kMax, kStep, kLocked, kPresent };

const std::vector<std::string>& GoalWords() {
  static const auto& words =
      *new std::vector<std::string>{"profit", "revenue", "least-budget", "target-roi", "target-marginal-roi"};
  return words;
}

v1::BudgetGoal GoalOf(const std::string& word) {
  constexpr v1::BudgetGoal kGoals[] = {v1::BUDGET_GOAL_MOST_PROFIT, v1::BUDGET_GOAL_MOST_REVENUE,
                                       v1::BUDGET_GOAL_LEAST_BUDGET, v1::BUDGET_GOAL_TARGET_ROI,
                                       v1::BUDGET_GOAL_TARGET_MARGINAL_ROI};
  const auto found = std::find(GoalWords().begin(), GoalWords().end(), word);
  return kGoals[static_cast<size_t>(found - GoalWords().begin())];
}

bool NeedsValue(const std::string& goal) { return goal != "profit" && goal != "revenue"; }

// "social=1000..20000", of which either bound may be left out.
absl::Status ParseGroup(const std::string& text, v1::BudgetGroup* group) {
  const auto wrong = [&] { return UnexpectedValue("--group", "NAME=MIN..MAX, such as social=1000..20000", text); };
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) return wrong();
  const size_t dots = text.find("..", equals);
  if (dots == std::string::npos) return wrong();
  group->set_name(text.substr(0, equals));
  const std::string low = text.substr(equals + 1, dots - equals - 1), high = text.substr(dots + 2);
  double value = 0;
  if (!low.empty()) {
    if (!absl::SimpleAtod(low, &value) || !(value >= 0) || std::isinf(value)) return wrong();
    group->set_min_spend(value);
  }
  if (!high.empty()) {
    if (!absl::SimpleAtod(high, &value) || !(value >= 0) || std::isinf(value)) return wrong();
    group->set_max_spend(value);
  }
  return low.empty() && high.empty() ? wrong() : absl::OkStatus();
}

}  // namespace

void BudgetFlags::AddTo(CLI::App& command) {
  table_.AddTo(command, "Table of campaigns, a row each");
  command.add_option("--budget", budget_, "Money to spend; a limit for the goals of least and of target")
      ->type_name("MONEY")
      ->check(Above(0));
  command.add_option("--goal", goal_, "What is wanted")->check(OneOf(GoalWords()))->capture_default_str();
  command
      .add_option("--goal-value", goal_value_,
                  "Of the goals that need one: the revenue to bring (least-budget), or the ROI (target-roi, "
                  "target-marginal-roi)")
      ->type_name("NUMBER");
  command.add_flag("--spend-all", spend_all_, "Spend the whole budget, even where that loses profit");
  command
      .add_option("--min", min_, "Least spend of a campaign; default: nothing, or at least the lowest seen in training")
      ->type_name("MONEY")
      ->check(AtLeastAndBelow(0, 1e15));
  command.add_option("--max", max_, "Most spend of a campaign; default: the highest seen in training")
      ->type_name("MONEY")
      ->check(AtLeastAndBelow(0, 1e15));
  command.add_option("--step", step_, "Spend is --min and a whole number of steps; default: any amount")
      ->type_name("MONEY")
      ->check(Above(0));
  command.add_flag("--may-skip", may_skip_, "A campaign may also get nothing, whatever its minimum");
  command.add_option("--unit", unit_, "The smallest amount of money; default: 0.01")
      ->type_name("MONEY")
      ->check(Above(0));
  command
      .add_option("--lower-bound", lower_bound_,
                  "Careful: plan with what each campaign brings at least with this probability")
      ->type_name("LEVEL")
      ->check(AboveAndBelow(0.5, 1));
  command.add_option("--interval", interval_, "Share of the truths inside each interval; default: 0.9")
      ->type_name("LEVEL")
      ->check(AboveAndBelow(0, 1));
  command.add_option("--spend", spend_, "Feature that is the spend; default: the model's")->type_name("FEATURE");
  command.add_option("--name-column", name_column_, "Column with the campaigns' names; default: their lines")
      ->type_name("COLUMN");
  command.add_option("--group-column", group_column_, "Column with the campaigns' groups, such as the channel")
      ->type_name("COLUMN");
  command.add_option("--group", groups_, "Limits of a group's sum, such as social=1000..20000; repeatable")
      ->type_name("NAME=MIN..MAX")
      ->allow_extra_args(false);
  command.add_option("--min-column", min_column_, "Column with each campaign's own minimum")->type_name("COLUMN");
  command.add_option("--max-column", max_column_, "Column with each campaign's own maximum")->type_name("COLUMN");
  command.add_option("--step-column", step_column_, "Column with each campaign's own step")->type_name("COLUMN");
  command
      .add_option("--locked-column", locked_column_, "Column with spends that stay as they are; empty cells are free")
      ->type_name("COLUMN");
  command
      .add_option("--present-column", present_column_, "Column with today's spends; default: the spend's own column")
      ->type_name("COLUMN");
  lift_.AddTo(command);
  command.add_option("-o,--output", output_, "Also write the table with the split; - for standard output")
      ->type_name("FILE");
}

absl::Status BudgetFlags::Validate() const {
  if (!NeedsValue(goal_) && !budget_.has_value()) {
    return UsageError(absl::StrCat("--goal ", goal_, " needs the money to spend: --budget MONEY"));
  }
  if (NeedsValue(goal_) != goal_value_.has_value()) {
    return UsageError(goal_value_.has_value()
                          ? absl::StrCat("--goal-value is for the goals least-budget, target-roi and "
                                         "target-marginal-roi, not for --goal ",
                                         goal_)
                          : absl::StrCat("--goal ", goal_, " needs a value: --goal-value NUMBER"));
  }
  if (min_.has_value() && max_.has_value() && *min_ > *max_) {
    return UsageError(absl::StrCat("--min ", *min_, " is above --max ", *max_));
  }
  if (!groups_.empty() && group_column_.empty()) {
    return UsageError("--group: name the column with the campaigns' groups: --group-column COLUMN");
  }
  return absl::OkStatus();
}

absl::Status BudgetFlags::ValidateOverPeriods() const {
  if (!NeedsValue(goal_)) return absl::OkStatus();
  return UsageError(absl::StrCat("--goal ", goal_,
                                 " is for one split: with --periods, a budget is spent for --goal profit or revenue"));
}

absl::Status BudgetFlags::Blame(const absl::Status& status) const {
  if (absl::IsResourceExhausted(status) && ReasonOf(status) != v1::SERVER_OVERLOADED) {
    if (absl::StartsWith(status.message(), "problem.rows: limit")) {
      return WithHint(status,
                      "a budget is split among so many campaigns at most; roicast rank chooses the best of more");
    }
    return WithHint(status, "fewer campaigns or --periods, larger steps or a smaller --max make the problem smaller");
  }
  return BlameFlag(status, {{"problem.lift_tests", "--lift-test", lift_.tests()},
                            {"lift_tests", "--lift-test", lift_.tests()},
                            {"spend_feature", "--spend"},
                            {"time_feature", "--time-feature"},
                            {"duration_feature", "--duration-feature"},
                            {"interval_level", "--interval"},
                            {"lower_bound_level", "--lower-bound"},
                            {"unit", "--unit"},
                            {"budget", "--budget"},
                            {"target", "--goal-value"},
                            {"start", "--start"}});
}

CampaignTableOptions BudgetFlags::TableOptions(const ModelConnection& connection) const {
  CampaignTableOptions options;
  options.extra = {{"--name-column", name_column_},      {"--group-column", group_column_},
                   {"--min-column", min_column_},        {"--max-column", max_column_},
                   {"--step-column", step_column_},      {"--locked-column", locked_column_},
                   {"--present-column", present_column_}};
  if (present_column_.empty()) options.spend_feature = connection.SpendFeature(spend_);
  return options;
}

absl::StatusOr<v1::BudgetProblem> BudgetFlags::ToProblem(const CampaignTable& table) const {
  v1::BudgetProblem problem;
  *problem.mutable_rows() = table.rows;
  problem.set_spend_feature(spend_);
  if (budget_.has_value()) problem.set_budget(*budget_);
  problem.set_spend_all(spend_all_);
  if (min_.has_value()) problem.set_min_spend(*min_);
  if (max_.has_value()) problem.set_max_spend(*max_);
  if (step_.has_value()) problem.set_step(*step_);
  problem.set_may_skip(may_skip_);
  problem.set_goal(GoalOf(goal_));
  if (goal_value_.has_value()) problem.set_goal_value(*goal_value_);
  if (lower_bound_.has_value()) problem.set_lower_bound_level(*lower_bound_);
  if (interval_.has_value()) problem.set_interval_level(*interval_);
  if (unit_.has_value()) problem.set_unit(*unit_);
  ROICAST_RETURN_IF_ERROR(lift_.AddTests(problem.mutable_lift_tests()));
  ROICAST_RETURN_IF_ERROR(FillCampaigns(table, &problem));
  ROICAST_RETURN_IF_ERROR(FillGroups(&problem));
  return problem;
}

absl::Status BudgetFlags::FillCampaigns(const CampaignTable& table, v1::BudgetProblem* problem) const {
  struct Numbers {
    Extra extra;
    const std::string* column;
    void (v1::CampaignBounds::*set)(double);
  };
  const Numbers all[] = {{kMin, &min_column_, &v1::CampaignBounds::set_min_spend},
                         {kMax, &max_column_, &v1::CampaignBounds::set_max_spend},
                         {kStep, &step_column_, &v1::CampaignBounds::set_step},
                         {kLocked, &locked_column_, &v1::CampaignBounds::set_locked_spend},
                         {kPresent, &present_column_, &v1::CampaignBounds::set_present_spend}};
  std::set<std::string> names;
  for (int64_t row = 0; row < table.size(); ++row) {
    v1::CampaignBounds& campaign = *problem->add_campaigns();
    const std::string line = absl::StrCat("line ", table.lines[static_cast<size_t>(row)]);
    std::string name = name_column_.empty() ? line : table.extra[kName][static_cast<size_t>(row)];
    if (name.empty()) name = line;
    if (!names.insert(name).second) {
      name = absl::StrCat(name, " (", line, ")");
      names.insert(name);
    }
    campaign.set_name(name);
    if (!group_column_.empty()) campaign.set_group(table.extra[kGroup][static_cast<size_t>(row)]);
    for (const Numbers& numbers : all) {
      if (numbers.column->empty()) continue;
      ROICAST_ASSIGN_OR_RETURN(const double value, NumberOf(table, table_.input, numbers.extra, *numbers.column, row));
      if (!std::isnan(value)) (campaign.*numbers.set)(value);
    }
  }
  return absl::OkStatus();
}

absl::Status BudgetFlags::FillGroups(v1::BudgetProblem* problem) const {
  if (group_column_.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (const v1::CampaignBounds& campaign : problem->campaigns()) {
    const std::string& group = campaign.group();
    if (!group.empty() && std::find(known.begin(), known.end(), group) == known.end()) known.push_back(group);
  }
  std::set<std::string> limited;
  for (const std::string& text : groups_) {
    v1::BudgetGroup& group = *problem->add_groups();
    ROICAST_RETURN_IF_ERROR(ParseGroup(text, &group));
    if (std::find(known.begin(), known.end(), group.name()) == known.end()) {
      return UsageError(absl::StrCat(GivenFlag("--group", text), ": no campaign is in a group \"", group.name(), "\"",
                                     DidYouMeanOrList(group.name(), known, "there are")));
    }
    if (!limited.insert(group.name()).second) {
      return UsageError(absl::StrCat(GivenFlag("--group", text), ": the group \"", group.name(), "\" is given twice"));
    }
  }
  // Those without limits are known to the server, too.
  for (const std::string& name : known) {
    if (limited.insert(name).second) problem->add_groups()->set_name(name);
  }
  return absl::OkStatus();
}

}  // namespace roicast::client
