// The server's settings. Flags take precedence over ROICAST_… in the environment, and that over a config file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/flag_defaults.h"
#include "server/telemetry/log.h"

namespace roicast {

struct ServerOptions {
  // The file that some of these were read from. Empty: none.
  std::string config;
  // Where to listen: host:port (port 0: the system chooses) or unix:/path, separated by commas.
  std::string listen = defaults::kListen;
  // host:port.
  std::string http_listen = absl::StrCat(defaults::kHttpAddress, ":", defaults::kHttpPort);
  // Files in PEM: a certificate with its chain, and its key. Both or neither; empty: no TLS.
  std::string tls_certificate;
  std::string tls_key;
  // The HTTP port speaks TLS, too; needs both.
  bool http_tls = false;
  // Written once the server is ready: {"grpc_port": …, "grpc_addresses": […], "http_port": …, "pid": …}. Empty: none.
  std::string port_file;

  // A folder.
  std::string store = "./roicast-store";
  // Start although published versions are missing.
  bool accept_lost_versions = false;
  std::string default_model = defaults::kModel;
  // Versions kept loaded beside the serving ones, 1 to 1,000.
  int max_extra_versions = defaults::kMaxExtraVersions;

  // 1 to 64; 0: one per two cores.
  int polling_threads = 0;
  // 1 to 256; 0: one per core.
  int compute_threads = 0;
  int decision_threads = defaults::kDecisionThreads;  // 2 to 256.

  int64_t max_in_flight = 4096;                            // Calls; ≥ 1.
  int64_t max_batch_rows = defaults::kMaxBatchRows;        // ≥ 1.
  int64_t max_message_bytes = defaults::kMaxMessageBytes;  // 1 KiB to 1 GiB.
  // At least max_bytes_held; 0: three quarters of what the process may have (base/memory_limit.h).
  int64_t memory_budget = 0;
  int max_waiting_batches = defaults::kMaxWaitingBatches;  // ≥ 1.
  int64_t max_dataset_bytes = defaults::kMaxDatasetBytes;  // ≥ 1.
  int64_t max_store_bytes = defaults::kMaxStoreBytes;      // ≥ 0; 0: no limit.
  int64_t max_models = defaults::kMaxModels;               // ≥ 0; 0: no limit.
  int64_t max_versions = defaults::kMaxVersions;           // Of a model; ≥ 0; 0: no limit.

  // ≥ 1; 0: three quarters of the file descriptors that the process may have, at most 10,000.
  int64_t max_connections = 0;
  // ≥ 1; 0: half of max_connections.
  int64_t max_connections_per_peer = 0;
  int max_streams_per_connection = defaults::kMaxStreamsPerConnection;  // 1 to 1,000,000.
  int max_header_bytes = defaults::kMaxHeaderBytes;                     // 1 KiB to 1 MiB.
  int max_headers = defaults::kMaxHeaders;                              // 16 to 10,000.
  // At least max_message_bytes; 0: two and a quarter times that, at least 16 MiB.
  int64_t max_bytes_held = 0;
  // At least max_message_bytes; 0: three quarters of max_bytes_held, at least a largest message and a quarter.
  int64_t max_bytes_held_per_connection = 0;
  int max_useless_frames = defaults::kMaxUselessFrames;  // A second; 10 to 1,000,000.
  // Up to a year each, and more than 0 unless it says otherwise.
  absl::Duration preface_timeout = defaults::kPrefaceTimeout;
  absl::Duration header_timeout = defaults::kHeaderTimeout;
  absl::Duration body_timeout = defaults::kBodyTimeout;
  absl::Duration idle_timeout = defaults::kIdleTimeout;
  absl::Duration write_timeout = defaults::kWriteTimeout;
  absl::Duration keepalive_time = defaults::kKeepaliveTime;
  absl::Duration keepalive_timeout = defaults::kKeepaliveTimeout;
  absl::Duration max_connection_age = absl::ZeroDuration();                    // ≥ 0; 0: any.
  absl::Duration max_connection_age_grace = defaults::kMaxConnectionAgeGrace;  // ≥ 0.

  absl::Duration lame_duck = absl::Seconds(5);       // ≥ 0.
  absl::Duration drain_timeout = absl::Seconds(30);  // ≥ 0.

  int training_workers = defaults::kTrainingWorkers;  // 1 to 16.
  // Of each job, 1 to 64; 0: the cores that --polling_threads leaves, divided among the workers, at least 1.
  int training_threads = 0;
  int max_queued_jobs = defaults::kMaxQueuedJobs;                      // ≥ 1.
  absl::Duration training_time_limit = defaults::kTrainingTimeLimit;   // > 0.
  absl::Duration checkpoint_interval = defaults::kCheckpointInterval;  // > 0.

  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  int64_t access_log_every = defaults::kAccessLogEvery;  // Every Nth call; 0: none.

  // InvalidArgument naming the flag, what was expected and what came.
  absl::Status Validate() const;
  // As flags, with defaults filled in; for the log at start. None of them is a secret.
  std::vector<std::pair<std::string, std::string>> Effective() const;
};

// What the command line asks for.
struct CommandLine {
  ServerOptions options;
  // How many flags the config file sets.
  size_t flags_in_file = 0;
  // The process should print `message` and end with exit_code: help, version, or what is wrong.
  bool exit = false;
  int exit_code = 0;
  std::string message;
};

// Errors of the command line, the config file and the environment give exit code 2 and a message of one line.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace roicast
