// grpc.reflection.v1 and v1alpha: tools such as grpcurl ask a server which services it has, and what their messages
// are. Both versions have the same bytes.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
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

  // The file, and behind it all that it imports, each once. added: those that the response has.
  void AddFiles(const google::protobuf::FileDescriptor* file, std::set<const google::protobuf::FileDescriptor*>& added,
                grpc::reflection::v1::ServerReflectionResponse* response) const;
  void SetFile(const google::protobuf::FileDescriptor* file, absl::string_view kind, const std::string& name,
               grpc::reflection::v1::ServerReflectionResponse* response) const;
  // A FileDescriptorProto; made once, for it takes a loop longer than many predictions.
  const std::string& Serialized(const google::protobuf::FileDescriptor* file) const;

  std::vector<std::string> services_;
  mutable absl::Mutex mutex_;
  mutable std::map<const google::protobuf::FileDescriptor*, std::string> serialized_ ABSL_GUARDED_BY(mutex_);
  Handler handler_{this};
  StreamMethod method_;
  StreamMethod method_alpha_;
};

}  // namespace roicast
