// The server, put together: store, models, training, services, and the listeners in front of them. The only place where
// these objects meet.
//
//   Server server(options, logger);
//   ROICAST_RETURN_IF_ERROR(server.Start());
//   … server.Housekeeping() once a second, until the process has to stop …
//   server.Stop();
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "base/memory_budget.h"
#include "prometheus/registry.h"
#include "server/freed_memory.h"
#include "server/options.h"
#include "server/reload.h"
#include "server/services/decision/decision_service.h"
#include "server/services/health/health_service.h"
#include "server/services/models/model_service.h"
#include "server/services/prediction/prediction_service.h"
#include "server/services/probes/grpc_probe.h"
#include "server/services/probes/probe_routes.h"
#include "server/services/reflection/reflection_service.h"
#include "server/services/training/training_service.h"
#include "server/serving/compute_pool.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/lifecycle.h"
#include "server/serving/model_registry.h"
#include "server/serving/publication_log.h"
#include "server/store/store.h"
#include "server/telemetry/access_log.h"
#include "server/telemetry/disk_metrics.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/training/idle_pool.h"
#include "server/training/job_manager.h"
#include "server/transport/grpc/blocking_service.h"
#include "server/transport/grpc/worker_pool.h"
#include "server/transport/loop/loop_watch.h"
#include "server/transport/tls/tls_credentials.h"
#include "server/transport/transport_server.h"

namespace roicast {

// Not thread-safe: one thread starts, keeps and stops it.
class Server {
 public:
  // The logger has to outlive it.
  Server(const ServerOptions& options, const Logger& logger);

  // Returns once calls are answered. Each part starts after those it needs. Errors: what a flag, the store or a port
  // refuses. Threads may run already: end the process rather than destroy the server.
  absl::Status Start();

  // Frees the memory of replaced models, gives back what a peak has left, and samples the disk. Call about once a
  // second.
  void Housekeeping();

  // Whether every loop has run what it was given at the last call that returned true. Call about once a second: a loop
  // that is busy or deadlocked makes it false for as long.
  bool LoopsAnswer();

  // Takes over what a running server can change, except the log level, which is the logger's, and reads certificate and
  // key again. Returns every flag that differs.
  std::vector<FlagChange> Reload(const ServerOptions& wanted);

  // Certificate and key alone. A pair that is not usable changes nothing but the log.
  void ReloadTls();

  // Stops in the reverse order: health reports NOT_SERVING, calls are still served for the lame-duck time, then new
  // calls are rejected, those in flight finish, and the parts are shut down. Errors: DeadlineExceeded if training did
  // not reach a checkpoint in time. Its thread then still uses parts of the server: end the process rather than destroy
  // it. The store can be left like this at any moment.
  absl::Status Stop();

  // Logs all counters that are not 0. After Stop.
  void LogFinalCounts() const;

 private:
  absl::Status LoadTls();
  void LogCertificate() const;
  absl::Status OpenStore();
  // Those that have to be there at once.
  absl::Status LoadModels();
  // Loads the others while calls are answered.
  void LoadOtherModels();
  absl::Status StartJobs();
  absl::Status MakeServices();
  // Lets idle loops drop models that no longer serve, and updates health: whether any model serves.
  void ModelsChanged();
  // After a start on a full disk: tries on a thread of its own whether there is room now. Never waits.
  void CatchUpIfDue(std::chrono::steady_clock::time_point now);

  ServerOptions options_;
  const Logger& logger_;
  // In the order in which they need each other.
  prometheus::Registry registry_;
  ServerMetrics metrics_;
  DiskMetrics disk_metrics_;
  Lifecycle lifecycle_;
  // Follows what the transport counts.
  MemoryBudget memory_;
  // Used by Housekeeping alone.
  FreedMemory freed_memory_;
  // nullptr: no TLS.
  std::unique_ptr<TlsCredentials> tls_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ModelRegistry> models_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<PublicationLog> publications_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<InFlightLimit> in_flight_;
  // Of the loops of transport_, and there for as long as they run.
  std::unique_ptr<LoopWatch> loop_watch_;
  // Where calls of the pools below have long computations done.
  std::unique_ptr<IdlePool> idle_pool_;
  std::unique_ptr<WorkerPool> workers_;
  // Their threads have a lower priority than the others.
  std::unique_ptr<WorkerPool> decision_workers_;
  OwnConnections own_connections_;
  std::unique_ptr<TransportServer> transport_;
  std::unique_ptr<BlockingService> blocking_;
  std::unique_ptr<BlockingService> decision_calls_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<ReflectionService> reflection_;
  std::unique_ptr<JobManager> jobs_;
  std::unique_ptr<PredictionService> prediction_;
  std::unique_ptr<TrainingService> training_;
  std::unique_ptr<ModelService> model_service_;
  std::unique_ptr<DecisionService> decisions_;
  std::unique_ptr<ComputePool> pool_;
  std::unique_ptr<GrpcProbe> grpc_probe_;
  std::unique_ptr<ProbeRoutes> probe_routes_;
  // Used by Housekeeping alone. The future's destructor waits.
  std::chrono::steady_clock::time_point next_catch_up_ = std::chrono::steady_clock::time_point::min();
  std::future<void> catch_up_;
  // Set by Stop. Its destructor waits.
  std::future<void> jobs_stopped_;
  // Set by Start: LoadOtherModels.
  std::future<void> others_loaded_;
};

}  // namespace roicast
