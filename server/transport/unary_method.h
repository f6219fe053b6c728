// Asynchronous unary methods whose requests and answers are bytes: the handler parses and encodes them itself, on its
// own terms (an arena that is reused, parts that are encoded once).
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/transport/completion_queues.h"

namespace roicast {

class UnaryMethod;

// One call from its arrival until its answer is on the way. Owned by its method, and used again for later calls.
class UnaryCall {
 public:
  UnaryCall(UnaryMethod* method, int queue);
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

  // The bytes of the request. The handler may change or take them.
  grpc::ByteBuffer& request() { return request_; }
  const grpc::ServerContext& context() const { return *context_; }
  // Index of the queue, and so of the polling thread, on which the call arrived.
  int queue() const { return queue_; }
  // When the handler was given the call.
  std::chrono::steady_clock::time_point arrival() const { return arrival_; }
  // True once the client disconnected, if the method tracks that. Any thread.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // True if the client's deadline has passed. Any thread.
  bool expired() const;

  // Answers. Exactly once, on any thread; the call must not be touched afterwards. The response counts only with OK.
  void Finish(const grpc::Status& status, const grpc::ByteBuffer& response);

 private:
  friend class UnaryMethod;
  void Arm();
  void OnArrived(bool ok);
  void OnFinished(bool ok);
  void OnDone(bool ok);
  void Release();

  UnaryMethod* const method_;
  const int queue_;
  MemberEvent<UnaryCall, &UnaryCall::OnArrived> arrived_event_{this};
  MemberEvent<UnaryCall, &UnaryCall::OnFinished> finished_event_{this};
  MemberEvent<UnaryCall, &UnaryCall::OnDone> done_event_{this};
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  grpc::ByteBuffer request_;
  std::chrono::steady_clock::time_point arrival_;
  // Events still to come before the object is free. Touched on the polling thread only.
  //
  // No early event can free a call that is still being answered. OnArrived counts both events before the handler runs,
  // and it always runs first: gRPC waits for a call's end only once the queue has handed out its arrival, and one
  // thread polls the queue. If the client disconnects early, its done event leaves the count at 1, which only the event
  // of Finish takes away.
  int pending_events_ = 0;
  std::atomic<bool> cancelled_{false};
};

// What a method does with a call.
class UnaryHandler {
 public:
  virtual ~UnaryHandler() = default;
  // Runs on a polling thread and must not wait. Answers with call.Finish() now, or later from any thread.
  virtual void Handle(UnaryCall& call) = 0;
};

// A method of a service, ready to take calls on all queues.
class UnaryMethod {
 public:
  // The generated Request… function of the raw asynchronous service.
  using RequestFunction =
      std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                         grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*)>;

  struct Options {
    // Calls that are accepted ahead of time, per queue; ≥ 1.
    int armed_per_queue = 128;
    // True: UnaryCall::cancelled() says whether the client disconnected. Costs an event per call.
    bool track_cancellation = false;
  };

  // queues and handler have to outlive the calls, which end with queues.Shutdown().
  UnaryMethod(RequestFunction request, UnaryHandler* handler, CompletionQueues* queues, const Options& options);
  ~UnaryMethod();

  // Takes calls from now on. After the server has started.
  void Arm();
  // Takes no new calls. Before the server is shut down.
  void Stop() { stopped_.store(true, std::memory_order_release); }

 private:
  friend class UnaryCall;
  void ArmOne(int queue);
  void Recycle(UnaryCall* call);

  const RequestFunction request_;
  UnaryHandler* const handler_;
  CompletionQueues* const queues_;
  const Options options_;
  std::atomic<bool> stopped_{false};
  // Idle calls, per queue. Touched on the queue's polling thread only.
  std::vector<std::vector<std::unique_ptr<UnaryCall>>> free_;
};

}  // namespace roicast
