#include "server/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/memory_limit.h"
#include "base/nearest_name.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "server/flag_sources.h"
#include "server/flag_table.h"
#include "server/process_settings.h"

namespace roicast {
namespace {

constexpr char kAbout[] =
    "roicast-server trains on past campaigns and predicts the return on investment of planned ones, over gRPC.\n"
    "\n"
    "  roicast-server --store ./models                      start; stores models and datasets in ./models\n"
    "  roicast generate --rows 20000 -o campaigns.csv       generate synthetic campaigns\n"
    "  roicast train campaigns.csv                          train the model \"default\" and let it serve if it is "
    "good\n"
    "  roicast predict channel=search spend=500 price=30    predict\n"
    "  curl localhost:8501/metrics                          read the metrics; also /healthz and /readyz";

constexpr char kHowToSet[] =
    "Every flag can be set in the environment (--max_in_flight: ROICAST_MAX_IN_FLIGHT) or in a --config file\n"
    "(max_in_flight = 4096; # starts a comment). The command line takes precedence over the environment, and the\n"
    "environment over the file.\n"
    "Durations: 500ms, 5s, 2m, 6h.\n"
    "\n";

constexpr char kHowToStop[] =
    "SIGTERM or SIGINT: health reports NOT_SERVING and calls are still served for --lame_duck; then new calls get\n"
    "UNAVAILABLE, calls in flight have --drain_timeout to finish, and running training writes a checkpoint. A second\n"
    "signal ends the process at once.\n"
    "\n"
    "Exit codes: 0 stopped by a signal; 1 could not start (port taken, store in use, …); 2 invalid flags.";

std::string Footer() {
  std::vector<absl::string_view> reloadable;
  for (const FlagGroup& group : FlagGroups()) {
    for (const Flag& flag : group.flags) {
      if (flag.reloadable) reloadable.push_back(flag.name);
    }
  }
  return absl::StrCat(kHowToSet, "SIGHUP: reads the config file again and takes over ", absl::StrJoin(reloadable, ", "),
                      ";\nthe log names the flags that need a restart.\n", kHowToStop);
}

// The flags of the table, which set `options` as they are parsed.
void AddFlags(CLI::App& app, ServerOptions& options) {
  for (const FlagGroup& group : FlagGroups()) {
    for (const Flag& flag : group.flags) {
      const std::string name = absl::StrCat("--", flag.name);
      app.add_option_function<std::string>(
             name,
             [&flag, &options, name](const std::string& text) {
               const absl::Status set = SetFlag(flag, text, options);
               if (!set.ok()) throw CLI::ValidationError(name, std::string(set.message()));
             },
             FlagHelp(flag))
          ->group(group.title)
          ->take_last()
          ->default_str(FlagText(flag, options))
          ->type_name(flag.type);
    }
  }
}

CommandLine Refused(absl::string_view why) {
  CommandLine result;
  result.exit = true;
  result.exit_code = 2;
  result.message = absl::StrCat("roicast-server: ", Printable(why), " (--help lists the flags)\n");
  return result;
}

// What is wrong with the command line. CLI11 lists unknown arguments after a colon, in any order.
std::string WhyRefused(const CLI::ParseError& error, const CLI::App& app) {
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    // CLI11 says "--store: 1 required FOLDER missing".
    const std::string message = error.what(), name = message.substr(0, message.find(':'));
    const CLI::Option* const option = app.get_option_no_throw(name);
    if (option != nullptr) return absl::StrCat(name, ": expected ", option->get_type_name(), ", got nothing");
  }
  const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error);
  if (extras == nullptr) return error.what();
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  std::string message = error.what();
  const std::vector<std::string> words = absl::StrSplit(message.substr(message.find(": ") + 2), ' ');
  for (const std::string& word : words) {
    if (absl::StartsWith(word, "-")) return absl::StrCat("unknown flag ", word, DidYouMean(word, known));
  }
  return absl::StrCat("unexpected argument ", words.front());
}

// The flags on top of the defaults; not validated.
CommandLine Parse(std::vector<std::string> arguments) {
  CommandLine result;
  CLI::App app(kAbout, "roicast-server");
  app.footer(Footer());
  app.get_formatter()->column_width(34);
  app.set_version_flag("--version", absl::StrCat("roicast ", ROICAST_VERSION));
  app.add_option("--config", result.options.config, "read flags from this file (one name = value per line)")
      ->type_name("FILE")
      ->take_last();
  AddFlags(app, result.options);
  // CLI11 takes them from the back.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return Refused(WhyRefused(error, app));
    std::ostringstream out, err;
    app.exit(error, out, err);
    result.exit = true;
    result.message = out.str();
  }
  return result;
}

// Checks one setting by itself.
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

// The flags of the config file and then those of the environment, as arguments, and how many are the file's.
// InvalidArgument: says where.
absl::StatusOr<std::vector<std::string>> OtherFlags(std::string config, size_t* flags_in_file) {
  std::vector<std::string> names;
  for (const FlagGroup& group : FlagGroups()) {
    for (const Flag& flag : group.flags) names.push_back(flag.name);
  }
  if (config.empty()) {
    for (const FlagSetting& setting : FlagsFromEnvironment({"config"})) config = setting.value;
  }
  std::vector<FlagSetting> settings;
  if (!config.empty()) {
    absl::StatusOr<std::vector<FlagSetting>> read = FlagsFromFile(config, names);
    if (!read.ok()) return WithContext(read.status(), "--config");
    settings = *std::move(read);
    *flags_in_file = settings.size();
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

// Flags that need each other.
absl::Status CheckTls(const ServerOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    const bool has_key = options.tls_certificate.empty();
    return absl::InvalidArgumentError(absl::StrCat(has_key ? "--tls_certificate" : "--tls_key",
                                                   ": expected a file with ",
                                                   has_key ? "--tls_key" : "--tls_certificate", ", got nothing"));
  }
  if (options.http_tls && options.tls_key.empty()) {
    return absl::InvalidArgumentError("--http_tls: expected --tls_certificate and --tls_key with it, got neither");
  }
  return absl::OkStatus();
}

// Replaces the 0 of limits that depend on others.
void ChooseLimits(ServerOptions& options) {
  constexpr int64_t kMaxConnections = 10000, kMinBytesHeld = 16 << 20;
  if (options.max_connections == 0) {
    options.max_connections = std::clamp<int64_t>(DescriptorLimit() * 3 / 4, 1, kMaxConnections);
  }
  if (options.max_connections_per_peer == 0) {
    // Over TLS each takes up to three times as much memory.
    const int64_t parts = options.tls_certificate.empty() ? 2 : 3;
    options.max_connections_per_peer = std::max<int64_t>(1, options.max_connections / parts);
  }
  // Two of the largest messages, and more.
  if (options.max_bytes_held == 0) {
    options.max_bytes_held = std::max(kMinBytesHeld, options.max_message_bytes * 9 / 4);
  }
  // A message as large as may be, and its answer.
  if (options.max_bytes_held_per_connection == 0) {
    options.max_bytes_held_per_connection =
        std::min(options.max_bytes_held, std::max(options.max_bytes_held / 4 * 3, options.max_message_bytes / 4 * 5));
  }
  // The rest is for what is small, for what the allocator keeps, and for the kernel's buffers.
  if (options.memory_budget == 0) options.memory_budget = MemoryLimit() / 4 * 3;
}

}  // namespace

absl::Status ServerOptions::Validate() const {
  for (const FlagGroup& group : FlagGroups()) {
    for (const Flag& flag : group.flags) ROICAST_RETURN_IF_ERROR(CheckFlag(flag, *this));
  }
  return absl::OkStatus();
}

std::vector<std::pair<std::string, std::string>> ServerOptions::Effective() const {
  std::vector<std::pair<std::string, std::string>> effective = {{"config", config}};
  for (const FlagGroup& group : FlagGroups()) {
    for (const Flag& flag : group.flags) effective.emplace_back(flag.name, FlagText(flag, *this));
  }
  return effective;
}

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  // The command line by itself: help, version, errors, and the name of the config file.
  CommandLine result = Parse(arguments);
  if (result.exit) return result;
  size_t flags_in_file = 0;
  const absl::StatusOr<std::vector<std::string>> others = OtherFlags(result.options.config, &flags_in_file);
  if (!others.ok()) return Refused(others.status().message());
  // The last setting of a flag takes effect.
  std::vector<std::string> all = *others;
  all.insert(all.end(), arguments.begin(), arguments.end());
  result = Parse(all);
  if (result.exit) return result;
  result.flags_in_file = flags_in_file;
  ServerOptions& options = result.options;
  if (const absl::Status valid = options.Validate(); !valid.ok()) return Refused(valid.message());
  if (const absl::Status valid = CheckTls(options); !valid.ok()) return Refused(valid.message());
  const bool budget_given = options.memory_budget != 0;
  ChooseLimits(options);
  if (options.max_bytes_held < options.max_message_bytes) {
    return Refused(absl::StrCat("--max_bytes_held: expected at least --max_message_bytes (", options.max_message_bytes,
                                "), got ", options.max_bytes_held));
  }
  if (options.max_bytes_held_per_connection < options.max_message_bytes) {
    return Refused(absl::StrCat("--max_bytes_held_per_connection: expected at least --max_message_bytes (",
                                options.max_message_bytes, "), got ", options.max_bytes_held_per_connection));
  }
  if (budget_given && options.memory_budget < options.max_bytes_held) {
    return Refused(absl::StrCat("--memory_budget: expected at least --max_bytes_held (", options.max_bytes_held,
                                "), got ", options.memory_budget));
  }
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  if (options.polling_threads == 0) options.polling_threads = static_cast<int>(std::clamp(cores / 2, 1u, 64u));
  if (options.compute_threads == 0) options.compute_threads = static_cast<int>(std::min(cores, 256u));
  if (options.training_threads == 0) {
    const int left = static_cast<int>(std::min(cores, 256u)) - options.polling_threads;
    options.training_threads = std::clamp(left / options.training_workers, 1, 64);
  }
  return result;
}

}  // namespace roicast
