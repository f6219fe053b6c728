// Services whose methods take and give protobuf messages and may take their time (training and models): what a method
// does is a function. Their calls are counted and timed however they end, and rejected while the server drains.
//
//   service.Unary<v1::GetModelRequest, v1::Model>("ModelService/GetModel",
//       [](const v1::GetModelRequest& request, v1::Model* response, CallContext& context) { … });
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/memory_budget.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/protobuf/parsed_size.h"
#include "server/serving/lifecycle.h"
#include "server/serving/peer_limit.h"
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
  // The messages draw from `memory` for `use`.
  MessageSource(BlockingCall* call, MemoryBudget* memory, MemoryUse use) : call_(*call), memory_(*memory), use_(use) {}
  // Waits for the next message. False: there are no more, or status() says why not.
  bool Read(Request* message) {
    held_.Clear();
    std::string bytes;
    if (!call_.Read(&bytes)) {
      status_ = call_.ReadError();
      return false;
    }
    if (bytes.size() >= kCountedBytes) {
      absl::StatusOr<MemoryClaim> claim = memory_.Claim(use_, bytes.size() + ParsedBytes(*message, bytes));
      if (!claim.ok()) {
        status_ = MemoryShort(claim.status());
        return false;
      }
      held_ = *std::move(claim);
    }
    if (message->ParseFromString(bytes)) {
      // The message has a copy.
      held_.Shrink(bytes.size());
      return true;
    }
    status_ = absl::InvalidArgumentError(absl::StrCat("the bytes are not a ", message->GetTypeName()));
    return false;
  }
  // After a Read that was true, for a request of one message: Unimplemented if there are more, ReadError's errors.
  absl::Status ExpectEnd() {
    std::string more;
    if (call_.Read(&more)) return absl::UnimplementedError("the request: expected one message, got more");
    return call_.ReadError();
  }
  // After a Read that was false. OK: the client has sent all there was. Errors: InvalidArgument (the bytes are no such
  // message), ResourceExhausted (memory), and those of BlockingCall::ReadError.
  const absl::Status& status() const { return status_; }

 private:
  // Smaller messages are limited by the number of calls.
  static constexpr size_t kCountedBytes = size_t{2} << 10;

  BlockingCall& call_;
  MemoryBudget& memory_;
  const MemoryUse use_;
  // For the last message, until the next is read.
  MemoryClaim held_;
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

// Calls that upload a file. Each holds one of the pool's threads for as long as its client likes; a place among those
// that write is taken by the first bytes only. Thread-safe.
class UploadLimit {
 public:
  // One upload; its places are free again when it is destroyed.
  struct Upload {
    std::string peer;
    PeerLimit::Ticket open;
    PeerLimit::Ticket place;
  };

  // peer: without the port. Errors: ServerOverloaded.
  absl::StatusOr<Upload> Open(absl::string_view peer) {
    ROICAST_ASSIGN_OR_RETURN(PeerLimit::Ticket open, open_.Enter(peer));
    return Upload{std::string(peer), std::move(open), {}};
  }
  // Call with each part that has bytes of the file. Errors: ServerOverloaded.
  absl::Status TakePlace(Upload& upload) {
    if (upload.place.held()) return absl::OkStatus();
    ROICAST_ASSIGN_OR_RETURN(upload.place, places_.Enter(upload.peer));
    return absl::OkStatus();
  }

 private:
  PeerLimit open_{{.all = 32, .per_peer = 16}, "open uploads"};
  PeerLimit places_{{.all = 16, .per_peer = 8}, "uploads"};
};

// What a method's function sees of its call.
struct CallContext {
  BlockingCall& call;
  // Which version the call is about, once that is known; for the access log. 0: none yet.
  std::string model;
  int64_t version = 0;
  // What the answer takes, until it is written.
  MemoryClaim answer_memory = {};
};

// Filled before the first connection; then thread-safe.
class BlockingService {
 public:
  // All outlive the calls.
  struct Parts {
    GrpcRequests* grpc;
    WorkerPool* pool;
    const Lifecycle* lifecycle;
    ServerMetrics* metrics;
    AccessLog* access_log;
    MemoryBudget* memory = MemoryBudget::Unlimited();
  };
  BlockingService(const Parts& parts, const CallOptions& calls) : parts_(parts), calls_(calls) {}

  // Calls that are worked on.
  int64_t running() const;
  // Answers them with `status`, as far as they are not answered, and asks their work to stop. Those that begin later
  // are none of it.
  void EndAll(const absl::Status& status);

  const Lifecycle& lifecycle() const { return *parts_.lifecycle; }
  // Shared by the methods that take a file.
  UploadLimit& uploads() { return uploads_; }
  MemoryBudget& memory() const { return *parts_.memory; }

  // Of requests that have names and numbers only, and of those that have a spec, whose own limit is smaller: what is
  // larger is refused before it is read.
  static constexpr size_t kNamesBytes = size_t{16} << 10;
  static constexpr size_t kSpecBytes = size_t{2} << 20;

  // method: a literal, such as "ModelService/GetModel", in package roicast.v1. max_bytes: of a request, if the server's
  // limit is not smaller.
  template <typename Request, typename Response>
  void Unary(absl::string_view method, std::function<absl::Status(const Request&, Response*, CallContext&)> work,
             size_t max_bytes = std::numeric_limits<size_t>::max()) {
    Add(method, Kind::kUnary, max_bytes, [this, work = std::move(work)](CallContext& context) {
      MessageSource<Request> source(&context.call, parts_.memory, MemoryUse::kRequests);
      Request request;
      ROICAST_RETURN_IF_ERROR(ReadOnlyMessage(source, &request));
      Response response;
      ROICAST_RETURN_IF_ERROR(work(request, &response, context));
      context.call.Write(response.SerializeAsString());
      return absl::OkStatus();
    });
  }

  template <typename Request, typename Response>
  void ClientStream(absl::string_view method,
                    std::function<absl::Status(MessageSource<Request>&, Response*, CallContext&)> work) {
    Add(method, Kind::kClientStream, std::numeric_limits<size_t>::max(),
        [this, work = std::move(work)](CallContext& context) {
          MessageSource<Request> source(&context.call, parts_.memory, MemoryUse::kUploads);
          Response response;
          ROICAST_RETURN_IF_ERROR(work(source, &response, context));
          context.call.Write(response.SerializeAsString());
          return absl::OkStatus();
        });
  }

  template <typename Request, typename Response>
  void ServerStream(absl::string_view method,
                    std::function<absl::Status(const Request&, MessageSink<Response>&, CallContext&)> work,
                    size_t max_bytes = std::numeric_limits<size_t>::max()) {
    Add(method, Kind::kServerStream, max_bytes, [this, work = std::move(work)](CallContext& context) {
      MessageSource<Request> source(&context.call, parts_.memory, MemoryUse::kRequests);
      Request request;
      ROICAST_RETURN_IF_ERROR(ReadOnlyMessage(source, &request));
      MessageSink<Response> sink(&context.call);
      return work(request, sink, context);
    });
  }

 private:
  using Work = std::function<absl::Status(CallContext&)>;
  // What a client may leave unread of a stream: enough for its connection to be busy.
  static constexpr size_t kUnreadBytes = size_t{1} << 20;

  // Errors: Unimplemented (none, or more than one), those of MessageSource.
  template <typename Request>
  static absl::Status ReadOnlyMessage(MessageSource<Request>& source, Request* request) {
    if (!source.Read(request)) {
      return source.status().ok() ? absl::UnimplementedError("the request: expected one message, got none")
                                  : source.status();
    }
    return source.ExpectEnd();
  }
  enum class Kind { kUnary, kClientStream, kServerStream };
  void Add(absl::string_view method, Kind kind, size_t max_bytes, Work work);
  absl::Status Observe(RpcMetrics& metrics, const Work& work, BlockingCall& call);
  // A call has ended. context: nullptr: it was not worked on.
  void Log(const RpcMetrics& metrics, const BlockingCall& call, const CallContext* context,
           const absl::Status& status) const;
  // While it is in running_.
  absl::Status Run(const Work& work, CallContext& context);

  const Parts parts_;
  const CallOptions calls_;
  UploadLimit uploads_;
  std::vector<std::unique_ptr<BlockingMethod>> methods_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<BlockingCall*> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast
