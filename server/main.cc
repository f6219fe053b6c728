// Parses the flags, blocks the signals, and runs the server until a signal stops it.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/new_thread.h"
#include "base/standard_descriptors.h"
#include "server/options.h"
#include "server/process_settings.h"
#include "server/server.h"
#include "server/service_manager.h"
#include "server/signals.h"
#include "server/telemetry/log.h"
#include "server/telemetry/protobuf_log.h"

namespace roicast {
namespace {

// How often memory of replaced models is freed.
constexpr absl::Duration kHousekeeping = absl::Seconds(1);
// Signals to stop within this time are one request: `timeout`, for one, sends it to the process, and then to its group.
constexpr std::chrono::milliseconds kSameRequest{300};

// If the service manager cannot be notified, the server continues.
void Report(const Logger& logger, const absl::Status& notified) {
  if (!notified.ok()) logger.Warning("service manager not notified", {{"error", notified.ToString()}});
}

ServiceManager MakeServiceManager(const Logger& logger) {
  const absl::StatusOr<ServiceManager::Options> options = ServiceManager::FromEnvironment();
  Report(logger, options.status());
  return ServiceManager(options.value_or(ServiceManager::Options()));
}

// Where the flags come from, and what was found there last.
struct FlagOrigin {
  std::vector<const char*> arguments;
  size_t in_file = 0;
};

// Reads all sources of flags again. If one is invalid, no flag changes; nor if the config file has become empty, as it
// is for a moment while somebody writes it anew. Certificate and key are read all the same: they may be about to
// expire.
void Reload(FlagOrigin& origin, Server& server, Logger& logger) {
  const CommandLine wanted = ParseCommandLine(static_cast<int>(origin.arguments.size()), origin.arguments.data());
  if (wanted.exit || (wanted.flags_in_file == 0 && origin.in_file > 0)) {
    const std::string why = wanted.exit ? std::string(absl::StripAsciiWhitespace(wanted.message))
                                        : absl::StrCat("--config: the file sets no flag, and set ", origin.in_file,
                                                       " before; restart to have it so");
    logger.Error("reload failed, all settings are kept", {{"error", why}});
    server.ReloadTls();
    return;
  }
  origin.in_file = wanted.flags_in_file;
  const std::vector<FlagChange> changes = server.Reload(wanted.options);
  logger.SetLevel(wanted.options.log_level);
  for (const FlagChange& change : changes) {
    logger.Log(change.applied ? LogLevel::kInfo : LogLevel::kWarning,
               change.applied ? "reloaded" : "needs a restart to take effect",
               {{"flag", change.flag}, {"from", change.from}, {"to", change.to}});
  }
  if (changes.empty()) logger.Info("reload: no flag has changed");
}

// How long to wait for a signal, so that housekeeping and the watchdog get their turn.
absl::Duration Turn(const ServiceManager& service) {
  if (service.watchdog() == absl::ZeroDuration()) return kHousekeeping;
  return std::min(kHousekeeping, service.watchdog() / 4);
}

// Runs the server until a signal asks it to stop.
void KeepRunning(FlagOrigin origin, Server& server, ServiceManager& service, Logger& logger) {
  while (true) {
    const std::optional<ReceivedSignal> signal = WaitForSignal(Turn(service));
    server.Housekeeping();
    if (server.LoopsAnswer()) Report(logger, service.Alive(std::chrono::steady_clock::now()));
    if (!signal.has_value()) continue;
    switch (signal->request) {
      case SignalRequest::kStop:
        return;
      case SignalRequest::kReload:
        Report(logger, service.Reloading());
        Reload(origin, server, logger);
        Report(logger, service.Ready());
        break;
      case SignalRequest::kIgnore:
        logger.Warning("signal ignored", {{"signal", signal->name}});
        break;
    }
  }
}

// While the server stops: a second request to stop ends the process at once; other signals are too late to matter.
void WatchTheStop(ServiceManager service, const Logger& logger) {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    const std::optional<ReceivedSignal> signal = WaitForSignal(Turn(service));
    const auto now = std::chrono::steady_clock::now();
    (void)service.Alive(now);
    if (signal.has_value() && signal->request == SignalRequest::kStop && now - begin >= kSameRequest) break;
  }
  logger.Warning("second signal: ending at once");
  logger.Flush();
  _exit(1);
}

int Run(const ServerOptions& options, const FlagOrigin& origin) {
  Logger logger({.level = options.log_level, .format = options.log_format});
  SendProtobufLogTo(&logger);
  std::string flags;
  for (const auto& [name, value] : options.Effective()) absl::StrAppend(&flags, " --", name, "=", value);
  logger.Info("starting",
              {{"version", ROICAST_VERSION}, {"descriptors", DescriptorLimit()}, {"flags", flags.substr(1)}});
  if (options.max_connections >= DescriptorLimit()) {
    logger.Warning("fewer file descriptors than connections: raise the limit, or lower --max_connections",
                   {{"descriptors", DescriptorLimit()}, {"max_connections", options.max_connections}});
  }

  Server server(options, logger);
  if (const absl::Status started = server.Start(); !started.ok()) {
    logger.Error(absl::StrCat("cannot start: ", started.message()));
    logger.Flush();
    _exit(1);
  }
  ServiceManager service = MakeServiceManager(logger);
  Report(logger, service.Ready());
  KeepRunning(origin, server, service, logger);
  Report(logger, service.Stopping());
  std::vector<std::thread> watcher;
  if (AddThread(watcher, [service, &logger] { WatchTheStop(service, logger); })) watcher.front().detach();
  const absl::Status stopped = server.Stop();
  server.LogFinalCounts();
  if (!stopped.ok()) {
    logger.Warning(stopped.message());
    logger.Info("stopped");
    logger.Flush();
    _exit(0);
  }
  logger.Info("stopped");
  logger.Flush();
  return 0;
}

}  // namespace
}  // namespace roicast

// Before the first constructor of a static object: a SIGHUP that comes while the process starts must not end it, and a
// SIGTERM stops it once it has started. Before any thread starts, too.
[[gnu::constructor(101)]] static void BlockSignalsFirst() { roicast::BlockSignals(); }

int main(int argc, char** argv) {
  roicast::OccupyStandardDescriptors();
  signal(SIGPIPE, SIG_IGN);
  // Beyond `ulimit -f` a write is to fail, as on a full disk, and not to end the process.
  signal(SIGXFSZ, SIG_IGN);
  roicast::KeepFreedMemory();
  roicast::DisableDeadlockDetection();
  roicast::RaiseDescriptorLimit();
  const roicast::CommandLine command_line = roicast::ParseCommandLine(argc, argv);
  if (command_line.exit) {
    std::fputs(command_line.message.c_str(), command_line.exit_code == 0 ? stdout : stderr);
    return command_line.exit_code;
  }
  return roicast::Run(command_line.options, {{argv, argv + argc}, command_line.flags_in_file});
}
