// Bidirectional methods whose items and answers are bytes: every item has one answer, answers come in the order of the
// items, and items are read ahead while earlier ones are still being worked on.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/transport/grpc/answer_queue.h"
#include "server/transport/grpc/method.h"
#include "server/transport/grpc/server_call.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {

class StreamMethod;
class StreamCall;

// One item of a stream.
class StreamItem final : private EventLoop::Task {
 public:
  explicit StreamItem(StreamCall* call) : call_(*call) {}

  // The bytes of the item. They stay where they are until Answer.
  absl::string_view request() const { return request_; }
  const StreamCall& call() const { return call_; }

  // Answers with `head` and `body`, one after the other. Exactly once, on any thread; the item must not be touched
  // afterwards.
  void Answer(absl::string_view head, absl::string_view body = {});

 private:
  friend class StreamCall;
  void Run() override;  // On the loop, after an Answer elsewhere.

  StreamCall& call_;
  // The request, then the answer.
  std::string request_;
  bool answered_ = false;
  size_t bytes_ = 0;
};

// One stream. All but the answers of its items happens on its loop.
class StreamCall final : public ServerCall, private EventLoop::Task {
 public:
  explicit StreamCall(StreamMethod* method);

 private:
  friend class StreamMethod;
  friend class StreamItem;
  void Start(const CallStart& start);
  void Answered(StreamItem* item, absl::string_view head, absl::string_view body);
  // Moves the answers whose turn it is to the client.
  void Send();
  // Reads no more; ends with `status` when the items that were read have been answered.
  void End(const absl::Status& status);
  void MaybeFinish();
  void HoldItem(StreamItem* item, size_t bytes);
  size_t holding() const override { return bytes_ + answers_.size(); }
  void Run() override;  // There is room again.
  void OnMessage(std::string& message) override;
  bool paused() const override;
  bool PassOver(const absl::Status& why) override;
  void OnRequestEnd() override { End(absl::OkStatus()); }
  void OnUnreadable(const absl::Status& why) override { End(why); }
  void OnGone() override;
  void OnUnused() override;
  size_t ReadBody(char* to, size_t room, Next* next) override;

  StreamMethod& method_;
  // Read and not yet sent, in order.
  std::deque<StreamItem> items_;
  // Bytes of all items.
  size_t bytes_ = 0;
  AnswerQueue answers_;
  // ReadBody has said that there is nothing for now.
  bool waiting_ = false;
  // Run is under way.
  bool will_continue_ = false;
  // No further item will be read.
  bool read_all_ = false;
  // The handler has been told of the stream, and not of its end.
  bool begun_ = false;
  bool finishing_ = false;
  absl::Status final_status_;
};

// What a method does with its streams.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // A new stream. Not OK: it ends with this status at once.
  virtual absl::Status Begin(const StreamCall& call) = 0;
  // Runs on a loop and must not wait. Answers with item.Answer() now, or later from any thread.
  virtual void Handle(StreamItem& item) = 0;
  // The item is larger than the method takes, and there are no bytes of it. It is answered like any other.
  virtual void Refuse(StreamItem& item, const absl::Status& why) = 0;
  // A stream for which Begin returned OK has ended. Its items have been answered.
  virtual void End(const StreamCall& call, const absl::Status& status) = 0;
};

class StreamMethod final : public GrpcMethod {
 public:
  struct Options {
    CallOptions call = {};
    // Items of one stream that are read and not yet sent; ≥ 1.
    size_t window = 64;
    // Maximum bytes of these items, requests and answers together; beyond it no further item is read. A client that
    // sends and does not read holds no more memory than this, one item, and HTTP/2's window.
    size_t window_bytes = size_t{16} << 20;
  };

  // The handler and the loops have to outlive the streams.
  StreamMethod(StreamHandler* handler, LoopThreads* loops, const Options& options);

  ServerCall* Begin(const CallStart& start) override;

  // Ends every open stream with `status` once what it has read is answered. Any thread.
  void EndAll(const absl::Status& status);

 private:
  friend class StreamCall;
  StreamHandler& handler_;
  LoopThreads& loops_;
  const Options options_;
  // By loop; used on that loop only.
  std::vector<absl::flat_hash_set<StreamCall*>> open_;
};

}  // namespace roicast
