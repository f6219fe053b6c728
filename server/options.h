// What the server can be told: by flags, a config file, and ROICAST_… in the environment, in this order of precedence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/telemetry/log.h"

namespace roicast {

struct ServerOptions {
  // The file that some of these were read from. Empty: none.
  std::string config;
  // Where to listen: host:port; port 0: the system chooses.
  std::string listen = "0.0.0.0:8500";
  std::string http_listen = "0.0.0.0:8501";
  // Written once the server is ready: {"grpc_port": …, "http_port": …, "pid": …}. Empty: none.
  std::string port_file;

  // A folder.
  std::string store = "./roicast-store";
  std::string default_model = "default";
  // Versions kept loaded beside the serving ones, 1 to 1,000.
  int max_extra_versions = 8;

  // 1 to 64; 0: one per two cores.
  int polling_threads = 0;
  // 1 to 256; 0: one per core.
  int compute_threads = 0;

  int64_t max_in_flight = 4096;                  // Calls; ≥ 1.
  int64_t max_batch_rows = 1000000;              // ≥ 1.
  int64_t max_message_bytes = 64 << 20;          // 1 KiB to 1 GiB.
  int max_waiting_batches = 256;                 // ≥ 1.
  int64_t max_dataset_bytes = int64_t{4} << 30;  // ≥ 1.

  absl::Duration lame_duck = absl::Seconds(5);       // ≥ 0.
  absl::Duration drain_timeout = absl::Seconds(30);  // ≥ 0.

  int training_workers = 1;                                // 1 to 16.
  int max_queued_jobs = 16;                                // ≥ 1.
  absl::Duration training_time_limit = absl::Hours(6);     // > 0.
  absl::Duration checkpoint_interval = absl::Seconds(30);  // > 0.

  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  int64_t access_log_every = 0;  // One call in so many; 0: none.

  // InvalidArgument naming the flag, what was expected and what came.
  absl::Status Validate() const;
  // As flags, with defaults filled in; for the log at start. None of them is a secret.
  std::vector<std::pair<std::string, std::string>> Effective() const;
};

// What the command line asks for.
struct CommandLine {
  ServerOptions options;
  // The process is to print this and end with exit_code: help, version, or what is wrong.
  bool exit = false;
  int exit_code = 0;
  std::string message;
};

// Errors of the command line, the config file and the environment come back as exit with code 2 and one line.
CommandLine ParseCommandLine(int argc, const char* const* argv);

// "host:port" → both. InvalidArgument.
absl::StatusOr<std::pair<std::string, int>> ParseAddress(absl::string_view address);

}  // namespace roicast
