// grpc.health.v1.Health on the completion queues: probes and load balancers get their answer from the threads that also
// serve predictions, so that SERVING means that these threads answer.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "server/transport/completion_queues.h"
#include "server/transport/unary_method.h"

namespace roicast {

class HealthWatch;

// Thread-safe.
class HealthService {
 public:
  // Knows the given services and "" (the server as a whole), all NOT_SERVING at first. Registers with the server, which
  // has not been started yet; outlives the calls.
  HealthService(const std::vector<std::string>& services, grpc::ServerBuilder& builder, CompletionQueues* queues);
  ~HealthService();

  // Takes calls from now on. After the server has started.
  void Arm();
  // `service` is one given to the constructor, or "". Notifies the watches.
  void SetServing(absl::string_view service, bool serving);
  // All services NOT_SERVING, for good.
  void SetAllNotServing();
  // Takes no new calls and ends the watches, which would otherwise hold up the server's shutdown.
  void Stop();

 private:
  friend class HealthWatch;
  using Service = grpc::health::v1::Health::WithRawMethod_Check<
      grpc::health::v1::Health::WithAsyncMethod_Watch<grpc::health::v1::Health::Service>>;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  class CheckHandler final : public UnaryHandler {
   public:
    explicit CheckHandler(HealthService* service) : service_(*service) {}
    void Handle(UnaryCall& call) override;

   private:
    HealthService& service_;
  };

  // SERVICE_UNKNOWN if there is no such service.
  Status StatusOf(absl::string_view service) const;
  void NotifyWatches();

  CompletionQueues* const queues_;
  Service service_;
  CheckHandler check_handler_{this};
  UnaryMethod check_;
  std::atomic<bool> stopped_{false};

  mutable absl::Mutex mutex_;
  bool for_good_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, bool> serving_ ABSL_GUARDED_BY(mutex_);

  // Lock order: watches_mutex_, then a watch's own, then mutex_.
  absl::Mutex watches_mutex_;
  absl::flat_hash_set<HealthWatch*> watches_ ABSL_GUARDED_BY(watches_mutex_);
};

}  // namespace roicast
