// Methods that may take their time: each call has a thread, on which it reads its messages and writes its answers as if
// they were a file. Unary methods, and streams in either direction or both.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/steady_wait.h"
#include "server/transport/grpc/answer_queue.h"
#include "server/transport/grpc/method.h"
#include "server/transport/grpc/server_call.h"
#include "server/transport/grpc/worker_pool.h"

namespace roicast {

class BlockingMethod;

// One call. Its reads and writes are for its worker alone.
class BlockingCall final : public ServerCall, private EventLoop::Task {
 public:
  explicit BlockingCall(BlockingMethod* method);

  // Waits for the next message. False: there are no more, the client is gone, or ReadError says why not.
  // was_compressed: how it came.
  bool Read(std::string* message, bool* was_compressed = nullptr);
  // After a Read that was false. OK: the client has sent all there was. Otherwise what is wrong with the request;
  // DeadlineExceeded: its deadline has passed, or no message came in CallOptions::body_timeout; Cancelled: the client
  // is gone.
  absl::Status ReadError() const;
  // kAsClient: what is worth it, for a client that compresses, too. kGzip: if the method compresses whatever the client
  // does (see Options), and the client takes it.
  enum class Compression { kAsClient, kNone, kGzip };
  // Waits until the client has room. False: it is gone, the deadline has passed, or WriteError says why not.
  bool Write(std::string message, Compression compression = Compression::kAsClient);
  // After a Write that was false: ResourceExhausted if clients do not read more than the server keeps for all of them.
  absl::Status WriteError() const;
  // Answers with `status` now, whatever the worker does; its Read and Write are false from then on, and it has to stop
  // as for a client that is gone. Any thread, while the worker works.
  void EndEarly(const absl::Status& status);
  // The status that EndEarly gave it; OK: none.
  absl::Status EndedEarly() const;
  // Before the first Write: a header of the answer. At any time: a header behind it. Names are lowercase and without
  // "grpc-" or ":" in front; values of names that end in -bin are in base64.
  void AddHeader(absl::string_view name, absl::string_view value);
  void AddTrailer(absl::string_view name, absl::string_view value);

 private:
  friend class BlockingMethod;
  void Start(const CallStart& start);
  void StartWorker();
  // On the worker: does the work and ends the call.
  void Work();
  void Run() override;  // On the loop, when the worker has done something.
  // Until the call's deadline.
  absl::Duration Patience() const;
  // The same, as long as a message may take.
  absl::Duration ReadPatience() const;
  bool CannotRead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return incoming_.empty() && !read_all_ && !gone_; }
  bool CannotWrite() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Compresses(size_t bytes, Compression compression) const;
  // Whether any of its answers may be compressed.
  bool MayCompress() const;
  void OnMessage(std::string& message) override;
  bool paused() const override;
  void OnRequestEnd() override;
  void OnUnreadable(const absl::Status& why) override;
  void OnGone() override;
  void OnUnused() override;
  // Of the request. Answers count from the moment when the worker writes them.
  size_t holding() const override;
  // Whether the answers may be so much larger; then that counts.
  bool Keep(size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // So many bytes of the answers are sent, or will not be.
  void LetGo(size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t ReadBody(char* to, size_t room, Next* next) override;

  BlockingMethod& method_;
  // Of the client's connection; there until OnGone.
  HeldBytes held_bytes_;
  // On the loop.
  bool waiting_ = false;
  bool finished_ = false;
  bool has_worker_ = false;

  mutable absl::Mutex mutex_;
  // What the worker waits for: messages, room for answers, and the end of both.
  SteadyWait changed_;
  struct Message {
    std::string bytes;
    bool was_compressed;
  };
  // Read from the client, and not yet by the worker.
  std::deque<Message> incoming_ ABSL_GUARDED_BY(mutex_);
  size_t incoming_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool read_all_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status read_error_ ABSL_GUARDED_BY(mutex_);
  AnswerQueue answers_ ABSL_GUARDED_BY(mutex_);
  // Of these, what counts as held.
  size_t kept_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status write_error_ ABSL_GUARDED_BY(mutex_);
  HeaderBlock answer_headers_ ABSL_GUARDED_BY(mutex_);
  HeaderBlock answer_trailers_ ABSL_GUARDED_BY(mutex_);
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_early_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  // The task is posted and has not run.
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;
};

class BlockingMethod final : public GrpcMethod {
 public:
  struct Options {
    CallOptions call = {};
    // Bytes of messages that are read ahead of the worker, and of answers ahead of the client; ≥ 1.
    size_t window_bytes = size_t{4} << 20;
    // True: the request is a stream, and the worker begins with the call. False: the request is one message, and the
    // worker begins once it is there, so that a slow client keeps no thread.
    bool streams_in = false;
    // Whether Write may compress for a client that does not.
    bool gzip = false;
  };
  // Does the work of a call, and returns the status it ends with.
  using Work = std::function<absl::Status(BlockingCall&)>;
  // Hears of a call that the pool has no thread for, and of the status it ends with. On the call's loop.
  using Refused = std::function<void(const BlockingCall&, const absl::Status&)>;

  // The pool has to outlive the calls.
  BlockingMethod(
      Work work, WorkerPool* pool, const Options& options,
      Refused refused = [](const BlockingCall&, const absl::Status&) {});

  ServerCall* Begin(const CallStart& start) override;

 private:
  friend class BlockingCall;
  const Work work_;
  WorkerPool& pool_;
  const Options options_;
  const Refused refused_;
};

}  // namespace roicast
