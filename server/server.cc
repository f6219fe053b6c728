#include "server/server.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/new_thread.h"
#include "base/status_macros.h"
#include "model/artifact/artifact.h"
#include "model/predictor/kernels.h"
#include "model/simd/instruction_set.h"
#include "server/errors/errors.h"
#include "server/port_file.h"
#include "server/process_settings.h"
#include "server/services/prediction/model_binding.h"
#include "server/store/sqlite_store.h"
#include "server/telemetry/final_counts.h"
#include "server/training/model_training.h"
#include "server/transport_settings.h"

namespace roicast {
namespace {

constexpr char kPredictionService[] = "roicast.v1.PredictionService";
constexpr char kTrainingService[] = "roicast.v1.TrainingService";
constexpr char kModelService[] = "roicast.v1.ModelService";
constexpr char kDecisionService[] = "roicast.v1.DecisionService";

// What a connection takes by itself, by measurement: docs/operations.md.
constexpr uint64_t kBytesOfConnection = 16 << 10;
// What TLS adds to a connection: OpenSSL's state, and a record that has come in part.
constexpr uint64_t kBytesOfTls = 40 << 10;

// Nobody runs on other instructions than those that were asked for without knowing it.
absl::Status CheckInstructionSet() {
  const char* unusable = UnusableInstructionSet();
  if (unusable == nullptr) return absl::OkStatus();
  std::vector<std::string> names;
  for (const InstructionSet set : kAllInstructionSets) {
    if (IsSupported(set)) names.emplace_back(InstructionSetName(set));
  }
  return absl::InvalidArgumentError(absl::StrCat("the environment variable ROICAST_CPU: expected one of ",
                                                 absl::StrJoin(names, ", "), ", which this machine has, got \"",
                                                 absl::CHexEscape(unusable), "\""));
}

// Between attempts to write what a full disk has put off.
constexpr std::chrono::seconds kCatchUpInterval(10);

// What is left of the drain timeout when slow calls that have not finished are told so: their answers take a moment.
constexpr absl::Duration kFarewell = absl::Milliseconds(200);

// How long new calls are refused, after the last accepted one is answered, before connections are closed.
constexpr absl::Duration kRefusePeriod = absl::Milliseconds(200);

}  // namespace

Server::Server(const ServerOptions& options, const Logger& logger)
    : options_(options),
      logger_(logger),
      metrics_(registry_,
               {.version = ROICAST_VERSION, .compiler = "g++ " __VERSION__, .simd = predictor::ChosenKernels().name}),
      disk_metrics_(options.store, registry_),
      memory_(static_cast<uint64_t>(options.memory_budget), PredictionReserve(options)),
      freed_memory_(memory_.bytes()) {
  const TransportMetrics& transport = metrics_.transport();
  memory_.Follow(MemoryUse::kMessages, &transport.bytes_held);
  memory_.Follow(MemoryUse::kStreams, &transport.connections, kBytesOfConnection);
  memory_.Follow(MemoryUse::kStreams, &transport.tls_connections, kBytesOfTls);
  memory_.Follow(MemoryUse::kStreams, &transport.streams, kBytesOfStream);
  memory_.Follow(MemoryUse::kHttp, &transport.http_bytes);
  metrics_.SetMemoryBudget(&memory_);
  metrics_.SetLog(&logger_);
}

absl::Status Server::Start() {
  ROICAST_RETURN_IF_ERROR(CheckInstructionSet());
  if (const int64_t held = 2 * options_.max_bytes_held; static_cast<int64_t>(memory_.prediction_reserve()) < held) {
    logger_.Warning(
        "the memory budget is small: predictions may have less than they need; raise --memory_budget, or lower "
        "--max_message_bytes",
        {{"memory_budget", BytesText(memory_.bytes())},
         {"reserve", BytesText(memory_.prediction_reserve())},
         {"wanted", BytesText(static_cast<uint64_t>(held))}});
  }
  ROICAST_RETURN_IF_ERROR(LoadTls());
  ROICAST_RETURN_IF_ERROR(OpenStore());
  disk_metrics_.SampleIfDue(std::chrono::steady_clock::now());
  ROICAST_RETURN_IF_ERROR(LoadModels());
  ROICAST_RETURN_IF_ERROR(StartJobs());
  ROICAST_RETURN_IF_ERROR(MakeServices());
  ROICAST_RETURN_IF_ERROR(transport_->Start());
  for (const char* service : {"", kTrainingService, kModelService}) health_->SetServing(service, true);
  lifecycle_.Enter(Lifecycle::Phase::kServing);
  ModelsChanged();
  ROICAST_RETURN_IF_ERROR(WritePortFile(options_.port_file, {.grpc_port = transport_->port(),
                                                             .grpc_addresses = transport_->addresses(),
                                                             .http_port = transport_->http_port()}));
  logger_.Info("ready", {{"listen", absl::StrJoin(transport_->addresses(), ",")},
                         {"grpc_port", transport_->port()},
                         {"http_port", transport_->http_port()},
                         {"models", models_->Snapshot()->size()},
                         {"pid", static_cast<int>(getpid())}});
  others_loaded_ = RunAsyncOrNow([this] { LoadOtherModels(); });
  return absl::OkStatus();
}

void Server::LoadOtherModels() {
  const auto begin = std::chrono::steady_clock::now();
  const absl::Status loaded = models_->LoadRest([this] { return stopping_.load(std::memory_order_relaxed); });
  if (stopping_.load(std::memory_order_relaxed)) return;
  if (!loaded.ok()) logger_.Error("models not loaded", {{"error", loaded.ToString()}});
  const absl::Duration after = absl::FromChrono(std::chrono::steady_clock::now() - begin);
  logger_.Info("models loaded",
               {{"serving", models_->Snapshot()->serving()}, {"after_seconds", absl::ToDoubleSeconds(after)}});
}

void Server::Housekeeping() {
  models_->FreeRetired();
  if (tls_ != nullptr) tls_->RenewTicketKeysIfDue(absl::Now());
  disk_metrics_.SampleIfDue(std::chrono::steady_clock::now());
  CatchUpIfDue(std::chrono::steady_clock::now());
  // After a burst, which may have been an attack.
  const uint64_t recent = memory_.TakePeak();
  const uint64_t resident = ResidentMemory();
  if (freed_memory_.Due(resident, memory_.held(), recent)) {
    const absl::Time begin = absl::Now();
    GiveFreedMemoryBack();
    const uint64_t now = ResidentMemory();
    freed_memory_.GaveBack(now, memory_.held());
    logger_.Debug("gave freed memory back", {{"resident_before", BytesText(resident)},
                                             {"resident", BytesText(now)},
                                             {"took", absl::FormatDuration(absl::Now() - begin)}});
  }
}

void Server::CatchUpIfDue(std::chrono::steady_clock::time_point now) {
  if (now < next_catch_up_ || (!store_->behind() && models_->behind() == 0 && models_->not_started() == 0)) return;
  if (catch_up_.valid() && catch_up_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  next_catch_up_ = now + kCatchUpInterval;
  // What went wrong is in the store's metrics; a full disk was in the log when the store was opened.
  const auto catch_up = [this] {
    store_->CatchUp().IgnoreError();
    models_->CatchUp([this] { return stopping_.load(std::memory_order_relaxed); }).IgnoreError();
  };
  // Without a thread for it, it is tried again.
  static_cast<void>(RunAsync(catch_up, catch_up_));
}

void Server::LogFinalCounts() const { roicast::LogFinalCounts(metrics_, logger_); }

bool Server::LoopsAnswer() { return loop_watch_->Ask(); }

std::vector<FlagChange> Server::Reload(const ServerOptions& wanted) {
  std::vector<FlagChange> changes = ApplyReload(wanted, options_);
  access_log_->SampleEvery(options_.access_log_every);
  store_->SetLimits({.max_bytes = options_.max_store_bytes,
                     .max_models = options_.max_models,
                     .max_versions = options_.max_versions});
  ReloadTls();
  return changes;
}

absl::Status Server::Stop() {
  stopping_.store(true, std::memory_order_relaxed);
  lifecycle_.Enter(Lifecycle::Phase::kLameDuck);
  health_->SetAllNotServing();
  logger_.Info("stopping: still serving", {{"lame_duck", absl::FormatDuration(options_.lame_duck)}});
  absl::SleepFor(options_.lame_duck);
  const auto slow_calls = [&] { return blocking_->running() + decision_calls_->running(); };
  logger_.Info("draining", {{"calls", in_flight_->in_flight() + slow_calls()},
                            {"drain_timeout", absl::FormatDuration(options_.drain_timeout)}});
  // Not the wall clock's: that may jump meanwhile.
  const auto begin = std::chrono::steady_clock::now();
  const auto left = [&] {
    return std::max(absl::ZeroDuration(),
                    options_.drain_timeout - absl::FromChrono(std::chrono::steady_clock::now() - begin));
  };
  lifecycle_.Enter(Lifecycle::Phase::kDraining);
  transport_->Drain();
  prediction_->EndStreams();
  jobs_stopped_ = RunAsyncOrNow([this] { jobs_->Shutdown(); });
  while (in_flight_->in_flight() > 0 && left() > absl::ZeroDuration()) absl::SleepFor(absl::Milliseconds(1));
  // Calls that arrive now, from clients that have not heard yet, get UNAVAILABLE.
  absl::SleepFor(std::min(kRefusePeriod, left()));
  health_->Stop();
  // These threads stop after the model that they load. They tell the loops of models, so they end before those do.
  others_loaded_.wait();
  if (catch_up_.valid()) catch_up_.wait();
  while (slow_calls() > 0 && left() > kFarewell) absl::SleepFor(absl::Milliseconds(1));
  const int64_t slow = slow_calls();
  for (BlockingService* const calls : {blocking_.get(), decision_calls_.get()}) calls->EndAll(ServerDraining());
  const int64_t cancelled = slow + in_flight_->in_flight();
  transport_->Shutdown(slow > 0 ? std::max(left(), kFarewell) : left());
  if (jobs_stopped_.wait_for(absl::ToChronoNanoseconds(std::max(left(), kRefusePeriod))) != std::future_status::ready) {
    disk_metrics_.JoinEnded();
    return absl::DeadlineExceededError(
        "training did not reach a checkpoint in time: the next start marks the job INTERRUPTED");
  }
  if (cancelled > 0) logger_.Warning("cancelled calls that did not finish in time", {{"calls", cancelled}});
  return absl::OkStatus();
}

absl::Status Server::LoadTls() {
  if (options_.tls_certificate.empty()) return absl::OkStatus();
  tls_ = std::make_unique<TlsCredentials>(options_.tls_certificate, options_.tls_key, &metrics_.transport());
  ROICAST_RETURN_IF_ERROR(tls_->Load(absl::Now()));
  LogCertificate();
  return absl::OkStatus();
}

void Server::ReloadTls() {
  if (tls_ == nullptr) return;
  if (const absl::Status loaded = tls_->Load(absl::Now()); !loaded.ok()) {
    logger_.Error("certificate not reloaded, the former one is kept", {{"error", loaded.message()}});
    return;
  }
  LogCertificate();
}

void Server::LogCertificate() const {
  const TlsCertificate& certificate = *tls_->Current()->certificate();
  logger_.Info("certificate of new connections",
               {{"subject", certificate.subject()},
                {"expires", absl::FormatTime(absl::RFC3339_sec, certificate.expires(), absl::UTCTimeZone())}});
  for (const std::string& warning : certificate.Warnings(absl::Now())) logger_.Warning(warning);
}

absl::Status Server::OpenStore() {
  SqliteStoreOptions store;
  store.folder = options_.store;
  store.max_dataset_bytes = options_.max_dataset_bytes;
  store.max_store_bytes = options_.max_store_bytes;
  store.max_models = options_.max_models;
  store.max_versions = options_.max_versions;
  store.accept_lost_versions = options_.accept_lost_versions;
  store.warn = [this](const std::string& message) { logger_.Warning(message); };
  store.observer = [this](absl::string_view operation, absl::StatusCode outcome, absl::Duration latency) {
    metrics_.ObserveStore(operation, outcome, latency);
  };
  ROICAST_ASSIGN_OR_RETURN(store_, OpenSqliteStore(store));
  return absl::OkStatus();
}

absl::Status Server::LoadModels() {
  models_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.default_model = options_.default_model,
                                                                   .max_extra_versions = options_.max_extra_versions,
                                                                   .attach = ModelBinding::Make,
                                                                   .memory = &memory_},
                                            store_.get(), &metrics_);
  models_->OnChange([this] {
    if (lifecycle_.serving()) ModelsChanged();
  });
  models_->OnLoadError([this](absl::string_view model, int64_t version, const absl::Status& error) {
    logger_.Error("version not loaded", {{"model", model}, {"version", version}, {"error", error.ToString()}});
  });
  models_->OnFallback([this](absl::string_view model, int64_t recorded, int64_t serving) {
    logger_.Error("recorded version not serving", {{"model", model}, {"recorded", recorded}, {"serving", serving}});
  });
  publications_ = std::make_unique<PublicationLog>(models_.get(), &logger_);
  models_->OnDecided([this](const ModelRegistry::ServingChange& change, absl::string_view actor) {
    publications_->LogDecided(change, actor);
  });
  ROICAST_RETURN_IF_ERROR(models_->LoadFirst());
  if (models_->behind() > 0) {
    logger_.Warning("disk full: which version serves is decided later", {{"versions", models_->behind()}});
  }
  return absl::OkStatus();
}

absl::Status Server::StartJobs() {
  JobManagerOptions jobs;
  jobs.workers = options_.training_workers;
  jobs.max_queued = options_.max_queued_jobs;
  jobs.time_limit = options_.training_time_limit;
  jobs.checkpoint_interval = options_.checkpoint_interval;
  jobs.default_model = options_.default_model;
  jobs.limits = {.artifact_bytes = kMaxArtifactBytes,
                 .memory_bytes = static_cast<int64_t>(memory_.bytes() - memory_.prediction_reserve())};
  jobs.training_threads = options_.training_threads;
  JobManagerParts parts;
  parts.store = store_.get();
  parts.metrics = &metrics_;
  parts.logger = &logger_;
  parts.memory = &memory_;
  parts.train =
      [options = TrainJobOptions{.threads = options_.training_threads, .limits = jobs.limits, .memory = &memory_}](
          const TrainRequest& request, TrainingObserver& observer) { return TrainJob(request, options, observer); };
  // Why a version does not serve is in the log and in the store, and its job has succeeded.
  parts.on_published = [this](const ModelVersion& version) {
    publications_->ActivateTrained(version).status().IgnoreError();
  };
  ROICAST_ASSIGN_OR_RETURN(jobs_, JobManager::Start(jobs, parts));
  return absl::OkStatus();
}

absl::Status Server::MakeServices() {
  access_log_ = std::make_unique<AccessLog>(logger_, AccessLogOptions{.sample_every = options_.access_log_every});
  pool_ = std::make_unique<ComputePool>(
      ComputePool::Options{.threads = options_.compute_threads, .max_waiting = options_.max_waiting_batches});
  in_flight_ = std::make_unique<InFlightLimit>(options_.max_in_flight);
  idle_pool_ = std::make_unique<IdlePool>(IdlePool::Options());
  workers_ = std::make_unique<WorkerPool>(WorkerPool::Options());
  ROICAST_ASSIGN_OR_RETURN(TransportServer::Options transport, TransportSettings(options_, DescriptorLimit()));
  transport.tls = tls_.get();
  transport.own = &own_connections_;
  transport.http.memory = &memory_;
  transport_ = std::make_unique<TransportServer>(transport, &metrics_.transport());
  loop_watch_ = std::make_unique<LoopWatch>(&transport_->loops(), &metrics_.transport().loop_lag_nanoseconds);
  CallOptions calls = CallSettings(options_);
  calls.held.memory = &memory_;
  calls.offload = [this](absl::string_view host, std::function<void()> work) {
    return pool_->Submit(host, std::move(work));
  };
  prediction_ =
      std::make_unique<PredictionService>(PredictionCore::Options{.max_batch_rows = options_.max_batch_rows,
                                                                  .max_response_bytes = options_.max_message_bytes,
                                                                  .polling_threads = options_.polling_threads},
                                          PredictionCore::Parts{.registry = models_.get(),
                                                                .pool = pool_.get(),
                                                                .lifecycle = &lifecycle_,
                                                                .in_flight = in_flight_.get(),
                                                                .metrics = &metrics_,
                                                                .access_log = access_log_.get(),
                                                                .memory = &memory_},
                                          calls, &transport_->grpc(), &transport_->loops());
  health_ = std::make_unique<HealthService>(
      std::vector<std::string>{kPredictionService, kTrainingService, kModelService, kDecisionService}, calls,
      &transport_->grpc(), &transport_->loops());
  reflection_ =
      std::make_unique<ReflectionService>(std::vector<std::string>{kPredictionService, kTrainingService, kModelService,
                                                                   kDecisionService, "grpc.health.v1.Health"},
                                          calls, &transport_->grpc(), &transport_->loops());
  const CallOptions slow_calls = ForSlowCalls(calls);
  blocking_ = std::make_unique<BlockingService>(BlockingService::Parts{.grpc = &transport_->grpc(),
                                                                       .pool = workers_.get(),
                                                                       .lifecycle = &lifecycle_,
                                                                       .metrics = &metrics_,
                                                                       .access_log = access_log_.get(),
                                                                       .memory = &memory_},
                                                slow_calls);
  training_ = std::make_unique<TrainingService>(TrainingService::Parts{.store = store_.get(),
                                                                       .registry = models_.get(),
                                                                       .jobs = jobs_.get(),
                                                                       .calls = blocking_.get(),
                                                                       .idle = idle_pool_.get(),
                                                                       .memory = &memory_});
  model_service_ = std::make_unique<ModelService>(store_.get(), models_.get(), publications_.get(), blocking_.get());
  decision_workers_ = std::make_unique<WorkerPool>(DecisionThreads(options_));
  decision_calls_ = std::make_unique<BlockingService>(BlockingService::Parts{.grpc = &transport_->grpc(),
                                                                             .pool = decision_workers_.get(),
                                                                             .lifecycle = &lifecycle_,
                                                                             .metrics = &metrics_,
                                                                             .access_log = access_log_.get(),
                                                                             .memory = &memory_},
                                                      slow_calls);
  decisions_ = std::make_unique<DecisionService>(DecisionService::Options{.max_rows = options_.max_batch_rows},
                                                 DecisionService::Parts{.store = store_.get(),
                                                                        .registry = models_.get(),
                                                                        .calls = decision_calls_.get(),
                                                                        .long_calls = blocking_.get(),
                                                                        .idle = idle_pool_.get(),
                                                                        .memory = &memory_});
  grpc_probe_ = std::make_unique<GrpcProbe>(GrpcProbe::Options{.addresses =
                                                                   [this] {
                                                                     std::vector<std::string> addresses;
                                                                     for (const std::string& address :
                                                                          transport_->numeric_addresses())
                                                                       addresses.push_back(ReachableAddress(address));
                                                                     return addresses;
                                                                   },
                                                               .tls = tls_.get(),
                                                               .own = &own_connections_});
  probe_routes_ = std::make_unique<ProbeRoutes>(ProbeRoutes::Parts{.metrics = &metrics_,
                                                                   .ready = [this] { return lifecycle_.Ready(); },
                                                                   .grpc = grpc_probe_.get(),
                                                                   .transport = &metrics_.transport()},
                                                &transport_->http());
  return absl::OkStatus();
}

void Server::ModelsChanged() {
  transport_->loops().RunOnEach([this](int loop) { prediction_->RefreshModels(loop); });
  for (const char* service : {kPredictionService, kDecisionService}) {
    health_->SetServing(service, models_->Snapshot()->serving() > 0);
  }
}

}  // namespace roicast
