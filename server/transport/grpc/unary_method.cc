#include "server/transport/grpc/unary_method.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "server/errors/errors.h"
#include "server/transport/grpc/answer_queue.h"

namespace roicast {
namespace {

// Unused calls beyond this number are freed, so that a burst does not keep its memory.
constexpr size_t kMaxFreePerLoop = 256;
// Memory of a request or an answer that a call keeps for the next one.
constexpr size_t kKeepBytes = size_t{16} << 10;
// Answers below this are not worth compressing; those above take too long for a loop.
constexpr size_t kMinCompressedBytes = 1024;
constexpr size_t kMaxCompressedOnLoop = size_t{64} << 10;

}  // namespace

UnaryCall::UnaryCall(UnaryMethod* method) : ServerCall(&method->options_), method_(*method) {}

void UnaryCall::OnMessage(std::string& message) {
  if (std::exchange(has_request_, true)) {
    OnUnreadable(absl::UnimplementedError("the request: expected one message, got more"));
    return;
  }
  request_.swap(message);
}

void UnaryCall::OnRequestEnd() {
  SetArrival();
  if (!has_request_) {
    OnUnreadable(absl::UnimplementedError("the request: expected one message, got none"));
    return;
  }
  if (const int64_t limit = method_.options_.max_calls_per_peer; !PeerUse::Enter(peer_use().calls, limit)) {
    CountCut(Cut::kPeerCalls);
    OnUnreadable(ServerOverloaded("calls in flight of one address", limit, limit + 1));
    return;
  }
  use_ = &peer_use();
  with_handler_ = true;
  Ref();
  method_.handler_.Handle(*this);
  // The session refers to the call at least until it sends the answer, so it is still there.
  lent_ = with_handler_;
  if (lent_) loop().Lend();
}

void UnaryCall::OnUnreadable(const absl::Status& why) {
  if (with_handler_ || headers_sent()) return;
  SetArrival();
  with_handler_ = true;
  Ref();
  method_.handler_.Refuse(*this, why);
}

void UnaryCall::Finish(const absl::Status& status, std::string& response) {
  status_ = status;
  if (status.ok()) {
    response_.swap(response);
  } else {
    response_.clear();
  }
  const bool on_loop = loop().InLoop();
  // Giving tens of megabytes back takes milliseconds. Until Run, the loop asks nothing of the request.
  if (!on_loop && request_.capacity() > kKeepBytes) std::string().swap(request_);
  compressed_ =
      gzip() && response_.size() >= kMinCompressedBytes && (!on_loop || response_.size() <= kMaxCompressedOnLoop);
  if (compressed_) response_ = DeflateGzip(response_);
  if (on_loop) {
    Run();
  } else {
    loop().Post(this);
  }
}

void UnaryCall::Finish(const absl::Status& error) {
  std::string none;
  Finish(error, none);
}

void UnaryCall::Run() {
  if (std::exchange(lent_, false)) loop().Return();
  with_handler_ = false;
  request_.clear();
  // The answer may wait long for its client.
  if (request_.capacity() > kKeepBytes) std::string().swap(request_);
  if (open()) Answer();
  if (!open() && in_flight_ != nullptr) std::exchange(in_flight_, nullptr)->Leave();
  Unref();
}

void UnaryCall::Answer() {
  if (!status_.ok()) {
    SendStatusOnly(status_);
    return;
  }
  WritePrefix(compressed_, response_.size(), prefix_);
  written_ = 0;
  if (!CountHeld()) {
    std::string().swap(response_);
    SendStatusOnly(TooMuchHeld());
    return;
  }
  SendHeaders(compressed_);
}

size_t UnaryCall::ReadBody(char* to, size_t room, Next* next) {
  size_t size = 0;
  if (written_ < sizeof(prefix_)) {
    size = std::min(room, sizeof(prefix_) - written_);
    std::memcpy(to, prefix_ + written_, size);
    written_ += size;
    if (written_ < sizeof(prefix_)) {
      *next = Next::kMore;
      return size;
    }
  }
  const size_t offset = written_ - sizeof(prefix_);
  const size_t part = std::min(room - size, response_.size() - offset);
  std::memcpy(to + size, response_.data() + offset, part);
  written_ += part;
  size += part;
  if (written_ < sizeof(prefix_) + response_.size()) {
    *next = Next::kMore;
  } else {
    *next = Next::kTrailers;
    SendTrailers(absl::OkStatus());
  }
  return size;
}

void UnaryCall::OnGone() {
  // Work for a client that is gone counts until it ends.
  if (!with_handler_ && in_flight_ != nullptr) std::exchange(in_flight_, nullptr)->Leave();
}

size_t UnaryCall::holding() const {
  // The memory of an answer comes from the handler, and may be twice as large. That of a small one does not count, so
  // that Predict is answered whatever else is held.
  return request_.size() + (response_.size() < kMinCompressedBytes ? response_.size() : response_.capacity());
}

void UnaryCall::OnUnused() {
  if (use_ != nullptr) std::exchange(use_, nullptr)->calls.fetch_sub(1, std::memory_order_relaxed);
  method_.Recycle(this);
}

UnaryMethod::UnaryMethod(UnaryHandler* handler, const CallOptions& options, int loops)
    : handler_(*handler), options_(options) {
  ROICAST_CHECK(loops >= 1);
  free_.resize(static_cast<size_t>(loops));
}

UnaryMethod::~UnaryMethod() = default;

ServerCall* UnaryMethod::Begin(const CallStart& start) {
  auto& free = free_[static_cast<size_t>(start.session->loop().index())];
  UnaryCall* call = nullptr;
  if (free.empty()) {
    call = new UnaryCall(this);
  } else {
    call = free.back().release();
    free.pop_back();
  }
  call->has_request_ = false;
  call->ServerCall::Begin(start, true);
  return call;
}

void UnaryMethod::Recycle(UnaryCall* call) {
  std::unique_ptr<UnaryCall> owned(call);
  if (call->request_.capacity() > kKeepBytes) std::string().swap(call->request_);
  if (call->response_.capacity() > kKeepBytes) std::string().swap(call->response_);
  auto& free = free_[static_cast<size_t>(call->loop_index())];
  if (free.size() < kMaxFreePerLoop) free.push_back(std::move(owned));
}

}  // namespace roicast
