// roicast optimize: the best split of a budget among campaigns.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/cli/decisions/budget_flags.h"
#include "client/cli/decisions/budget_view.h"
#include "client/cli/decisions/optimize_run.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/decision_client.h"

namespace roicast::client {

absl::StatusOr<int> OptimizeAndPrint(const CommandContext& context, const BudgetFlags& flags) {
  ROICAST_RETURN_IF_ERROR(flags.Validate());
  ROICAST_RETURN_IF_ERROR(CheckOutput(flags.output(), flags.table().input));
  ROICAST_ASSIGN_OR_RETURN(const ModelConnection connection, ConnectToModel(context, flags.table().model));
  ROICAST_ASSIGN_OR_RETURN(const CampaignTable table,
                           ReadCampaignTable(context, connection, flags.table(), flags.TableOptions(connection)));
  v1::OptimizeBudgetRequest request;
  *request.mutable_model() = connection.ref();
  ROICAST_ASSIGN_OR_RETURN(*request.mutable_problem(), flags.ToProblem(table));
  const absl::StatusOr<v1::OptimizeBudgetResponse> answer =
      DecisionClient(connection.channels, context.Calls()).OptimizeBudget(request);
  ROICAST_RETURN_IF_ERROR(flags.Blame(WithLine(answer.status(), flags.table().input, table)));
  const int exit_code = answer->conflicts_size() > 0 ? kRefused : kOk;
  const bool complete = answer->optimum().campaigns_size() == table.size();
  if (exit_code == kOk && !complete) return absl::InternalError("the server's answer has not all campaigns");
  if (!flags.output().empty() && exit_code == kOk) {
    std::vector<int64_t> order(static_cast<size_t>(table.size()));
    std::iota(order.begin(), order.end(), int64_t{0});
    const auto allocation = [&answer](size_t at) -> const v1::Allocation& {
      return answer->optimum().campaigns(static_cast<int>(at));
    };
    ROICAST_RETURN_IF_ERROR(WriteCampaignTable(
        flags.output(), table, order,
        AllocationColumns(table, allocation, answer->moving(), answer->optimum().outcome().lifted())));
    if (flags.output() == "-") return exit_code;
  }
  if (context.json) {
    PrintJson(WithFindings(ToJson(*answer), table));
    return exit_code;
  }
  std::printf("%s\n\n", FormatVersion(connection.model).c_str());
  std::fputs(OptimumText(*answer, request.problem(), context.Output()).c_str(), stdout);
  return exit_code;
}

void AddOptimizeCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("optimize", "Split a budget among campaigns in the best way");
  command.footer(
      "Today's spends, the same scaled to the budget, an even split and the optimum stand\n"
      "side by side, each with what it is expected to return.\n"
      "  roicast optimize campaigns.csv --budget 50000 --min 500 --max 20000\n"
      "  roicast optimize campaigns.csv --budget 50000 --step 100 --spend-all\n"
      "  roicast optimize campaigns.csv --budget 50000 --group-column channel \\\n"
      "      --group social=5000..20000 --locked-column fixed\n"
      "  roicast optimize campaigns.csv --budget 50000 --lift-test channel=search:1000..5000=6200,900\n"
      "  roicast optimize campaigns.csv --goal least-budget --goal-value 120000\n"
      "  roicast optimize campaigns.csv --budget 50000 --output plan.csv\n"
      "--output adds columns planned_spend, predicted_roi, predicted_revenue,\n"
      "predicted_profit and marginal_roi. If no split can meet the limits, the command says\n"
      "which are in conflict and by how much, and ends with 5.");
  const auto flags = std::make_shared<BudgetFlags>();
  flags->AddTo(command);
  SetCommand(command, context, [&context, flags] { return OptimizeAndPrint(context, *flags); });
}

}  // namespace roicast::client
