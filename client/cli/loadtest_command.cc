// roicast loadtest: measures the throughput and latency of a server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/printable.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "client/campaign_fields.h"
#include "client/cli/command.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/progress_line.h"
#include "client/cli/usage.h"
#include "client/generator/campaign_generator.h"
#include "client/load/load.h"
#include "client/model_client.h"
#include "client/prediction_client.h"

namespace roicast::client {
namespace {

// Distinct requests, sent round robin.
constexpr size_t kDistinctRequests = 256;
constexpr size_t kDistinctBatches = 8;

struct LoadtestFlags {
  std::string mode = "predict";
  double duration_seconds = 10;
  double warm_up_seconds = 1;
  int64_t batch_rows = 1000;
  int connections = 1;
  LoadOptions load;
  ModelFlags model;
};

v1::Campaign ToProto(const GeneratedCampaign& c) {
  v1::Campaign campaign;
  campaign.set_avg_session_seconds(c.avg_session_seconds);
  campaign.set_page_views_per_user(c.page_views_per_user);
  campaign.set_add_to_cart_rate(c.add_to_cart_rate);
  campaign.set_purchases_per_user_90d(c.purchases_per_user_90d);
  campaign.set_days_since_last_purchase(c.days_since_last_purchase);
  campaign.set_avg_user_rating(c.avg_user_rating);
  campaign.set_product_category(std::string(kProductCategories[c.product_category]));
  campaign.set_price(c.price);
  campaign.set_units_sold_30d(c.units_sold_30d);
  campaign.set_product_rating(c.product_rating);
  campaign.set_review_count(c.review_count);
  campaign.set_discount_rate(c.discount_rate);
  campaign.set_gross_margin_rate(c.gross_margin_rate);
  campaign.set_channel(std::string(kChannels[c.channel]));
  campaign.set_spend(c.spend);
  campaign.set_duration_days(c.duration_days);
  campaign.set_region(std::string(kRegions[c.region]));
  campaign.set_audience_size(c.audience_size);
  campaign.set_device(std::string(kDevices[c.device]));
  campaign.mutable_start_time()->set_seconds(c.start_time);
  return campaign;
}

absl::StatusOr<std::vector<v1::PredictRequest>> CampaignRequests(const v1::ModelRef& model) {
  ROICAST_ASSIGN_OR_RETURN(CampaignGenerator generator, CampaignGenerator::Create({}));
  std::vector<v1::PredictRequest> requests(kDistinctRequests);
  for (v1::PredictRequest& request : requests) {
    if (!model.name().empty() || model.version() > 0) *request.mutable_model() = model;
    *request.mutable_campaign() = ToProto(generator.Next());
  }
  return requests;
}

// A random value within those seen in training, for any schema.
float RandomValue(const v1::Feature& feature, Random& random) {
  if (feature.kind() == v1::FEATURE_KIND_CATEGORICAL) {
    return static_cast<float>(random.Below(static_cast<uint64_t>(std::max(1, feature.vocabulary_size()))));
  }
  // Hours since 1970, within 2024.
  if (feature.kind() == v1::FEATURE_KIND_TIME) return static_cast<float>(473'352 + random.Below(366 * 24));
  return static_cast<float>(random.Uniform(feature.seen_min(), feature.seen_max()));
}

std::vector<v1::BatchPredictRequest> MatrixRequests(const v1::Model& model, const v1::ModelRef& ref, size_t count,
                                                    int64_t rows) {
  Random random(1);
  std::vector<v1::BatchPredictRequest> requests(count);
  for (v1::BatchPredictRequest& request : requests) {
    if (!ref.name().empty() || ref.version() > 0) *request.mutable_model() = ref;
    v1::DenseMatrix& matrix = *request.mutable_matrix();
    matrix.set_rows(rows);
    matrix.set_schema_digest(model.schema().digest());
    for (int64_t r = 0; r < rows; ++r) {
      for (const v1::Feature& feature : model.schema().features()) matrix.add_values(RandomValue(feature, random));
    }
  }
  return requests;
}

absl::StatusOr<LoadResult> RunLoad(const LoadtestFlags& flags, ChannelPool& channels, const v1::Model& model,
                                   const std::atomic<bool>& stop) {
  const bool typed = FitsCampaign(model.schema());
  if (flags.mode == "batch") {
    return RunBatchLoad(channels, MatrixRequests(model, flags.model.ref(), kDistinctBatches, flags.batch_rows),
                        flags.load, stop);
  }
  std::vector<v1::PredictRequest> campaigns;
  std::vector<v1::BatchPredictRequest> rows;
  if (typed) {
    ROICAST_ASSIGN_OR_RETURN(campaigns, CampaignRequests(flags.model.ref()));
  } else {
    rows = MatrixRequests(model, flags.model.ref(), kDistinctRequests, 1);
  }
  if (flags.mode == "predict") {
    return typed ? RunPredictLoad(channels, campaigns, flags.load, stop)
                 : RunBatchLoad(channels, rows, flags.load, stop);
  }
  std::vector<v1::StreamPredictRequest> items(kDistinctRequests);
  for (size_t i = 0; i < items.size(); ++i) {
    if (typed) {
      *items[i].mutable_predict() = campaigns[i];
    } else {
      *items[i].mutable_batch_predict() = rows[i];
    }
  }
  return RunStreamLoad(channels, items, flags.load, stop);
}

nlohmann::ordered_json ResultJson(const LoadtestFlags& flags, const LoadResult& result, int64_t rows_per_call) {
  const auto micros = [&](double quantile) { return double(result.latency.Quantile(quantile)) / 1e3; };
  nlohmann::ordered_json json = {{"mode", flags.mode},
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
      "Without --rate, a closed loop: each answer starts the next call. With --rate,\n"
      "an open loop: calls start on schedule, and latency counts from the time a call\n"
      "was due, so that a stall shows in full.");
  const auto flags = std::make_shared<LoadtestFlags>();
  command
      .add_option("--mode", flags->mode,
                  "predict: one campaign per call; stream: one per stream item; batch: --batch-rows per call")
      ->check(OneOf({"predict", "stream", "batch"}))
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
