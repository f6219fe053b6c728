// Unary methods whose requests and answers are bytes: the handler parses and encodes them itself, on its own terms (an
// arena that is reused, parts that are encoded once).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/serving/in_flight_limit.h"
#include "server/transport/grpc/method.h"
#include "server/transport/grpc/server_call.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

class UnaryMethod;

// One call from its arrival until its answer is written. Owned by its method, and used again for later calls.
class UnaryCall final : public ServerCall, private EventLoop::Task {
 public:
  explicit UnaryCall(UnaryMethod* method);

  // The request. Its bytes stay where they are until Finish; the handler may change them.
  absl::string_view request() const { return request_; }

  // The call counts as in flight until its answer is written, or nobody waits for it any more: it leaves the limit
  // then.
  void LeaveWhenWritten(InFlightLimit* limit) { in_flight_ = limit; }

  // Answers. Exactly once, on any thread; the call must not be touched afterwards. The response counts only with OK;
  // its memory is swapped for other.
  void Finish(const absl::Status& status, std::string& response);
  void Finish(const absl::Status& error);

 private:
  friend class UnaryMethod;
  void Run() override;  // On the loop, after a Finish elsewhere.
  void Answer();
  void OnMessage(std::string& message) override;
  bool paused() const override { return false; }
  size_t holding() const override;
  void OnRequestEnd() override;
  void OnUnreadable(const absl::Status& why) override;
  void OnGone() override;
  void OnUnused() override;
  size_t ReadBody(char* to, size_t room, Next* next) override;
  void Done(const absl::Status& status);

  UnaryMethod& method_;
  std::string request_;
  bool has_request_ = false;
  bool with_handler_ = false;
  // The handler did not answer at once.
  bool lent_ = false;
  absl::Status status_;
  // response_ is gzip's.
  bool compressed_ = false;
  char prefix_[5] = {};
  std::string response_;
  // Of prefix_ and response_ together: written.
  size_t written_ = 0;
  InFlightLimit* in_flight_ = nullptr;
  // Counts as one of its address's calls.
  PeerUse* use_ = nullptr;
};

// What a method does with a call.
class UnaryHandler {
 public:
  virtual ~UnaryHandler() = default;
  // Runs on a loop and must not wait. Answers with call.Finish() now, or later from any thread.
  virtual void Handle(UnaryCall& call) = 0;
  // The request could not be read to its end, for example because it is too large: the call is answered with `why`.
  // It has to be finished, as in Handle.
  virtual void Refuse(UnaryCall& call, const absl::Status& why) { call.Finish(why); }
};

class UnaryMethod final : public GrpcMethod {
 public:
  // loops: how many there are. The handler has to outlive the calls.
  UnaryMethod(UnaryHandler* handler, const CallOptions& options, int loops);
  ~UnaryMethod() override;

  ServerCall* Begin(const CallStart& start) override;

 private:
  friend class UnaryCall;
  void Recycle(UnaryCall* call);

  UnaryHandler& handler_;
  const CallOptions options_;
  // Unused calls, by loop; used on that loop only.
  std::vector<std::vector<std::unique_ptr<UnaryCall>>> free_;
};

}  // namespace roicast
