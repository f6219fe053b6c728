// Asynchronous bidirectional methods whose items and answers are bytes: every item has one answer, answers come in the
// order of the items, and items are read ahead while earlier ones are still being worked on.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "server/transport/completion_queues.h"

namespace roicast {

class StreamMethod;
class StreamCall;

// One item of a stream.
class StreamItem {
 public:
  explicit StreamItem(StreamCall* call) : call_(call) {}

  // The bytes of the item. The handler may change or take them.
  grpc::ByteBuffer& request() { return request_; }
  const StreamCall& call() const { return *call_; }

  // Answers. Exactly once, on any thread; the item must not be touched afterwards.
  // The response is taken.
  void Answer(grpc::ByteBuffer response);

 private:
  friend class StreamCall;
  StreamCall* const call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  bool answered_ = false;
  // Bytes of the request, then of the answer.
  size_t bytes_ = 0;
};

// One stream. Reads, writes and the end run as events on one polling thread; answers may come from any.
class StreamCall {
 public:
  StreamCall(StreamMethod* method, int queue);
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  const grpc::ServerContext& context() const { return context_; }
  int queue() const { return queue_; }
  std::chrono::steady_clock::time_point arrival() const { return arrival_; }
  // True once the client disconnected. Any thread.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // True if the client's deadline has passed. Any thread.
  bool expired() const;

 private:
  friend class StreamMethod;
  friend class StreamItem;
  void Arm();
  void OnArrived(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void OnDone(bool ok);
  void Answered(StreamItem* item, grpc::ByteBuffer* response);
  // Reads no more; ends with `status` when the items that were read have been answered.
  void End(const grpc::Status& status);
  // Counts what an item holds now.
  void Hold(StreamItem* item, size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PopItem() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives up one of the references that pending events and unanswered items hold. The last one deletes the call.
  void Unref();

  StreamMethod* const method_;
  const int queue_;
  MemberEvent<StreamCall, &StreamCall::OnArrived> arrived_event_{this};
  MemberEvent<StreamCall, &StreamCall::OnRead> read_event_{this};
  MemberEvent<StreamCall, &StreamCall::OnWritten> written_event_{this};
  MemberEvent<StreamCall, &StreamCall::OnFinished> finished_event_{this};
  MemberEvent<StreamCall, &StreamCall::OnDone> done_event_{this};
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  std::chrono::steady_clock::time_point arrival_;
  std::atomic<bool> cancelled_{false};
  // One each for the done event, for finishing, for a pending read, for a pending write, and for each unanswered item.
  //
  // No early event can end a stream that is still in use. OnArrived takes the first two before anything else can happen
  // (see UnaryCall), and the one for finishing goes only with the event of Finish, which WriteNext starts once: when no
  // more will be read and all items are answered.
  std::atomic<int> references_{0};
  // The item that is being read.
  grpc::ByteBuffer incoming_;

  // Lock order: StreamMethod::mutex_, then this one.
  absl::Mutex mutex_;
  // Read and not yet written, in order.
  std::deque<StreamItem> items_ ABSL_GUARDED_BY(mutex_);
  // Bytes of all items.
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // The first answer, and with it the initial metadata, is on its way.
  bool metadata_sent_ ABSL_GUARDED_BY(mutex_) = false;
  // No further item will be read.
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  // Nothing can be written: answers are dropped.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  // Begin returned an error. Polling thread only.
  bool refused_ = false;
  grpc::Status final_status_ ABSL_GUARDED_BY(mutex_);
};

// What a method does with its streams.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // A new stream. Not OK: it ends with this status at once.
  virtual grpc::Status Begin(const StreamCall& call) = 0;
  // Runs on a polling thread and must not wait. Answers with item.Answer() now, or later from any thread.
  virtual void Handle(StreamItem& item) = 0;
  // A stream for which Begin returned OK has ended. Its items have been answered.
  virtual void End(const StreamCall& call, const grpc::Status& status) = 0;
};

// A method of a service, ready to take streams on all queues.
class StreamMethod {
 public:
  using RequestFunction =
      std::function<void(grpc::ServerContext*, grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>*,
                         grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*)>;

  struct Options {
    // Streams that are accepted ahead of time, per queue; ≥ 1.
    int armed_per_queue = 16;
    // Items of one stream that are read and not yet written; ≥ 1.
    size_t window = 64;
    // Maximum bytes of these items, requests and answers together; beyond it no further item is read. A client that
    // sends and does not read holds no more memory than this and one item.
    size_t window_bytes = size_t{16} << 20;
  };

  StreamMethod(RequestFunction request, StreamHandler* handler, CompletionQueues* queues, const Options& options);

  // Takes streams from now on. After the server has started.
  void Arm();
  // Takes no new streams. Before the server is shut down.
  void Stop() { stopped_.store(true, std::memory_order_release); }
  // Ends every open stream with `status` once what it has read is answered.
  void EndAll(const grpc::Status& status);

 private:
  friend class StreamCall;
  const RequestFunction request_;
  StreamHandler* const handler_;
  CompletionQueues* const queues_;
  const Options options_;
  std::atomic<bool> stopped_{false};
  absl::Mutex mutex_;
  absl::flat_hash_set<StreamCall*> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast
