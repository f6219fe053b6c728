// roicast plan: how to spend a budget, now or over weeks and months.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/number_range.h"
#include "base/printable.h"
#include "base/result_columns.h"
#include "base/status_macros.h"
#include "base/tables/time_form.h"
#include "client/cell_error.h"
#include "client/cli/decisions/budget_flags.h"
#include "client/cli/decisions/budget_view.h"
#include "client/cli/decisions/caveat_view.h"
#include "client/cli/decisions/feature_text.h"
#include "client/cli/decisions/optimize_run.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/report_view.h"
#include "client/cli/target_view.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/decision_client.h"

namespace roicast::client {
namespace {

struct PlanFlags {
  static constexpr NumberRange kPeriods{1, 366};

  BudgetFlags budget;
  int periods = 0;
  std::string every = "week", start, time_feature, duration_feature, spent_columns;
  std::vector<std::string> bounds, changes;
};

std::string DateText(int64_t unix_seconds) {
  const std::string time = FormatTime(unix_seconds);
  return time.substr(0, time.find('T'));
}

// "3=0..5000": of period 3, counted from 1.
absl::Status ParseBounds(const std::string& text, int periods, v1::PeriodBounds* bounds) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::vector<std::string> range =
      parts.size() == 2
          ? std::vector<std::string>(absl::StrSplit(parts[1], absl::MaxSplits(absl::string_view(".."), 1)))
          : std::vector<std::string>();
  int period = 0;
  double low = 0, high = 0;
  const bool fine = range.size() == 2 && absl::SimpleAtoi(parts[0], &period) && period >= 1 && period <= periods &&
                    (range[0].empty() || (absl::SimpleAtod(range[0], &low) && low >= 0)) &&
                    (range[1].empty() || (absl::SimpleAtod(range[1], &high) && high >= low)) &&
                    !(range[0].empty() && range[1].empty());
  if (!fine) {
    return UnexpectedValue("--period-limit", absl::StrCat("PERIOD=MIN..MAX with a period from 1 to ", periods), text);
  }
  bounds->set_period(period - 1);
  if (!range[0].empty()) bounds->set_min_spend(low);
  if (!range[1].empty()) bounds->set_max_spend(high);
  return absl::OkStatus();
}

// "4=60000": after four periods the whole budget is 60000.
// first: the one before which nothing is spent yet.
absl::Status ParseChange(const std::string& text, int first, int periods, v1::BudgetChange* change) {
  const std::vector<std::string> parts = absl::StrSplit(text, '=');
  int after = 0;
  double budget = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &after) || after < first || after >= periods ||
      !absl::SimpleAtod(parts[1], &budget) || !(budget > 0)) {
    return UnexpectedValue(
        "--what-if", absl::StrCat("PERIODS=BUDGET with ", first, " to ", periods - 1, " periods and a budget > 0"),
        text);
  }
  change->set_after_periods(after);
  change->set_budget(budget);
  return absl::OkStatus();
}

class Planning {
 public:
  Planning(const CommandContext& context, const PlanFlags& flags) : context_(context), flags_(flags) {}

  absl::StatusOr<int> Run() {
    ROICAST_RETURN_IF_ERROR(flags_.budget.Validate());
    ROICAST_RETURN_IF_ERROR(flags_.budget.ValidateOverPeriods());
    ROICAST_RETURN_IF_ERROR(CheckOutput(flags_.budget.output(), flags_.budget.table().input));
    ROICAST_ASSIGN_OR_RETURN(connection_, ConnectToModel(context_, flags_.budget.table().model));
    CampaignTableOptions options = flags_.budget.TableOptions(connection_);
    first_spent_ = options.extra.size();
    if (!flags_.spent_columns.empty()) {
      for (const absl::string_view name : absl::StrSplit(flags_.spent_columns, ',')) {
        options.extra.push_back({"--spent-columns", std::string(name)});
      }
    }
    spent_ = options.extra.size() - first_spent_;
    for (size_t i = 0; i < spent_; ++i) spent_names_.push_back(options.extra[first_spent_ + i].column);
    ROICAST_ASSIGN_OR_RETURN(table_, ReadCampaignTable(context_, connection_, flags_.budget.table(), options));
    ROICAST_ASSIGN_OR_RETURN(const v1::PlanBudgetRequest request, Request());
    const absl::StatusOr<v1::PlanBudgetResponse> answer =
        DecisionClient(connection_.channels, context_.Calls()).PlanBudget(request);
    ROICAST_RETURN_IF_ERROR(flags_.budget.Blame(WithLine(answer.status(), flags_.budget.table().input, table_)));
    const int exit_code = answer->plan().conflicts_size() > 0 ? kRefused : kOk;
    if (exit_code == kOk) {
      ROICAST_RETURN_IF_ERROR(CheckComplete(answer->plan()));
      if (!flags_.budget.output().empty()) ROICAST_RETURN_IF_ERROR(Write(*answer));
      if (flags_.budget.output() == "-") return exit_code;
    }
    if (context_.json) {
      PrintJson(WithFindings(ToJson(*answer), table_));
    } else {
      Print(*answer, request);
    }
    return exit_code;
  }

 private:
  absl::StatusOr<v1::PlanBudgetRequest> Request() const {
    v1::PlanBudgetRequest request;
    *request.mutable_model() = connection_.ref();
    ROICAST_ASSIGN_OR_RETURN(*request.mutable_problem(), flags_.budget.ToProblem(table_));
    request.set_periods(flags_.periods);
    request.set_unit(flags_.every == "day"     ? v1::PERIOD_UNIT_DAY
                     : flags_.every == "month" ? v1::PERIOD_UNIT_MONTH
                                               : v1::PERIOD_UNIT_WEEK);
    request.set_time_feature(flags_.time_feature);
    request.set_duration_feature(flags_.duration_feature);
    const absl::StatusOr<int64_t> start = Start();
    // The server refuses a model of another kind, which is to be said before a date is asked for.
    const bool money = IsRoi(connection_.model.report().target()) || PredictsRevenue(connection_.model);
    if (!start.ok() && money) return start.status();
    request.mutable_start()->set_seconds(start.value_or(0));
    std::map<int, v1::PeriodBounds> bounds;
    for (const std::string& text : flags_.bounds) {
      v1::PeriodBounds parsed;
      ROICAST_RETURN_IF_ERROR(ParseBounds(text, flags_.periods, &parsed));
      if (!bounds.emplace(parsed.period(), parsed).second) {
        return UsageError(absl::StrCat("--period-limit ", text, ": the period is given twice"));
      }
    }
    if (spent_ >= static_cast<size_t>(flags_.periods)) {
      return UsageError(
          absl::StrCat("--spent-columns: expected fewer than --periods ", flags_.periods, ", got ", spent_));
    }
    for (size_t i = 0; i < spent_; ++i) {
      v1::PeriodBounds& period = bounds[static_cast<int>(i)];
      period.set_period(static_cast<int>(i));
      int64_t empty = 0;
      for (int64_t row = 0; row < table_.size(); ++row) {
        ROICAST_ASSIGN_OR_RETURN(const double value,
                                 NumberOf(table_, flags_.budget.table().input, first_spent_ + i, spent_names_[i], row));
        empty += std::isnan(value) ? 1 : 0;
        period.add_spent(std::isnan(value) ? 0 : value);
      }
      if (empty == table_.size()) {
        return UsageError(absl::StrCat("--spent-columns: \"", spent_names_[i], "\" is empty: what was spent?"));
      }
      if (empty > 0) {
        std::fprintf(stderr, "roicast: note: \"%s\" is empty in %s of %s rows, which spent nothing then\n",
                     Printable(spent_names_[i]).c_str(), FormatCount(empty).c_str(),
                     FormatCount(table_.size()).c_str());
      }
    }
    for (const auto& [period, one] : bounds) *request.add_period_bounds() = one;
    for (const std::string& text : flags_.changes) {
      ROICAST_RETURN_IF_ERROR(
          ParseChange(text, std::max(1, static_cast<int>(spent_)), flags_.periods, request.add_changes()));
    }
    return request;
  }

  // The given one, or the time that all rows have.
  absl::StatusOr<int64_t> Start() const {
    if (!flags_.start.empty()) {
      const std::optional<int64_t> time = ParseIsoTime(flags_.start);
      if (!time.has_value()) {
        return UnexpectedValue("--start", ExpectedTime(flags_.start, "a date such as 2025-03-01"), flags_.start);
      }
      return *time;
    }
    int feature = -1;
    for (int i = 0; i < connection_.model.schema().features_size(); ++i) {
      const v1::Feature& one = connection_.model.schema().features(i);
      if (one.kind() != v1::FEATURE_KIND_TIME) continue;
      if (flags_.time_feature.empty() ? feature < 0 : one.name() == flags_.time_feature) feature = i;
    }
    const float first = feature < 0 ? std::numeric_limits<float>::quiet_NaN() : table_.Value(0, feature);
    bool same = !std::isnan(first);
    for (int64_t row = 1; same && row < table_.size(); ++row) same = table_.Value(row, feature) == first;
    if (!same) {
      return UsageError("when does the first period start? The rows do not say it with one voice: --start 2025-03-01");
    }
    return static_cast<int64_t>(first) * 3600;
  }

  absl::Status CheckComplete(const v1::BudgetPlan& plan) const {
    for (const v1::PeriodPlan& period : plan.periods()) {
      if (period.split().campaigns_size() != table_.size()) {
        return absl::InternalError("the server's answer has not all campaigns");
      }
    }
    return absl::OkStatus();
  }

  void Print(const v1::PlanBudgetResponse& answer, const v1::PlanBudgetRequest& request) const {
    const Terminal terminal = context_.Output();
    std::printf("%s\n\n", FormatVersion(connection_.model).c_str());
    if (answer.plan().conflicts_size() > 0) {
      std::fputs(ConflictsText(answer.plan().conflicts(), terminal).c_str(), stdout);
      return;
    }
    PrintPlan(answer.plan(), answer.interval_level(), terminal);
    const std::string price =
        ShadowPriceText(answer.plan().shadow_price(), request.problem(), answer.plan().outcome().lifted());
    std::printf("\n%s", price.c_str());
    for (int i = 0; i < answer.changes_size() && i < request.changes_size(); ++i) {
      std::printf("\nif the budget becomes %s after period %d:\n\n", MoneyText(request.changes(i).budget()).c_str(),
                  request.changes(i).after_periods());
      if (answer.changes(i).conflicts_size() > 0) {
        std::fputs(ConflictsText(answer.changes(i).conflicts(), terminal).c_str(), stdout);
      } else {
        PrintPlan(answer.changes(i), answer.interval_level(), terminal);
      }
    }
    std::fputs(CaveatsText(answer.caveats(), terminal).c_str(), stdout);
  }

  // Campaigns beside each other if they are few, else their sum alone.
  void PrintPlan(const v1::BudgetPlan& plan, double level, const Terminal& terminal) const {
    constexpr int64_t kMostBesideEachOther = 6;
    const bool each = table_.size() <= kMostBesideEachOther;
    std::vector<TextTable::Column> columns = {"period", "starts"};
    if (each && plan.periods_size() > 0) {
      for (const v1::Allocation& one : plan.periods(0).split().campaigns()) {
        columns.emplace_back(Printable(one.name()), TextTable::WhenNarrow::kDrop);
      }
    }
    for (const char* name : {"spend", "so far", "profit"}) columns.emplace_back(name);
    columns.push_back({"", TextTable::WhenNarrow::kDrop});
    TextTable table(columns);
    std::vector<SpendBar> bars;
    int number = 0;
    for (const v1::PeriodPlan& period : plan.periods()) {
      std::vector<Toned> cells = {Toned(absl::StrCat(++number)), Toned(DateText(period.start().seconds()))};
      if (each) {
        for (const v1::Allocation& one : period.split().campaigns()) cells.emplace_back(MoneyText(one.spend()));
      }
      const v1::Outcome& outcome = period.split().outcome();
      cells.emplace_back(MoneyText(outcome.spend()));
      cells.emplace_back(MoneyText(period.budget_so_far()));
      cells.emplace_back(MoneyText(outcome.profit()));
      cells.emplace_back(period.over() ? "over" : "");
      table.AddRow(std::move(cells));
      bars.push_back(
          {absl::StrCat(number), period.over() ? "over" : "planned", outcome.spend(), period.over() ? '-' : '#'});
    }
    std::fputs(table.ToString(terminal).c_str(), stdout);
    std::fputs(SpendBars(bars, terminal).c_str(), stdout);
    std::fputs("\n", stdout);
    std::fputs(
        OutcomesText({{"even", &plan.even(), plan.even_breaks_limit()}, {"plan", &plan.outcome()}}, level, terminal)
            .c_str(),
        stdout);
    if (plan.left() > 0) {
      std::printf(
          "\nleft: %s%s\n", MoneyText(plan.left()).c_str(),
          plan.left_because().empty() ? "" : absl::StrCat(", because ", Printable(plan.left_because())).c_str());
    }
  }

  absl::Status Write(const v1::PlanBudgetResponse& answer) const {
    const v1::BudgetPlan& plan = answer.plan();
    const auto rows = static_cast<size_t>(table_.size());
    std::vector<int64_t> order;
    for (int period = 0; period < plan.periods_size(); ++period) {
      for (int64_t row = 0; row < table_.size(); ++row) order.push_back(row);
    }
    const auto period_of = [&plan, rows](size_t at) -> const v1::PeriodPlan& {
      return plan.periods(static_cast<int>(at / rows));
    };
    std::vector<AddedColumn> added = {
        {std::string(result_columns::kPeriod), [rows](size_t at) { return absl::StrCat(at / rows + 1); }},
        {std::string(result_columns::kPeriodStart),
         [period_of](size_t at) { return DateText(period_of(at).start().seconds()); }}};
    const auto allocation = [period_of, rows](size_t at) -> const v1::Allocation& {
      return period_of(at).split().campaigns(static_cast<int>(at % rows));
    };
    for (AddedColumn& column : AllocationColumns(table_, allocation, answer.moving(), plan.outcome().lifted()))
      added.push_back(std::move(column));
    return WriteCampaignTable(flags_.budget.output(), table_, order, added);
  }

  const CommandContext& context_;
  const PlanFlags& flags_;
  ModelConnection connection_;
  CampaignTable table_;
  size_t first_spent_ = 0, spent_ = 0;
  std::vector<std::string> spent_names_;
};

// Flags that mean nothing without periods.
absl::Status CheckOnePeriod(const PlanFlags& flags) {
  const std::pair<const char*, bool> of_periods[] = {
      {"--start", !flags.start.empty()},
      {"--time-feature", !flags.time_feature.empty()},
      {"--duration-feature", !flags.duration_feature.empty()},
      {"--spent-columns", !flags.spent_columns.empty()},
      {"--period-limit", !flags.bounds.empty()},
      {"--what-if", !flags.changes.empty()},
  };
  for (const auto& [flag, given] : of_periods) {
    if (given) return UsageError(absl::StrCat(flag, " is for a plan over periods: say how many with --periods N"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPlanCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("plan", "Plan how to spend a budget, now or over weeks and months");
  command.footer(
      "Without --periods: one split, as roicast optimize makes it. With them, the time of\n"
      "each campaign moves along, and money goes where and when it returns most.\n"
      "  roicast plan campaigns.csv --budget 50000 --min 500 --max 20000\n"
      "  roicast plan campaigns.csv --budget 50000 --periods 12 --every week --start 2025-03-03\n"
      "  roicast plan campaigns.csv --budget 50000 --periods 6 --every month --start 2025-01-01 \\\n"
      "      --period-limit 1=0..5000 --what-if 3=40000\n"
      "  roicast plan campaigns.csv --budget 50000 --periods 12 --start 2025-03-03 \\\n"
      "      --spent-columns week1,week2\n"
      "--output writes a row per campaign and period. --min, --max, --step\n"
      "and --group are per period.");
  const auto flags = std::make_shared<PlanFlags>();
  flags->budget.AddTo(command);
  command.add_option("--periods", flags->periods, "Number of periods; default: one, which is now")
      ->check(Within(PlanFlags::kPeriods));
  command.add_option("--every", flags->every, "Length of a period")
      ->check(OneOf({"day", "week", "month"}))
      ->capture_default_str();
  command.add_option("--start", flags->start, "When the first period starts; default: the time of the rows")
      ->type_name("DATE");
  command.add_option("--time-feature", flags->time_feature, "Time that moves along; default: the only one")
      ->type_name("FEATURE");
  command
      .add_option(
          "--duration-feature", flags->duration_feature,
          "Feature with a campaign's length in days, set to the period's; default: duration_days if there is one")
      ->type_name("FEATURE");
  command.add_option("--period-limit", flags->bounds, "Limits of a period's sum, counted from 1; repeatable")
      ->type_name("PERIOD=MIN..MAX")
      ->allow_extra_args(false);
  command
      .add_option("--spent-columns", flags->spent_columns,
                  "Columns with what was spent in the first periods, which are over")
      ->type_name("COLUMN,...");
  command
      .add_option("--what-if", flags->changes, "Plan again: after so many periods the whole budget changes; repeatable")
      ->type_name("PERIODS=BUDGET")
      ->allow_extra_args(false);
  SetCommand(command, context, [&context, flags]() -> absl::StatusOr<int> {
    if (flags->periods > 0) return Planning(context, *flags).Run();
    ROICAST_RETURN_IF_ERROR(CheckOnePeriod(*flags));
    return OptimizeAndPrint(context, flags->budget);
  });
}

}  // namespace roicast::client
