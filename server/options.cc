#include "server/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/model_name.h"
#include "base/status_macros.h"
#include "server/flag_sources.h"

namespace roicast {
namespace {

constexpr char kAbout[] =
    "roicast-server learns from past campaigns and predicts the return on investment of planned ones, over gRPC.\n"
    "\n"
    "  roicast-server --store ./models                      start; models and datasets live in ./models\n"
    "  roicast generate --rows 20000 -o campaigns.csv       make data to try it with\n"
    "  roicast train campaigns.csv                          train the model \"default\"; it serves when it is good\n"
    "  roicast predict channel=search spend=500 price=30    ask it\n"
    "  curl localhost:8501/metrics                          watch it; also /healthz and /readyz";

constexpr char kFooter[] =
    "Every flag can be set in the environment (--max_in_flight: ROICAST_MAX_IN_FLIGHT) or in a --config file\n"
    "(max_in_flight = 4096; # begins a comment). The command line goes before the environment, the environment\n"
    "before the file.\n"
    "Durations are such as 500ms, 5s, 2m, 6h.\n"
    "\n"
    "SIGHUP: reads the config file again and takes over access_log_every, drain_timeout, lame_duck and log_level; the\n"
    "log names the flags that need a restart.\n"
    "SIGTERM or SIGINT: health turns NOT_SERVING, serving goes on for --lame_duck, then new calls get UNAVAILABLE,\n"
    "calls under way have --drain_timeout to finish, running training writes a checkpoint. A second signal ends at "
    "once.\n"
    "\n"
    "Exit codes: 0 stopped as asked; 1 could not start (port taken, store in use, …); 2 wrong flags.";

CLI::Option* AddFlag(CLI::App& app, const std::string& group, const std::string& name, std::string& value,
                     const std::string& help) {
  return app.add_option(absl::StrCat("--", name), value, help)->group(group)->take_last()->capture_default_str();
}

// A flag whose text is parsed by `parse`, with `text` as its default.
template <typename T, typename Parse>
void AddParsed(CLI::App& app, const std::string& group, const std::string& name, T& value, const std::string& text,
               const std::string& type, Parse parse, const std::string& help) {
  app.add_option_function<std::string>(
         absl::StrCat("--", name),
         [&value, name, parse](const std::string& given) {
           const absl::StatusOr<T> parsed = parse(given);
           if (!parsed.ok()) {
             throw CLI::ValidationError(absl::StrCat("--", name), std::string(parsed.status().message()));
           }
           value = *parsed;
         },
         help)
      ->group(group)
      ->take_last()
      ->default_str(text)
      ->type_name(type);
}

template <typename T>
absl::StatusOr<T> ParseIntegerFlag(const std::string& text) {
  T number = 0;
  if (!absl::SimpleAtoi(text, &number)) {
    return absl::InvalidArgumentError(absl::StrCat("expected a whole number, got \"", text, "\""));
  }
  return number;
}

template <typename T>
void AddInteger(CLI::App& app, const std::string& group, const std::string& name, T& value, const std::string& help) {
  AddParsed(app, group, name, value, absl::StrCat(value), "NUMBER", ParseIntegerFlag<T>, help);
}

// As the flag takes it.
std::string DurationText(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? "0s" : absl::FormatDuration(duration);
}

absl::StatusOr<absl::Duration> ParseDurationFlag(const std::string& text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return absl::InvalidArgumentError(absl::StrCat("expected a duration such as 500ms, 5s or 2m, got \"", text, "\""));
  }
  return duration;
}

void AddDuration(CLI::App& app, const std::string& group, const std::string& name, absl::Duration& value,
                 const std::string& help) {
  AddParsed(app, group, name, value, DurationText(value), "DURATION", ParseDurationFlag, help);
}

void AddFlags(CLI::App& app, ServerOptions& o) {
  const std::string listening = "Listening";
  AddFlag(app, listening, "listen", o.listen, "gRPC: host:port; port 0 takes a free one")->type_name("ADDRESS");
  AddFlag(app, listening, "http_listen", o.http_listen, "HTTP: /metrics, /healthz, /readyz")->type_name("ADDRESS");
  AddFlag(app, listening, "port_file", o.port_file, "write the ports to this file, as JSON, when ready")
      ->type_name("FILE");

  const std::string models = "Models";
  AddFlag(app, models, "store", o.store, "folder of models, datasets and jobs; made where it is missing")
      ->type_name("FOLDER");
  AddFlag(app, models, "default_model", o.default_model, "the model of requests that name none")->type_name("NAME");
  AddInteger(app, models, "max_extra_versions", o.max_extra_versions,
             "older versions kept loaded because requests name them, 1 to 1000");

  const std::string threads = "Threads";
  AddInteger(app, threads, "polling_threads", o.polling_threads,
             "threads that receive and answer calls, 1 to 64; 0: one per two cores");
  AddInteger(app, threads, "compute_threads", o.compute_threads, "threads for big batches, 1 to 256; 0: one per core");

  const std::string limits = "Limits (beyond them: RESOURCE_EXHAUSTED)";
  AddInteger(app, limits, "max_in_flight", o.max_in_flight, "calls and streams under way at once");
  AddInteger(app, limits, "max_batch_rows", o.max_batch_rows, "rows of one batch");
  AddInteger(app, limits, "max_message_bytes", o.max_message_bytes, "bytes of one request or answer, 1 KiB to 1 GiB");
  AddInteger(app, limits, "max_waiting_batches", o.max_waiting_batches, "big batches that wait for a compute thread");
  AddInteger(app, limits, "max_dataset_bytes", o.max_dataset_bytes, "bytes of one dataset");

  const std::string stopping = "Stopping";
  AddDuration(app, stopping, "lame_duck", o.lame_duck, "go on serving for so long after health turned NOT_SERVING");
  AddDuration(app, stopping, "drain_timeout", o.drain_timeout, "then wait so long for calls under way");

  const std::string training = "Training (runs at idle priority)";
  AddInteger(app, training, "training_workers", o.training_workers, "jobs that run at once, 1 to 16");
  AddInteger(app, training, "max_queued_jobs", o.max_queued_jobs,
             "jobs that wait; further ones get RESOURCE_EXHAUSTED");
  AddDuration(app, training, "training_time_limit", o.training_time_limit, "longest run of one job");
  AddDuration(app, training, "checkpoint_interval", o.checkpoint_interval, "how often a running job is saved");

  const std::string logs = "Logs (to stderr)";
  AddParsed(app, logs, "log_level", o.log_level, "info", "LEVEL", ParseLogLevel, "debug, info, warning or error");
  AddParsed(app, logs, "log_format", o.log_format, "text", "FORMAT", ParseLogFormat, "text or json");
  AddInteger(app, logs, "access_log_every", o.access_log_every, "log one call in so many; 0: none, 1: all");
}

absl::Status OutOfRange(absl::string_view flag, absl::string_view expected, int64_t got) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, ": expected ", expected, ", got ", got));
}

absl::Status CheckRange(absl::string_view flag, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return OutOfRange(flag, absl::StrCat(low, " to ", high), value);
}

}  // namespace

namespace {

CommandLine Refused(absl::string_view why) {
  CommandLine result;
  result.exit = true;
  result.exit_code = 2;
  result.message = absl::StrCat("roicast-server: ", why, " (--help lists the flags)\n");
  std::replace(result.message.begin(), result.message.end() - 1, '\n', ' ');
  return result;
}

// The flags on top of the defaults; not validated.
CommandLine Parse(std::vector<std::string> arguments) {
  CommandLine result;
  CLI::App app(kAbout, "roicast-server");
  app.footer(kFooter);
  app.get_formatter()->column_width(34);
  app.set_version_flag("--version", absl::StrCat("roicast ", ROICAST_VERSION));
  app.add_option("--config", result.options.config, "read flags from this file (name = value a line)")
      ->type_name("FILE")
      ->take_last();
  AddFlags(app, result.options);
  // CLI11 takes them from the back.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return Refused(error.what());
    std::ostringstream out, err;
    app.exit(error, out, err);
    result.exit = true;
    result.message = out.str();
  }
  return result;
}

// What is wrong with one setting, by itself.
absl::Status Check(const FlagSetting& setting) {
  CLI::App app;
  ServerOptions options;
  AddFlags(app, options);
  try {
    app.parse(std::vector<std::string>{setting.value, absl::StrCat("--", setting.name)});
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return options.Validate();
}

// The flags of the config file and then those of the environment, as arguments. InvalidArgument: says where.
absl::StatusOr<std::vector<std::string>> OtherFlags(std::string config) {
  CLI::App app;
  ServerOptions options;
  AddFlags(app, options);
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options()) {
    if (option->get_single_name() != "help") names.push_back(option->get_single_name());
  }
  if (config.empty()) {
    for (const FlagSetting& setting : FlagsFromEnvironment({"config"})) config = setting.value;
  }
  std::vector<FlagSetting> settings;
  if (!config.empty()) {
    absl::StatusOr<std::vector<FlagSetting>> read = FlagsFromFile(config, names);
    if (!read.ok()) return WithContext(read.status(), "--config");
    settings = *std::move(read);
  }
  for (FlagSetting& setting : FlagsFromEnvironment(names)) settings.push_back(std::move(setting));
  std::vector<std::string> arguments;
  for (const FlagSetting& setting : settings) {
    ROICAST_RETURN_IF_ERROR(WithContext(Check(setting), setting.where));
    arguments.push_back(absl::StrCat("--", setting.name));
    arguments.push_back(setting.value);
  }
  return arguments;
}

absl::Status HostPortExpected(absl::string_view address) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected host:port, such as 0.0.0.0:8500 or [::]:8500, got \"", address, "\""));
}

}  // namespace

absl::StatusOr<std::pair<std::string, int>> ParseAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return HostPortExpected(address);
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return HostPortExpected(address);
  } else if (absl::StrContains(host, ':')) {
    return HostPortExpected(address);
  }
  return std::make_pair(std::string(host), port);
}

absl::Status ServerOptions::Validate() const {
  for (const auto& [flag, address] : {std::make_pair("listen", &listen), std::make_pair("http_listen", &http_listen)}) {
    ROICAST_RETURN_IF_ERROR(WithContext(ParseAddress(*address).status(), absl::StrCat("--", flag)));
  }
  if (store.empty()) return absl::InvalidArgumentError("--store: expected a folder, got nothing");
  ROICAST_RETURN_IF_ERROR(ValidateModelName(default_model, "--default_model"));
  ROICAST_RETURN_IF_ERROR(CheckRange("max_extra_versions", max_extra_versions, 1, 1000));
  ROICAST_RETURN_IF_ERROR(CheckRange("polling_threads", polling_threads, 0, 64));
  ROICAST_RETURN_IF_ERROR(CheckRange("compute_threads", compute_threads, 0, 256));
  ROICAST_RETURN_IF_ERROR(CheckRange("max_in_flight", max_in_flight, 1, 10000000));
  ROICAST_RETURN_IF_ERROR(CheckRange("max_batch_rows", max_batch_rows, 1, 100000000));
  ROICAST_RETURN_IF_ERROR(CheckRange("max_message_bytes", max_message_bytes, 1024, 1 << 30));
  ROICAST_RETURN_IF_ERROR(CheckRange("max_waiting_batches", max_waiting_batches, 1, 1000000));
  if (max_dataset_bytes < 1) return OutOfRange("max_dataset_bytes", "at least 1", max_dataset_bytes);
  for (const auto& [flag, value] : {std::make_pair("lame_duck", lame_duck), {"drain_timeout", drain_timeout}}) {
    if (value < absl::ZeroDuration() || value == absl::InfiniteDuration()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, ": expected at least 0s, got ", absl::FormatDuration(value)));
    }
  }
  ROICAST_RETURN_IF_ERROR(CheckRange("training_workers", training_workers, 1, 16));
  ROICAST_RETURN_IF_ERROR(CheckRange("max_queued_jobs", max_queued_jobs, 1, 1000000));
  for (const auto& [flag, value] :
       {std::make_pair("training_time_limit", training_time_limit), {"checkpoint_interval", checkpoint_interval}}) {
    if (value <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, ": expected more than 0s, got ", absl::FormatDuration(value)));
    }
  }
  if (access_log_every < 0) return OutOfRange("access_log_every", "at least 0", access_log_every);
  return absl::OkStatus();
}

std::vector<std::pair<std::string, std::string>> ServerOptions::Effective() const {
  return {{"config", config},
          {"listen", listen},
          {"http_listen", http_listen},
          {"port_file", port_file},
          {"store", store},
          {"default_model", default_model},
          {"max_extra_versions", absl::StrCat(max_extra_versions)},
          {"polling_threads", absl::StrCat(polling_threads)},
          {"compute_threads", absl::StrCat(compute_threads)},
          {"max_in_flight", absl::StrCat(max_in_flight)},
          {"max_batch_rows", absl::StrCat(max_batch_rows)},
          {"max_message_bytes", absl::StrCat(max_message_bytes)},
          {"max_waiting_batches", absl::StrCat(max_waiting_batches)},
          {"max_dataset_bytes", absl::StrCat(max_dataset_bytes)},
          {"lame_duck", DurationText(lame_duck)},
          {"drain_timeout", DurationText(drain_timeout)},
          {"training_workers", absl::StrCat(training_workers)},
          {"max_queued_jobs", absl::StrCat(max_queued_jobs)},
          {"training_time_limit", DurationText(training_time_limit)},
          {"checkpoint_interval", DurationText(checkpoint_interval)},
          {"log_level", std::string(LogLevelName(log_level))},
          {"log_format", std::string(LogFormatName(log_format))},
          {"access_log_every", absl::StrCat(access_log_every)}};
}

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  // The command line by itself: help, version, what is wrong with it, and which config file it names.
  CommandLine result = Parse(arguments);
  if (result.exit) return result;
  const absl::StatusOr<std::vector<std::string>> others = OtherFlags(result.options.config);
  if (!others.ok()) return Refused(others.status().message());
  // The last one counts.
  std::vector<std::string> all = *others;
  all.insert(all.end(), arguments.begin(), arguments.end());
  result = Parse(all);
  if (result.exit) return result;
  ServerOptions& options = result.options;
  if (const absl::Status valid = options.Validate(); !valid.ok()) return Refused(valid.message());
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  if (options.polling_threads == 0) options.polling_threads = static_cast<int>(std::clamp(cores / 2, 1u, 64u));
  if (options.compute_threads == 0) options.compute_threads = static_cast<int>(std::min(cores, 256u));
  return result;
}

}  // namespace roicast
