#include "server/services/health/health_service.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/check.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// The name of a service. Requests are read on the threads that answer predictions, and nobody counts what they become.
constexpr size_t kMaxRequestBytes = size_t{4} << 10;

absl::StatusOr<std::string> ServiceOf(absl::string_view bytes) {
  HealthCheckRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("the bytes are not a HealthCheckRequest");
  }
  return request.service();
}

}  // namespace

HealthService::HealthService(const std::vector<std::string>& services, const CallOptions& calls, GrpcRequests* grpc,
                             LoopThreads* loops)
    : check_(&check_handler_, WithRequestLimit(calls, kMaxRequestBytes), loops->size()),
      watch_([this](WatchCall& call) { Begin(call); }, loops, WithRequestLimit(calls, kMaxRequestBytes)) {
  serving_[""] = false;
  for (const std::string& service : services) serving_[service] = false;
  grpc->Add("/grpc.health.v1.Health/Check", &check_);
  grpc->Add("/grpc.health.v1.Health/Watch", &watch_);
}

void HealthService::SetServing(absl::string_view service, bool serving) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = serving_.find(service);
    ROICAST_CHECK(found != serving_.end());
    if (for_good_ || found->second == serving) return;
    found->second = serving;
  }
  watch_.ForEach([this](WatchCall& call) { Notify(call); });
}

void HealthService::SetAllNotServing() {
  {
    absl::MutexLock lock(&mutex_);
    for_good_ = true;
    for (auto& [name, serving] : serving_) serving = false;
  }
  watch_.ForEach([this](WatchCall& call) { Notify(call); });
}

HealthService::Status HealthService::StatusOf(absl::string_view service) const {
  absl::MutexLock lock(&mutex_);
  const auto found = serving_.find(service);
  if (found == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return found->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthService::Begin(WatchCall& watch) const {
  absl::StatusOr<std::string> service = ServiceOf(watch.request());
  watch.DropRequest();
  if (!service.ok()) {
    watch.End(service.status());
    return;
  }
  watch.subject = *std::move(service);
  Notify(watch);
}

void HealthService::Notify(WatchCall& watch) const {
  const Status now = StatusOf(watch.subject);
  if (watch.mark != now) {
    watch.mark = now;
    HealthCheckResponse response;
    response.set_status(now);
    watch.Push(response.SerializeAsString());
  }
  absl::MutexLock lock(&mutex_);
  if (stopped_) watch.End(ServerDraining());
}

void HealthService::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  watch_.ForEach([this](WatchCall& call) { Notify(call); });
}

void HealthService::CheckHandler::Handle(UnaryCall& call) {
  const absl::StatusOr<std::string> service = ServiceOf(call.request());
  if (!service.ok()) {
    call.Finish(service.status());
    return;
  }
  const Status status = service_.StatusOf(*service);
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    call.Finish(ServiceNotFound(*service));
    return;
  }
  HealthCheckResponse response;
  response.set_status(status);
  std::string bytes = response.SerializeAsString();
  call.Finish(absl::OkStatus(), bytes);
}

}  // namespace roicast
