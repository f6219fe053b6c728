// Services whose methods take and give protobuf messages and may take their time (training and models): what a method
// does is a function. Their calls are counted and timed however they end, and rejected while the server drains.
//
//   service.Unary<v1::GetModelRequest, v1::Model>("ModelService/GetModel",
//       [](const v1::GetModelRequest& request, v1::Model* response, CallContext& context) { … });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/lifecycle.h"
#include "server/telemetry/access_log.h"
#include "server/telemetry/metrics.h"
#include "server/transport/grpc/blocking_method.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/grpc/worker_pool.h"

namespace roicast {

// The messages of a stream from the client.
template <typename Request>
class MessageSource {
 public:
  explicit MessageSource(BlockingCall* call) : call_(*call) {}
  // Waits for the next message. False: there are no more, or status() says why not.
  bool Read(Request* message) {
    std::string bytes;
    if (!call_.Read(&bytes)) {
      status_ = call_.ReadError();
      return false;
    }
    if (message->ParseFromString(bytes)) return true;
    status_ = absl::InvalidArgumentError(absl::StrCat("the bytes are not a ", message->GetTypeName()));
    return false;
  }
  // After a Read that was false. OK: the client has sent all there was. Errors: InvalidArgument (the bytes are no such
  // message), and those of BlockingCall::ReadError.
  const absl::Status& status() const { return status_; }

 private:
  BlockingCall& call_;
  absl::Status status_;
};

// A stream of messages to the client.
template <typename Response>
class MessageSink {
 public:
  explicit MessageSink(BlockingCall* call) : call_(*call) {}
  // Waits until the client has room. False: it is gone.
  bool Write(const Response& message) { return call_.Write(message.SerializeAsString()); }

 private:
  BlockingCall& call_;
};

// What a method's function sees of its call.
struct CallContext {
  BlockingCall& call;
  // Which version the call is about, once that is known; for the access log. 0: none yet.
  std::string model;
  int64_t version = 0;
};

// Filled before the first connection; then thread-safe.
class BlockingService {
 public:
  // Maximum number of calls that upload a file at once. Each holds one of the pool's threads for as long as its client
  // likes; the other threads remain free for other calls.
  static constexpr int kMaxUploads = 16;

  // All outlive the calls.
  struct Parts {
    GrpcRequests* grpc;
    WorkerPool* pool;
    const Lifecycle* lifecycle;
    ServerMetrics* metrics;
    AccessLog* access_log;
  };
  BlockingService(const Parts& parts, const CallOptions& calls) : parts_(parts), calls_(calls) {}

  const Lifecycle& lifecycle() const { return *parts_.lifecycle; }
  // Shared by the methods that take a file.
  InFlightLimit& uploads() { return uploads_; }

  // method: a literal, such as "ModelService/GetModel", in package roicast.v1.
  template <typename Request, typename Response>
  void Unary(absl::string_view method, std::function<absl::Status(const Request&, Response*, CallContext&)> work) {
    Add(method, false, [work = std::move(work)](CallContext& context) {
      Request request;
      ROICAST_RETURN_IF_ERROR(ReadOnlyMessage(context.call, &request));
      Response response;
      ROICAST_RETURN_IF_ERROR(work(request, &response, context));
      context.call.Write(response.SerializeAsString());
      return absl::OkStatus();
    });
  }

  template <typename Request, typename Response>
  void ClientStream(absl::string_view method,
                    std::function<absl::Status(MessageSource<Request>&, Response*, CallContext&)> work) {
    Add(method, true, [work = std::move(work)](CallContext& context) {
      MessageSource<Request> source(&context.call);
      Response response;
      ROICAST_RETURN_IF_ERROR(work(source, &response, context));
      context.call.Write(response.SerializeAsString());
      return absl::OkStatus();
    });
  }

  template <typename Request, typename Response>
  void ServerStream(absl::string_view method,
                    std::function<absl::Status(const Request&, MessageSink<Response>&, CallContext&)> work) {
    Add(method, false, [work = std::move(work)](CallContext& context) {
      Request request;
      ROICAST_RETURN_IF_ERROR(ReadOnlyMessage(context.call, &request));
      MessageSink<Response> sink(&context.call);
      return work(request, sink, context);
    });
  }

 private:
  using Work = std::function<absl::Status(CallContext&)>;

  // Errors: Unimplemented (none, or more than one), those of MessageSource.
  template <typename Request>
  static absl::Status ReadOnlyMessage(BlockingCall& call, Request* request) {
    MessageSource<Request> source(&call);
    if (!source.Read(request)) {
      return source.status().ok() ? absl::UnimplementedError("the request: expected one message, got none")
                                  : source.status();
    }
    Request more;
    if (source.Read(&more)) return absl::UnimplementedError("the request: expected one message, got more");
    return source.status();
  }
  void Add(absl::string_view method, bool streams_in, Work work);
  absl::Status Observe(RpcMetrics& metrics, const Work& work, BlockingCall& call);

  const Parts parts_;
  const CallOptions calls_;
  InFlightLimit uploads_{kMaxUploads, "uploads"};
  std::vector<std::unique_ptr<BlockingMethod>> methods_;
};

}  // namespace roicast
