#include "server/services/health/health_service.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <optional>
#include <utility>

#include "base/check.h"
#include "server/errors/errors.h"
#include "server/transport/status_mapping.h"

namespace roicast {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch: reports the status, then each change, until the client disconnects or the server stops.
class HealthWatch {
 public:
  HealthWatch(HealthService* service, int queue) : service_(*service), queue_(queue) {
    context_.AsyncNotifyWhenDone(&done_event_);
  }

  void Arm() {
    service_.queues_->Register();
    grpc::ServerCompletionQueue* const queue = service_.queues_->queue(queue_);
    service_.service_.RequestWatch(&context_, &request_, &writer_, queue, queue, &arrived_event_);
  }

  // Writes the status if it has changed. Any thread.
  void Notify() {
    absl::MutexLock lock(&mutex_);
    Next();
  }

  // Ends the watch.
  void End() {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    Next();
  }

 private:
  void OnArrived(bool ok) {
    if (!ok) {
      Unref();
      return;
    }
    if (!service_.stopped_.load(std::memory_order_acquire)) (new HealthWatch(&service_, queue_))->Arm();
    references_.store(2, std::memory_order_relaxed);  // The done event's, and finishing's.
    {
      absl::MutexLock lock(&service_.watches_mutex_);
      service_.watches_.insert(this);
    }
    // A stop that came before the insertion has not seen this watch.
    if (service_.stopped_.load(std::memory_order_acquire)) End();
    Notify();
  }

  void Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finishing_) return;
    const auto now = service_.StatusOf(request_.service());
    if (!broken_ && reported_ != now) {
      reported_ = now;
      writing_ = true;
      references_.fetch_add(1, std::memory_order_relaxed);
      HealthCheckResponse response;
      response.set_status(now);
      writer_.Write(response, &written_event_);
      return;
    }
    if (!ended_) return;
    finishing_ = true;
    writer_.Finish(ToGrpcStatus(ServerDraining()), &finished_event_);
  }

  void OnWritten(bool ok) {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (!ok) ended_ = broken_ = true;
      Next();
    }
    Unref();
  }

  void OnDone(bool) {
    {
      absl::MutexLock lock(&mutex_);
      ended_ = broken_ = true;
      Next();
    }
    Unref();
  }

  void OnFinished(bool) {
    {
      absl::MutexLock lock(&service_.watches_mutex_);
      service_.watches_.erase(this);
    }
    Unref();
  }

  void Unref() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    CompletionQueues* const queues = service_.queues_;
    delete this;
    queues->Unregister();
  }

  HealthService& service_;
  const int queue_;
  MemberEvent<HealthWatch, &HealthWatch::OnArrived> arrived_event_{this};
  MemberEvent<HealthWatch, &HealthWatch::OnWritten> written_event_{this};
  MemberEvent<HealthWatch, &HealthWatch::OnDone> done_event_{this};
  MemberEvent<HealthWatch, &HealthWatch::OnFinished> finished_event_{this};
  grpc::ServerContext context_;
  HealthCheckRequest request_;
  grpc::ServerAsyncWriter<HealthCheckResponse> writer_{&context_};
  std::atomic<int> references_{1};

  absl::Mutex mutex_;
  std::optional<HealthService::Status> reported_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
};

HealthService::HealthService(const std::vector<std::string>& services, grpc::ServerBuilder& builder,
                             CompletionQueues* queues)
    : queues_(queues),
      check_([this](auto... args) { service_.RequestCheck(args...); }, &check_handler_, queues,
             {.armed_per_queue = 4}) {
  serving_[""] = false;
  for (const std::string& service : services) serving_[service] = false;
  builder.RegisterService(&service_);
}

HealthService::~HealthService() = default;

void HealthService::Arm() {
  check_.Arm();
  for (int queue = 0; queue < queues_->size(); ++queue) {
    for (int i = 0; i < 4; ++i) (new HealthWatch(this, queue))->Arm();
  }
}

void HealthService::SetServing(absl::string_view service, bool serving) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = serving_.find(service);
    ROICAST_CHECK(found != serving_.end());
    if (for_good_ || found->second == serving) return;
    found->second = serving;
  }
  NotifyWatches();
}

void HealthService::SetAllNotServing() {
  {
    absl::MutexLock lock(&mutex_);
    for_good_ = true;
    for (auto& [name, serving] : serving_) serving = false;
  }
  NotifyWatches();
}

HealthService::Status HealthService::StatusOf(absl::string_view service) const {
  absl::MutexLock lock(&mutex_);
  const auto found = serving_.find(service);
  if (found == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return found->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthService::NotifyWatches() {
  absl::MutexLock lock(&watches_mutex_);
  for (HealthWatch* const watch : watches_) watch->Notify();
}

void HealthService::Stop() {
  check_.Stop();
  stopped_.store(true, std::memory_order_release);
  absl::MutexLock lock(&watches_mutex_);
  for (HealthWatch* const watch : watches_) watch->End();
}

void HealthService::CheckHandler::Handle(UnaryCall& call) {
  HealthCheckRequest request;
  grpc::ProtoBufferReader pieces(&call.request());
  if (!request.ParseFromZeroCopyStream(&pieces)) {
    call.Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the bytes are not a HealthCheckRequest"), {});
    return;
  }
  const Status status = service_.StatusOf(request.service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    call.Finish(ToGrpcStatus(ServiceNotFound(request.service())), {});
    return;
  }
  HealthCheckResponse response;
  response.set_status(status);
  const grpc::Slice slice(response.SerializeAsString());
  call.Finish(grpc::Status::OK, grpc::ByteBuffer(&slice, 1));
}

}  // namespace roicast
