#include "server/telemetry/metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/telemetry/memory_metrics.h"
#include "server/telemetry/process_metrics.h"

namespace roicast {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// ROI has no unit: −1 is a total loss, 0 is break-even.
constexpr std::array<double, 16> kRoiBounds = {-0.9, -0.75, -0.5, -0.25, -0.1, 0.0,  0.1,  0.25,
                                               0.5,  1.0,   2.0,  4.0,   8.0,  16.0, 64.0, 256.0};
constexpr std::array<absl::string_view, kWarningMetrics> kWarningLabels = {
    "value_imputed", "category_unseen", "value_out_of_range", "value_out_of_word_range"};

const prometheus::Histogram::BucketBoundaries& TrainingDurationBounds() {
  static const auto* const bounds = new prometheus::Histogram::BucketBoundaries{
      0.1, 0.3, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10800, 43200, 86400};
  return *bounds;
}

const prometheus::Histogram::BucketBoundaries& StoreLatencyBounds() {
  static const auto* const bounds = new prometheus::Histogram::BucketBoundaries{
      10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 100e-3, 300e-3, 1, 3, 10};
  return *bounds;
}

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry, const char* name,
                                                       const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& GaugeFamily(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

MetricFamily MakeFamily(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

ClientMetric Labelled(std::vector<ClientMetric::Label> labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  return metric;
}

ClientMetric CounterSample(std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric = Labelled(std::move(labels));
  metric.counter.value = value;
  return metric;
}

ClientMetric GaugeSample(std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric = Labelled(std::move(labels));
  metric.gauge.value = value;
  return metric;
}

ClientMetric HistogramSample(std::vector<ClientMetric::Label> labels, ClientMetric::Histogram histogram) {
  ClientMetric metric = Labelled(std::move(labels));
  metric.histogram = std::move(histogram);
  return metric;
}

}  // namespace

ModelMetrics::ModelMetrics(ServerMetrics& owner, absl::string_view model, int64_t version, absl::string_view digest)
    : owner_(owner),
      model_(model),
      version_(absl::StrCat(version)),
      digest_(digest.substr(0, 12)),
      predictions_(kRoiBounds) {}

ModelMetrics::~ModelMetrics() { owner_.Remove(this); }

ServerMetrics::ServerMetrics(prometheus::Registry& registry, const BuildInfo& build) : registry_(registry) {
  GaugeFamily(registry, "roicast_build_info", "Always 1; the labels say what is running.")
      .Add({{"version", build.version}, {"compiler", build.compiler}, {"simd", build.simd}})
      .Set(1);
  model_loads_ =
      &CounterFamily(registry, "roicast_model_loads_total", "Versions loaded, verified and warmed up.").Add({});
  model_load_failures_ =
      &CounterFamily(registry, "roicast_model_load_failures_total", "Versions that could not be loaded.").Add({});
  model_swaps_ =
      &CounterFamily(registry, "roicast_model_swaps_total", "How often another version started to serve.").Add({});
  models_not_serving_ = &CounterFamily(registry, "roicast_model_not_serving_total",
                                       "Published versions that did not start to serve, by what was in the way.");
  for (const char* why : {"incompatible", "quality", "scale", "words", "unproven", "older", "held", "unloadable"}) {
    models_not_serving_->Add({{"why", why}});
  }
  auto& by_hand = CounterFamily(registry, "roicast_model_served_by_hand_total",
                                "How often a person chose the version that serves, by whether it was forced.");
  models_served_by_hand_ = {&by_hand.Add({{"forced", "false"}}), &by_hand.Add({{"forced", "true"}})};
  model_fallbacks_ = &GaugeFamily(registry, "roicast_model_fallbacks",
                                  "Models whose recorded version cannot be loaded: an older one serves, or none.")
                          .Add({});
  model_load_duration_ = &GaugeFamily(registry, "roicast_model_last_load_duration_seconds",
                                      "How long the last load of a version took, in seconds.")
                              .Add({});
  training_jobs_ = &GaugeFamily(registry, "roicast_training_jobs", "Training jobs in the store, by state.");
  training_queue_ =
      &GaugeFamily(registry, "roicast_training_queue_length", "Training jobs that wait for a worker.").Add({});
  training_duration_ = &prometheus::BuildHistogram()
                            .Name("roicast_training_duration_seconds")
                            .Help("From the start of a training job to its end, in seconds, by outcome.")
                            .Register(registry);
  training_epoch_ = &GaugeFamily(registry, "roicast_training_epoch", "Finished epochs of the current job.");
  training_loss_ =
      &GaugeFamily(registry, "roicast_training_loss", "Loss of the last epoch on the training rows, standardised.");
  training_validation_loss_ = &GaugeFamily(registry, "roicast_training_validation_loss",
                                           "Loss of the last epoch on the validation rows, standardised.");
  training_steps_ = &CounterFamily(registry, "roicast_training_steps_total",
                                   "Steps of training jobs, of whichever phase: none while a job runs means that it "
                                   "does not come to work.");
  training_progress_ = &GaugeFamily(registry, "roicast_training_progress_ratio",
                                    "Share of the current job's epochs that are finished, 0 to 1.");
  store_latency_ = &prometheus::BuildHistogram()
                        .Name("roicast_store_operation_latency_seconds")
                        .Help("Time per operation of the store, in seconds, by operation and outcome.")
                        .Register(registry);
}

ServerMetrics::~ServerMetrics() = default;

RpcMetrics& ServerMetrics::AddMethod(absl::string_view method) {
  absl::MutexLock lock(&mutex_);
  for (const std::unique_ptr<RpcMetrics>& known : methods_) {
    if (known->method() == method) return *known;
  }
  methods_.push_back(std::make_unique<RpcMetrics>(method));
  return *methods_.back();
}

std::shared_ptr<ModelMetrics> ServerMetrics::AddModelVersion(absl::string_view model, int64_t version,
                                                             absl::string_view digest) {
  std::shared_ptr<ModelMetrics> metrics(new ModelMetrics(*this, model, version, digest));
  absl::MutexLock lock(&mutex_);
  models_.insert(metrics.get());
  return metrics;
}

void ServerMetrics::Remove(const ModelMetrics* model) {
  absl::MutexLock lock(&mutex_);
  models_.erase(model);
}

void ServerMetrics::ObserveModelLoad(bool ok, absl::Duration duration) {
  (ok ? model_loads_ : model_load_failures_)->Increment();
  model_load_duration_->Set(absl::ToDoubleSeconds(duration));
}

void ServerMetrics::CountModelNotServing(absl::string_view why) {
  models_not_serving_->Add({{"why", std::string(why)}}).Increment();
}

TrainingWorkerMetrics ServerMetrics::AddTrainingWorker(int worker) {
  const prometheus::Labels labels = {{"worker", absl::StrCat(worker)}};
  return {&training_epoch_->Add(labels), &training_loss_->Add(labels), &training_validation_loss_->Add(labels),
          &training_progress_->Add(labels), &training_steps_->Add(labels)};
}

void ServerMetrics::SetTrainingJobs(absl::string_view state, int64_t jobs) {
  training_jobs_->Add({{"state", std::string(state)}}).Set(static_cast<double>(jobs));
}

void ServerMetrics::ObserveTrainingDuration(absl::string_view outcome, absl::Duration duration) {
  training_duration_->Add({{"outcome", std::string(outcome)}}, TrainingDurationBounds())
      .Observe(absl::ToDoubleSeconds(duration));
}

void ServerMetrics::ObserveStore(absl::string_view operation, absl::StatusCode outcome, absl::Duration latency) {
  store_latency_
      ->Add(
          {{"operation", std::string(operation)}, {"outcome", std::string(StatusCodeLabel(static_cast<int>(outcome)))}},
          StoreLatencyBounds())
      .Observe(absl::ToDoubleSeconds(latency));
}

void ServerMetrics::CollectRpc(std::vector<MetricFamily>& families) const {
  MetricFamily requests =
      MakeFamily("roicast_rpc_requests_total", "Finished calls, by method and code.", MetricType::Counter);
  MetricFamily latency =
      MakeFamily("roicast_rpc_latency_seconds",
                 "From the arrival of a call to its status, in seconds, by method and code.", MetricType::Histogram);
  MetricFamily in_flight = MakeFamily("roicast_rpc_in_flight", "Calls under way, by method.", MetricType::Gauge);
  MetricFamily broken = MakeFamily("roicast_rpc_broken_messages_total",
                                   "Finished calls with code INTERNAL because the client broke a message, by method.",
                                   MetricType::Counter);
  for (const std::unique_ptr<RpcMetrics>& method : methods_) {
    broken.metric.push_back(
        CounterSample({{"method", method->method()}}, static_cast<double>(method->broken_messages())));
    in_flight.metric.push_back(GaugeSample({{"method", method->method()}}, static_cast<double>(method->in_flight())));
    for (int code = 0; code < kStatusCodes; ++code) {
      const std::vector<ClientMetric::Label> labels = {{"method", method->method()},
                                                       {"code", std::string(StatusCodeLabel(code))}};
      const FastHistogram* histogram = method->latency(code);
      // Codes that never occurred are exported as 0, so that rate() sees the first error; their buckets would be
      // useless.
      requests.metric.push_back(
          CounterSample(labels, histogram != nullptr ? static_cast<double>(histogram->Count()) : 0.0));
      if (histogram != nullptr) latency.metric.push_back(HistogramSample(labels, histogram->Collect()));
    }
  }
  families.push_back(std::move(requests));
  families.push_back(std::move(latency));
  families.push_back(std::move(in_flight));
  families.push_back(std::move(broken));
}

void ServerMetrics::CollectModels(std::vector<MetricFamily>& families) const {
  MetricFamily served = MakeFamily("roicast_model_served_info",
                                   "1 for each version that answers calls that name no version.", MetricType::Gauge);
  MetricFamily rows = MakeFamily("roicast_rows_predicted_total", "Rows predicted.", MetricType::Counter);
  MetricFamily refused = MakeFamily("roicast_rows_refused_total",
                                    "Rows that were not predicted because a value was rejected.", MetricType::Counter);
  MetricFamily rois = MakeFamily("roicast_prediction_roi", "Predicted ROI, no unit.", MetricType::Histogram);
  MetricFamily warnings =
      MakeFamily("roicast_prediction_warnings_total", "Warnings given with predictions, by kind.", MetricType::Counter);
  MetricFamily asked = MakeFamily("roicast_uncertainty_requests_total",
                                  "Calls and items of streams that asked for intervals or a probability of profit.",
                                  MetricType::Counter);
  std::vector<const ModelMetrics*> models(models_.begin(), models_.end());
  std::sort(models.begin(), models.end(), [](const ModelMetrics* a, const ModelMetrics* b) {
    return std::make_pair(a->model_, std::stoll(a->version_)) < std::make_pair(b->model_, std::stoll(b->version_));
  });
  for (const ModelMetrics* model : models) {
    const std::vector<ClientMetric::Label> labels = {{"model", model->model_}, {"version", model->version_}};
    if (model->serving_.load(std::memory_order_relaxed)) {
      served.metric.push_back(
          GaugeSample({{"model", model->model_}, {"version", model->version_}, {"digest", model->digest_}}, 1));
    }
    ClientMetric::Histogram predictions = model->predictions_.Collect();
    rows.metric.push_back(CounterSample(labels, static_cast<double>(predictions.sample_count)));
    rois.metric.push_back(HistogramSample(labels, std::move(predictions)));
    refused.metric.push_back(
        CounterSample(labels, static_cast<double>(model->refused_rows_.load(std::memory_order_relaxed))));
    asked.metric.push_back(
        CounterSample(labels, static_cast<double>(model->uncertainty_requests_.load(std::memory_order_relaxed))));
    for (size_t kind = 0; kind < kWarningLabels.size(); ++kind) {
      std::vector<ClientMetric::Label> with_kind = labels;
      with_kind.push_back({"kind", std::string(kWarningLabels[kind])});
      warnings.metric.push_back(CounterSample(
          std::move(with_kind), static_cast<double>(model->warnings_[kind].load(std::memory_order_relaxed))));
    }
  }
  for (MetricFamily* family : {&served, &rows, &refused, &rois, &warnings, &asked})
    families.push_back(std::move(*family));
}

std::vector<MetricFamily> ServerMetrics::Collect() const {
  std::vector<MetricFamily> families = registry_.Collect();
  {
    absl::MutexLock lock(&mutex_);
    CollectRpc(families);
    CollectModels(families);
  }
  CollectTransport(transport_, families);
  if (memory_ != nullptr) CollectMemory(*memory_, families);
  if (log_ != nullptr) {
    MetricFamily lost = MakeFamily("roicast_log_lines_dropped_total",
                                   "Lines of the log that are lost: nobody read them, or they could not be written.",
                                   MetricType::Counter);
    lost.metric.emplace_back().counter.value = static_cast<double>(log_->dropped_lines());
    families.push_back(std::move(lost));
  }
  CollectProcess(families);
  // Families without a sample are left out.
  families.erase(std::remove_if(families.begin(), families.end(),
                                [](const MetricFamily& family) { return family.metric.empty(); }),
                 families.end());
  return families;
}

}  // namespace roicast
