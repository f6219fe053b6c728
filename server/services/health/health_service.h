// grpc.health.v1.Health on the loops: probes and load balancers get their answer from the threads that also serve
// predictions, so that SERVING means that these threads answer.
#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.pb.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/grpc/unary_method.h"
#include "server/transport/grpc/watch_method.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {

// Thread-safe.
class HealthService {
 public:
  // Knows the given services and "" (the server as a whole), all NOT_SERVING at first. Adds its methods to `grpc`;
  // outlives the calls, and the loops outlive it.
  HealthService(const std::vector<std::string>& services, const CallOptions& calls, GrpcRequests* grpc,
                LoopThreads* loops);

  // `service` is one given to the constructor, or "". Notifies the watches.
  void SetServing(absl::string_view service, bool serving);
  // All services NOT_SERVING, for good.
  void SetAllNotServing();
  // Ends the watches, which would otherwise hold up the server's shutdown.
  void Stop();

 private:
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
  // Keeps which service it is about, and says its status.
  void Begin(WatchCall& watch) const;
  // Pushes the status of what the call watches, if it is another than the last.
  void Notify(WatchCall& watch) const;

  CheckHandler check_handler_{this};
  UnaryMethod check_;
  WatchMethod watch_;

  mutable absl::Mutex mutex_;
  bool for_good_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, bool> serving_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast
