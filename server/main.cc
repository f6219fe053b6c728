// Parses the flags, masks the signals, runs the server until one of them comes.
#include <grpc/support/log.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/options.h"
#include "server/process_settings.h"
#include "server/server.h"
#include "server/telemetry/log.h"

namespace roicast {
namespace {

// How often memory of replaced models is looked after.
constexpr absl::Duration kHousekeeping = absl::Seconds(1);

const Logger* g_grpc_logger = nullptr;

// gRPC's own lines are for those who debug it.
void LogFromGrpc(gpr_log_func_args* args) {
  if (g_grpc_logger != nullptr) g_grpc_logger->Debug(args->message, {{"source", "grpc"}});
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Waits for SIGTERM or SIGINT; 0 after `timeout`.
int WaitForStop(absl::Duration timeout) {
  const sigset_t signals = StopSignals();
  const timespec wait = absl::ToTimespec(timeout);
  const int received = sigtimedwait(&signals, nullptr, &wait);
  return received > 0 ? received : 0;
}

int Run(const ServerOptions& options) {
  const Logger logger({.level = options.log_level, .format = options.log_format});
  g_grpc_logger = &logger;
  gpr_set_log_function(LogFromGrpc);
  std::string flags;
  for (const auto& [name, value] : options.Effective()) absl::StrAppend(&flags, " --", name, "=", value);
  logger.Info("starting", {{"version", ROICAST_VERSION}, {"flags", flags.substr(1)}});

  Server server(options, logger);
  if (const absl::Status started = server.Start(); !started.ok()) {
    logger.Error(absl::StrCat("cannot start: ", started.message()));
    logger.Flush();
    _exit(1);
  }
  while (WaitForStop(kHousekeeping) == 0) server.Housekeeping();
  std::thread([&logger] {
    while (WaitForStop(absl::Hours(1)) == 0) {
    }
    logger.Warning("second signal: ending at once");
    logger.Flush();
    _exit(1);
  }).detach();
  if (const absl::Status stopped = server.Stop(); !stopped.ok()) {
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

int main(int argc, char** argv) {
  roicast::KeepFreedMemory();
  roicast::IgnoreLockCycles();
  const roicast::CommandLine command_line = roicast::ParseCommandLine(argc, argv);
  if (command_line.exit) {
    std::fputs(command_line.message.c_str(), command_line.exit_code == 0 ? stdout : stderr);
    return command_line.exit_code;
  }
  // Before any thread: each inherits the mask, so that only WaitForStop sees these signals.
  const sigset_t signals = roicast::StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // Beyond `ulimit -f` a write is to fail, as on a full disk, and not to end the process.
  signal(SIGXFSZ, SIG_IGN);
  return roicast::Run(command_line.options);
}
