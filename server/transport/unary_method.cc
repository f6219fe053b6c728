#include "server/transport/unary_method.h"

#include <utility>

namespace roicast {
namespace {

// Idle calls beyond this number are freed, so that a burst does not keep its memory.
constexpr size_t kMaxFreePerQueue = 256;

}  // namespace

UnaryCall::UnaryCall(UnaryMethod* method, int queue) : method_(method), queue_(queue) {}

bool UnaryCall::expired() const {
  const gpr_timespec deadline = context_->raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return false;
  return gpr_time_cmp(deadline, gpr_now(deadline.clock_type)) <= 0;
}

void UnaryCall::Arm() {
  context_.emplace();
  writer_.emplace(&*context_);
  pending_events_ = 1;
  if (method_->options_.track_cancellation) {
    cancelled_.store(false, std::memory_order_relaxed);
    context_->AsyncNotifyWhenDone(&done_event_);
  }
  grpc::ServerCompletionQueue* const queue = method_->queues_->queue(queue_);
  method_->queues_->Register();
  method_->request_(&*context_, &request_, &*writer_, queue, queue, &arrived_event_);
}

void UnaryCall::OnArrived(bool ok) {
  if (!ok) {  // The server shuts down; a done event never comes for a call that never was.
    Release();
    return;
  }
  if (!method_->stopped_.load(std::memory_order_acquire)) method_->ArmOne(queue_);
  pending_events_ = method_->options_.track_cancellation ? 2 : 1;
  arrival_ = std::chrono::steady_clock::now();
  method_->handler_->Handle(*this);
}

void UnaryCall::Finish(const grpc::Status& status, const grpc::ByteBuffer& response) {
  if (status.ok()) {
    writer_->Finish(response, status, &finished_event_);
  } else {
    writer_->FinishWithError(status, &finished_event_);
  }
}

void UnaryCall::OnFinished(bool) {
  if (--pending_events_ == 0) Release();
}

void UnaryCall::OnDone(bool) {
  if (context_->IsCancelled()) cancelled_.store(true, std::memory_order_relaxed);
  if (--pending_events_ == 0) Release();
}

void UnaryCall::Release() {
  writer_.reset();
  context_.reset();
  request_.Clear();
  CompletionQueues* const queues = method_->queues_;
  method_->Recycle(this);
  queues->Unregister();
}

UnaryMethod::UnaryMethod(RequestFunction request, UnaryHandler* handler, CompletionQueues* queues,
                         const Options& options)
    : request_(std::move(request)), handler_(handler), queues_(queues), options_(options) {
  free_.resize(static_cast<size_t>(queues->size()));
}

UnaryMethod::~UnaryMethod() = default;

void UnaryMethod::Arm() {
  for (int queue = 0; queue < queues_->size(); ++queue) {
    for (int i = 0; i < options_.armed_per_queue; ++i) (new UnaryCall(this, queue))->Arm();
  }
}

void UnaryMethod::ArmOne(int queue) {
  auto& free = free_[static_cast<size_t>(queue)];
  if (free.empty()) {
    (new UnaryCall(this, queue))->Arm();
    return;
  }
  UnaryCall* const call = free.back().release();
  free.pop_back();
  call->Arm();
}

void UnaryMethod::Recycle(UnaryCall* call) {
  std::unique_ptr<UnaryCall> owned(call);
  auto& free = free_[static_cast<size_t>(call->queue_)];
  if (free.size() < kMaxFreePerQueue) free.push_back(std::move(owned));
}

}  // namespace roicast
