#include "server/transport/grpc/watch_method.h"

#include <utility>

namespace roicast {
namespace {

constexpr size_t kMaxWaitingBytes = size_t{64} << 10;
constexpr auto kNoTime = EventLoop::Clock::time_point::max();

}  // namespace

WatchCall::WatchCall(WatchMethod* method) : ServerCall(&method->options_), method_(*method) {}

void WatchCall::OnMessage(std::string& message) {
  if (std::exchange(has_request_, true)) {
    End(absl::UnimplementedError("the request: expected one message, got more"));
    return;
  }
  request_.swap(message);
}

void WatchCall::OnRequestEnd() {
  if (!has_request_) {
    End(absl::UnimplementedError("the request: expected one message, got none"));
    return;
  }
  method_.open_[static_cast<size_t>(loop_index())].insert(this);
  method_.handler_(*this);
}

void WatchCall::Push(absl::string_view message) {
  if (!open() || ended_) return;
  answers_.Add(message);
  if (answers_.size() > kMaxWaitingBytes) {
    answers_.Clear();
    CountCut(Cut::kWrite);
    End(absl::ResourceExhaustedError("the client does not read what it watches"));
    return;
  }
  if (!headers_sent()) {
    SendHeaders(false);
  } else if (std::exchange(waiting_, false)) {
    Resume();
  }
}

void WatchCall::End(const absl::Status& status) {
  if (!open() || std::exchange(ended_, true)) return;
  status_ = status;
  if (!headers_sent()) {
    SendStatusOnly(status_);
  } else if (std::exchange(waiting_, false)) {
    Resume();
  }
}

size_t WatchCall::ReadBody(char* to, size_t room, Next* next) {
  const size_t size = answers_.Read(to, room);
  if (!answers_.empty()) {
    *next = Next::kMore;
  } else if (ended_) {
    *next = Next::kTrailers;
    SendTrailers(status_);
  } else {
    *next = Next::kWait;
    waiting_ = size == 0;
  }
  return size;
}

EventLoop::Clock::time_point WatchCall::AnswerDue() const { return ended_ ? kNoTime : deadline(); }

void WatchCall::OnAnswerOverdue() { End(absl::DeadlineExceededError("the deadline passed while the client watched")); }

void WatchCall::OnGone() { method_.open_[static_cast<size_t>(loop_index())].erase(this); }

WatchMethod::WatchMethod(Handler handler, LoopThreads* loops, const CallOptions& options)
    : handler_(std::move(handler)), loops_(*loops), options_(options), open_(static_cast<size_t>(loops->size())) {}

ServerCall* WatchMethod::Begin(const CallStart& start) {
  auto* const call = new WatchCall(this);
  call->ServerCall::Begin(start, true);
  if (start.deadline != kNoTime) start.session->connection().CheckBy(start.deadline);
  return call;
}

void WatchMethod::ForEach(std::function<void(WatchCall&)> visit) {
  loops_.RunOnEach([this, visit = std::move(visit)](int loop) {
    const auto& open = open_[static_cast<size_t>(loop)];
    const std::vector<WatchCall*> now(open.begin(), open.end());
    for (WatchCall* const call : now) visit(*call);
  });
}

}  // namespace roicast
