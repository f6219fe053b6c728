// roicast loadtest: measures the throughput and latency of a server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/progress_line.h"
#include "client/cli/usage.h"
#include "client/load/load.h"
#include "client/load/model_rows.h"
#include "client/model_client.h"
#include "client/serving_model.h"

namespace roicast::client {
namespace {

// Distinct requests, sent round robin.
constexpr size_t kDistinctRequests = 256;
constexpr size_t kDistinctBatches = 8;

struct LoadtestFlags {
  std::string mode = "predict";
  std::string form = "named";
  double duration_seconds = 10;
  double warm_up_seconds = 1;
  int64_t batch_rows = 1000;
  int connections = 1;
  LoadOptions load;
  ModelFlags model;
};

absl::StatusOr<LoadResult> RunLoad(const LoadtestFlags& flags, ChannelPool& channels, const v1::Model& model,
                                   const std::atomic<bool>& stop) {
  if (flags.mode == "batch") {
    return RunBatchLoad(channels, RandomMatrices(model, flags.model.ref(), kDistinctBatches, flags.batch_rows),
                        flags.load, stop);
  }
  const RowForm form = flags.form == "dense" ? RowForm::kDense : RowForm::kNamed;
  const std::vector<v1::PredictRequest> rows = RandomRows(model, flags.model.ref(), form, kDistinctRequests);
  if (flags.mode == "predict") return RunPredictLoad(channels, rows, flags.load, stop);
  std::vector<v1::StreamPredictRequest> items(rows.size());
  for (size_t i = 0; i < items.size(); ++i) *items[i].mutable_predict() = rows[i];
  return RunStreamLoad(channels, items, flags.load, stop);
}

nlohmann::ordered_json ResultJson(const LoadtestFlags& flags, const LoadResult& result, int64_t rows_per_call) {
  const auto micros = [&](double quantile) { return double(result.latency.Quantile(quantile)) / 1e3; };
  nlohmann::ordered_json json = {{"mode", flags.mode},
                                 {"form", flags.mode == "batch" ? "dense" : flags.form},
                                 {"loop", flags.load.rate > 0 ? "open" : "closed"},
                                 {"in_flight", flags.load.in_flight},
                                 {"connections", flags.connections},
                                 {"rate_asked", flags.load.rate},
                                 {"seconds", absl::ToDoubleSeconds(result.elapsed)},
                                 {"calls", result.calls},
                                 {"calls_per_second", result.calls_per_second()},
                                 {"rows_per_second", result.calls_per_second() * double(rows_per_call)},
                                 {"failed", result.failed()},
                                 {"not_started", result.not_started}};
  json["latency_us"] = {{"mean", result.latency.mean() / 1e3},
                        {"p50", micros(0.5)},
                        {"p90", micros(0.9)},
                        {"p99", micros(0.99)},
                        {"p99.9", micros(0.999)},
                        {"max", double(result.latency.max()) / 1e3}};
  json["errors"] = result.errors;
  return json;
}

void PrintResult(const LoadtestFlags& flags, const LoadResult& result, int64_t rows_per_call,
                 const Terminal& terminal) {
  const auto latency = [&](double quantile) { return FormatLatency(double(result.latency.Quantile(quantile))); };
  const std::string load = flags.load.rate > 0 ? absl::StrFormat("%g calls/s requested", flags.load.rate)
                                               : absl::StrCat(flags.load.in_flight, " in flight");
  std::printf("%s, %s, %d connection%s, %.1f s\n", flags.mode.c_str(), load.c_str(), flags.connections,
              flags.connections == 1 ? "" : "s", absl::ToDoubleSeconds(result.elapsed));
  std::printf("  %s calls/s", FormatCount(static_cast<int64_t>(result.calls_per_second())).c_str());
  if (rows_per_call > 1) {
    std::printf(", %s rows/s",
                FormatCount(static_cast<int64_t>(result.calls_per_second() * double(rows_per_call))).c_str());
  }
  std::printf("\n  p50 %s, p90 %s, p99 %s, p99.9 %s, max %s\n", latency(0.5).c_str(), latency(0.9).c_str(),
              latency(0.99).c_str(), latency(0.999).c_str(), FormatLatency(double(result.latency.max())).c_str());
  if (result.not_started > 0) {
    const std::string text = absl::StrCat(
        "  ", FormatCount(result.not_started), " of ", FormatCount(result.calls),
        " calls could not be started when they were due: the load exceeds what can be carried. Their latency is the "
        "time they had waited. Try a lower --rate, or more --connections");
    std::printf("%s\n", terminal.Paint(WrapToWidth(text, terminal.width, 2), Tone::kWarning).c_str());
  }
  for (const auto& [code, count] : result.errors) {
    const std::string text = absl::StrCat("  failed, ", code, ": ", FormatCount(count));
    std::printf("%s\n", terminal.Paint(text, Tone::kBad).c_str());
  }
  if (!result.first_error.empty()) std::printf("  first error: %s\n", Printable(result.first_error).c_str());
}

// Shows the elapsed time of a run on a terminal.
class Countdown {
 public:
  Countdown(const CommandContext& context, const LoadtestFlags& flags) : line_(context.json) {
    if (context.json || !line_.terminal()) return;
    ticker_ = std::thread([this, begin = absl::Now(), all = flags.load.warm_up + flags.load.duration] {
      do {
        const absl::Duration elapsed = absl::Now() - begin;
        line_.Update({absl::StrCat("loadtest ", FormatBar(absl::FDivDuration(elapsed, all), 20), " ",
                                   FormatClock(elapsed), " of ", FormatClock(all))});
      } while (!ended_.WaitForNotificationWithTimeout(absl::Milliseconds(250)));
    });
  }
  ~Countdown() {
    ended_.Notify();
    if (ticker_.joinable()) ticker_.join();
  }

 private:
  ProgressLine line_;
  absl::Notification ended_;
  std::thread ticker_;
};

absl::StatusOr<int> Loadtest(const CommandContext& context, LoadtestFlags flags) {
  flags.load.duration = absl::Seconds(flags.duration_seconds);
  flags.load.warm_up = absl::Seconds(flags.warm_up_seconds);
  flags.load.timeout = context.Calls().timeout;
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect(flags.connections));
  ROICAST_ASSIGN_OR_RETURN(const v1::Model model, ModelClient(channels, context.Calls()).GetModel(flags.model.ref()));
  ROICAST_RETURN_IF_ERROR(CheckServes(flags.model.ref(), model));
  const Interrupts interrupts(nullptr);
  ROICAST_ASSIGN_OR_RETURN(const LoadResult result, [&] {
    const Countdown countdown(context, flags);
    return RunLoad(flags, *channels, model, interrupts.flag());
  }());
  if (interrupts.interrupted() && result.calls == 0) {
    return absl::CancelledError("loadtest: cancelled before anything was measured");
  }
  const int64_t rows_per_call = flags.mode == "batch" ? flags.batch_rows : 1;
  if (context.json) {
    PrintJson(ResultJson(flags, result, rows_per_call));
  } else {
    PrintResult(flags, result, rows_per_call, context.Output());
  }
  if (interrupts.interrupted()) return kInterrupted;
  return result.calls > 0 && result.failed() == result.calls ? kServerUnavailable : kOk;
}

}  // namespace

void AddLoadtestCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("loadtest", "Measure the throughput and latency of the server");
  command.footer(
      "Sends random rows of the model's own schema, within the values seen in training.\n"
      "Without --rate, a closed loop: each answer starts the next call. With --rate,\n"
      "an open loop: calls start on schedule, and latency counts from the time a call\n"
      "was due, so that a stall shows in full.");
  const auto flags = std::make_shared<LoadtestFlags>();
  command
      .add_option("--mode", flags->mode,
                  "predict: one row per call; stream: one per stream item; batch: --batch-rows per call")
      ->check(OneOf({"predict", "stream", "batch"}))
      ->capture_default_str();
  command
      .add_option("--form", flags->form,
                  "Rows as named values, or dense under the schema's digest (predict and stream)")
      ->check(OneOf({"named", "dense"}))
      ->capture_default_str();
  command.add_option("--in-flight", flags->load.in_flight, "Calls in flight over all connections (closed loop)")
      ->check(Within(LoadOptions::kInFlight))
      ->capture_default_str();
  command.add_option("--rate", flags->load.rate, "Calls per second (open loop)")->check(Within(LoadOptions::kRate));
  command.add_option("--connections", flags->connections, "TCP connections")
      ->check(Within(ChannelOptions::kConnections))
      ->capture_default_str();
  command.add_option("--duration", flags->duration_seconds, "Measured time")
      ->type_name("SECONDS")
      ->check(Above(0))
      ->capture_default_str();
  command.add_option("--warm-up", flags->warm_up_seconds, "Time before measuring starts")
      ->type_name("SECONDS")
      ->check(Within({0}))
      ->capture_default_str();
  command.add_option("--batch-rows", flags->batch_rows, "Rows per call (batch)")
      ->check(Within({1, 1e6}))
      ->capture_default_str();
  command.add_option("--threads", flags->load.threads, "Threads that receive answers")
      ->check(Within(LoadOptions::kThreads))
      ->capture_default_str();
  flags->model.AddTo(command);
  SetCommand(command, context, [&context, flags] { return Loadtest(context, *flags); });
}

}  // namespace roicast::client
