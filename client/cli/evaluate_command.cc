// roicast evaluate: a version against a table whose outcome is known.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/report_view.h"

namespace roicast::client {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(10);

struct Flags {
  DatasetFlags dataset;
  ModelFlags model;
  std::string target, revenue, spend;
  std::optional<double> profit_threshold;
};

absl::StatusOr<int> Evaluate(const CommandContext& context, const Flags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  const TrainingClient client(channels, context.Calls());
  v1::EvaluateModelRequest request;
  *request.mutable_model() = flags.model.ref();
  ROICAST_ASSIGN_OR_RETURN(*request.mutable_dataset_digest(), flags.dataset.Resolve(context, client));
  if (!flags.target.empty()) request.mutable_target()->set_column(flags.target);
  if (!flags.revenue.empty()) request.mutable_target()->set_revenue_column(flags.revenue);
  if (!flags.spend.empty()) request.mutable_target()->set_spend_column(flags.spend);
  if (flags.profit_threshold) request.set_profit_threshold(*flags.profit_threshold);
  ROICAST_ASSIGN_OR_RETURN(const v1::EvaluateModelResponse response, client.Evaluate(request, kTimeout));
  if (context.json) {
    PrintJson(ToJson(response));
    return kOk;
  }
  const Terminal terminal = context.Output();
  std::printf("%s version %lld (%s)\n%s", response.evaluated().model().c_str(),
              static_cast<long long>(response.evaluated().version()),
              FormatDigest(response.evaluated().artifact_digest()).c_str(),
              MetricsText(response.metrics(), "model", terminal).c_str());
  int64_t rows = response.metrics().model().rows();
  for (const v1::DroppedRows& dropped : response.dropped()) rows += dropped.rows();
  std::fputs(DroppedText(response.dropped(), "left out", rows, terminal).c_str(), stdout);
  std::printf("  rows with warnings: %s\n", FormatCount(response.rows_with_warnings()).c_str());
  return kOk;
}

}  // namespace

void AddEvaluateCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("evaluate", "Compare a model's predictions with a CSV whose outcome is known");
  const auto flags = std::make_shared<Flags>();
  flags->dataset.AddTo(command);
  flags->model.AddTo(command);
  command.add_option("--target", flags->target, "Column that holds the ROI; as at training unless given")
      ->type_name("COLUMN");
  command.add_option("--revenue", flags->revenue, "Column with the money that came back")->type_name("COLUMN");
  command.add_option("--spend", flags->spend, "Column with the money that was spent")->type_name("COLUMN");
  command.add_option("--profit-threshold", flags->profit_threshold, "ROI above which a campaign counts as profitable")
      ->type_name("ROI");
  SetCommand(command, context, [&context, flags] { return Evaluate(context, *flags); });
}

}  // namespace roicast::client
