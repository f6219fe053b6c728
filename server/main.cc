// The server: the only place where its objects are put together.
//
// Starts in an order in which each part finds what it needs, and stops in the reverse: health says NOT_SERVING, serving
// goes on for the lame-duck time, new calls are refused, those under way finish, then the rest is taken apart.
#include <grpc/support/log.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "model/predictor/kernels.h"
#include "prometheus/registry.h"
#include "server/options.h"
#include "server/process_settings.h"
#include "server/services/health/health_service.h"
#include "server/services/models/model_service.h"
#include "server/services/prediction/prediction_service.h"
#include "server/services/training/training_service.h"
#include "server/serving/compute_pool.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/model_registry.h"
#include "server/store/sqlite_store.h"
#include "server/telemetry/access_log.h"
#include "server/telemetry/http_endpoint.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/training/job_manager.h"
#include "server/training/model_training.h"
#include "server/transport/grpc_server.h"
#include "server/transport/reflection.h"
#include "server/transport/synchronous_call.h"

namespace roicast {
namespace {

constexpr char kPredictionService[] = "roicast.v1.PredictionService";
constexpr char kTrainingService[] = "roicast.v1.TrainingService";
constexpr char kModelService[] = "roicast.v1.ModelService";
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

absl::Status WritePortFile(const std::string& path, int grpc_port, int http_port) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = absl::StrCat(path, ".", getpid());
  {
    std::ofstream file(temporary);
    file << nlohmann::json{{"grpc_port", grpc_port}, {"http_port", http_port}, {"pid", getpid()}} << "\n";
    if (!file.flush()) return absl::PermissionDeniedError(absl::StrCat("--port_file: cannot write ", path));
  }
  // A reader sees the whole file or none.
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::PermissionDeniedError(absl::StrCat("--port_file: cannot write ", path));
  }
  return absl::OkStatus();
}

// How long new calls are refused, after the last accepted one is answered, before connections are closed.
constexpr absl::Duration kRefusePeriod = absl::Milliseconds(200);

class Server {
 public:
  Server(const ServerOptions& options, const Logger& logger)
      : options_(options),
        logger_(logger),
        metrics_(
            registry_,
            {.version = ROICAST_VERSION, .compiler = "g++ " __VERSION__, .simd = predictor::ChosenKernels().name}) {}

  absl::Status Start() {
    ROICAST_RETURN_IF_ERROR(OpenStore());
    models_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.default_model = options_.default_model,
                                                                     .max_extra_versions = options_.max_extra_versions},
                                              store_.get(), &metrics_);
    models_->OnChange([this] {
      if (ready_.load()) ModelsChanged();
    });
    models_->OnLoadError([this](absl::string_view model, int64_t version, const absl::Status& error) {
      logger_.Error("version not loaded", {{"model", model}, {"version", version}, {"error", error.ToString()}});
    });
    ROICAST_RETURN_IF_ERROR(models_->LoadAll());
    ROICAST_RETURN_IF_ERROR(StartJobs());
    MakeServices();
    ROICAST_RETURN_IF_ERROR(StartHttp());
    ROICAST_RETURN_IF_ERROR(grpc_->Start());
    prediction_->Arm();
    health_->Arm();
    for (const char* service : {"", kTrainingService, kModelService}) health_->SetServing(service, true);
    ready_.store(true);
    ModelsChanged();
    ROICAST_RETURN_IF_ERROR(WritePortFile(options_.port_file, grpc_->port(), http_->port()));
    logger_.Info("ready", {{"grpc_port", grpc_->port()},
                           {"http_port", http_->port()},
                           {"models", models_->Snapshot()->size()},
                           {"pid", static_cast<int>(getpid())}});
    return absl::OkStatus();
  }

  void Housekeeping() { models_->FreeRetired(); }

  // Health first, so that clients have gone elsewhere when calls are refused.
  void Stop() {
    stopping_.store(true);
    ready_.store(false);
    health_->SetAllNotServing();
    logger_.Info("stopping: still serving", {{"lame_duck", absl::FormatDuration(options_.lame_duck)}});
    absl::SleepFor(options_.lame_duck);
    logger_.Info("draining",
                 {{"calls", in_flight_->in_flight()}, {"drain_timeout", absl::FormatDuration(options_.drain_timeout)}});
    const absl::Time deadline = absl::Now() + options_.drain_timeout;
    synchronous_calls_->StartDraining();
    prediction_->StartDraining();
    const std::future<void> jobs = std::async(std::launch::async, [this] { jobs_->Shutdown(); });
    while (in_flight_->in_flight() > 0 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
    // Who comes now is told UNAVAILABLE. A call that meets a port without a handler would end as CANCELLED instead, so
    // the handlers stay until the server itself takes no more calls.
    absl::SleepFor(std::min(kRefusePeriod, deadline - absl::Now()));
    health_->Stop();
    const int64_t left = in_flight_->in_flight();
    grpc_->Shutdown(deadline);
    prediction_->Stop();
    if (jobs.wait_until(absl::ToChronoTime(std::max(deadline, absl::Now() + kRefusePeriod))) !=
        std::future_status::ready) {
      logger_.Warning("training did not come to a checkpoint in time: the next start marks the job INTERRUPTED");
      logger_.Info("stopped");
      logger_.Flush();
      // Its thread uses what the destructors would take away. The store can be left like this at any moment.
      _exit(0);
    }
    http_.reset();
    if (left > 0) logger_.Warning("cancelled calls that did not finish in time", {{"calls", left}});
    logger_.Info("stopped");
  }

 private:
  absl::Status OpenStore() {
    SqliteStoreOptions store;
    store.folder = options_.store;
    store.max_dataset_bytes = options_.max_dataset_bytes;
    store.observer = [this](absl::string_view operation, absl::StatusCode outcome, absl::Duration latency) {
      metrics_.ObserveStore(operation, outcome, latency);
    };
    ROICAST_ASSIGN_OR_RETURN(store_, OpenSqliteStore(store));
    return absl::OkStatus();
  }

  absl::Status StartJobs() {
    JobManagerOptions jobs;
    jobs.workers = options_.training_workers;
    jobs.max_queued = options_.max_queued_jobs;
    jobs.time_limit = options_.training_time_limit;
    jobs.checkpoint_interval = options_.checkpoint_interval;
    jobs.default_model = options_.default_model;
    JobManagerParts parts;
    parts.store = store_.get();
    parts.metrics = &metrics_;
    parts.logger = &logger_;
    parts.normalize = NormalizeTrainingSpec;
    parts.train = TrainJob;
    parts.on_published = [this](const std::string& model, int64_t version) {
      return models_->Activate(model, version).status();
    };
    ROICAST_ASSIGN_OR_RETURN(jobs_, JobManager::Start(jobs, parts));
    return absl::OkStatus();
  }

  void MakeServices() {
    access_log_ = std::make_unique<AccessLog>(logger_, AccessLogOptions{.sample_every = options_.access_log_every});
    pool_ = std::make_unique<ComputePool>(
        ComputePool::Options{.threads = options_.compute_threads, .max_waiting = options_.max_waiting_batches});
    in_flight_ = std::make_unique<InFlightLimit>(options_.max_in_flight);
    grpc_ = std::make_unique<GrpcServer>(
        GrpcServer::Options{.listen = options_.listen,
                            .polling_threads = options_.polling_threads,
                            .max_message_bytes = static_cast<int>(options_.max_message_bytes)});
    prediction_ = std::make_unique<PredictionService>(
        PredictionCore::Options{.max_batch_rows = options_.max_batch_rows, .polling_threads = options_.polling_threads},
        PredictionCore::Parts{.registry = models_.get(),
                              .pool = pool_.get(),
                              .in_flight = in_flight_.get(),
                              .metrics = &metrics_,
                              .access_log = access_log_.get()},
        grpc_->builder(), grpc_->queues());
    health_ =
        std::make_unique<HealthService>(std::vector<std::string>{kPredictionService, kTrainingService, kModelService},
                                        grpc_->builder(), grpc_->queues());
    synchronous_calls_ = std::make_unique<SynchronousCalls>(&metrics_, access_log_.get());
    training_ = std::make_unique<TrainingService>(store_.get(), models_.get(), jobs_.get(), synchronous_calls_.get());
    model_service_ = std::make_unique<ModelService>(store_.get(), models_.get(), synchronous_calls_.get());
    grpc_->builder().RegisterService(training_.get());
    grpc_->builder().RegisterService(model_service_.get());
    EnableReflection();
  }

  absl::Status StartHttp() {
    ROICAST_ASSIGN_OR_RETURN(const auto address, ParseAddress(options_.http_listen));
    HttpEndpointOptions http;
    http.address = address.first;
    http.port = address.second;
    http.metrics = &metrics_;
    http.ready = [this] {
      if (ready_.load()) return absl::OkStatus();
      return absl::UnavailableError(stopping_.load() ? "draining" : "starting");
    };
    ROICAST_ASSIGN_OR_RETURN(http_, HttpEndpoint::Start(http));
    return absl::OkStatus();
  }

  // Lets idle polling threads drop models that do not serve any more, and tells health whether any model does.
  void ModelsChanged() {
    grpc_->queues()->RunOnEach([this](int queue) { prediction_->RefreshModels(queue); });
    health_->SetServing(kPredictionService, models_->Snapshot()->serving() > 0);
  }

  const ServerOptions options_;
  const Logger& logger_;
  // In the order in which they need each other.
  prometheus::Registry registry_;
  ServerMetrics metrics_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Store> store_;
  std::unique_ptr<ModelRegistry> models_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<InFlightLimit> in_flight_;
  std::unique_ptr<SynchronousCalls> synchronous_calls_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<JobManager> jobs_;
  std::unique_ptr<PredictionService> prediction_;
  std::unique_ptr<TrainingService> training_;
  std::unique_ptr<ModelService> model_service_;
  std::unique_ptr<ComputePool> pool_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<HttpEndpoint> http_;
};

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
    // Threads that have been started may use what a destructor would take away.
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
  server.Stop();
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
