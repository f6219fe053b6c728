// grpc.reflection.v1 and v1alpha: tools such as grpcurl ask a server which services it has, and what their messages
// are. Both versions have the same bytes.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/grpc/stream_method.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {

class ReflectionService {
 public:
  // Adds its methods to `grpc`. services: full names of those to list beside its own. Loops and service outlive the
  // calls.
  ReflectionService(std::vector<std::string> services, const CallOptions& calls, GrpcRequests* grpc,
                    LoopThreads* loops);

  // Thread-safe.
  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& request) const;

 private:
  class Handler final : public StreamHandler {
   public:
    explicit Handler(const ReflectionService* service) : service_(*service) {}
    absl::Status Begin(const StreamCall&) override { return absl::OkStatus(); }
    void Handle(StreamItem& item) override;
    void Refuse(StreamItem& item, const absl::Status& why) override;
    void End(const StreamCall&, const absl::Status&) override {}

   private:
    const ReflectionService& service_;
  };

  std::vector<std::string> services_;
  Handler handler_{this};
  StreamMethod method_;
  StreamMethod method_alpha_;
};

}  // namespace roicast
