// Methods that answer one request with whatever happens later: the handler pushes messages until it ends the call or
// the client does. Everything on the call's loop, so that a thousand idle watches cost no thread.
#pragma once

#include <cstdint>
#include <functional>
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

class WatchMethod;

class WatchCall final : public ServerCall {
 public:
  explicit WatchCall(WatchMethod* method);

  // Empty after DropRequest.
  absl::string_view request() const { return request_; }
  // Gives back the memory of the request, which would be held for as long as the client watches.
  void DropRequest() { std::string().swap(request_); }
  // For the handler's own use: what it watches, and what was said last; empty and -1 at first.
  std::string subject;
  int64_t mark = -1;

  // Sends a message. A client that does not read, and lets more than some kilobytes wait, is ended.
  void Push(absl::string_view message);
  // Ends the call once what was pushed is sent.
  void End(const absl::Status& status);

 private:
  friend class WatchMethod;
  void OnMessage(std::string& message) override;
  bool paused() const override { return false; }
  void OnRequestEnd() override;
  void OnUnreadable(const absl::Status& why) override { End(why); }
  EventLoop::Clock::time_point AnswerDue() const override;
  void OnAnswerOverdue() override;
  void OnGone() override;
  void OnUnused() override { delete this; }
  size_t holding() const override { return request_.size() + answers_.size(); }
  size_t ReadBody(char* to, size_t room, Next* next) override;

  WatchMethod& method_;
  std::string request_;
  bool has_request_ = false;
  AnswerQueue answers_;
  bool waiting_ = false;
  bool ended_ = false;
  absl::Status status_;
};

class WatchMethod final : public GrpcMethod {
 public:
  // The request of a call is complete.
  using Handler = std::function<void(WatchCall&)>;

  // The loops have to outlive the calls.
  WatchMethod(Handler handler, LoopThreads* loops, const CallOptions& options);

  ServerCall* Begin(const CallStart& start) override;

  // Calls visit soon for each call whose request is complete, on its loop. Any thread.
  void ForEach(std::function<void(WatchCall&)> visit);

 private:
  friend class WatchCall;
  const Handler handler_;
  LoopThreads& loops_;
  const CallOptions options_;
  // By loop; used on that loop only.
  std::vector<absl::flat_hash_set<WatchCall*>> open_;
};

}  // namespace roicast
