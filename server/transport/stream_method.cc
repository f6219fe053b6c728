#include "server/transport/stream_method.h"

#include <utility>

namespace roicast {

void StreamItem::Answer(grpc::ByteBuffer response) { call_->Answered(this, &response); }

StreamCall::StreamCall(StreamMethod* method, int queue) : method_(method), queue_(queue) {
  context_.AsyncNotifyWhenDone(&done_event_);
}

bool StreamCall::expired() const {
  const gpr_timespec deadline = context_.raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return false;
  return gpr_time_cmp(deadline, gpr_now(deadline.clock_type)) <= 0;
}

void StreamCall::Arm() {
  references_.store(1, std::memory_order_relaxed);
  method_->queues_->Register();
  grpc::ServerCompletionQueue* const queue = method_->queues_->queue(queue_);
  method_->request_(&context_, &stream_, queue, queue, &arrived_event_);
}

void StreamCall::OnArrived(bool ok) {
  if (!ok) {
    Unref();
    return;
  }
  if (!method_->stopped_.load(std::memory_order_acquire)) (new StreamCall(method_, queue_))->Arm();
  arrival_ = std::chrono::steady_clock::now();
  references_.store(2, std::memory_order_relaxed);  // The done event's, and finishing's.
  const grpc::Status status = method_->handler_->Begin(*this);
  if (!status.ok()) {
    {
      absl::MutexLock lock(&mutex_);
      finishing_ = true;
      ended_ = true;
    }
    refused_ = true;
    stream_.Finish(status, &finished_event_);
    return;
  }
  {
    absl::MutexLock lock(&method_->mutex_);
    method_->open_.insert(this);
  }
  absl::MutexLock lock(&mutex_);
  ReadNext();
}

void StreamCall::Hold(StreamItem* item, size_t bytes) {
  bytes_ += bytes - item->bytes_;
  item->bytes_ = bytes;
}

void StreamCall::PopItem() {
  Hold(&items_.front(), 0);
  items_.pop_front();
}

void StreamCall::ReadNext() {
  const StreamMethod::Options& options = method_->options_;
  if (reading_ || ended_ || items_.size() >= options.window || bytes_ >= options.window_bytes) return;
  reading_ = true;
  references_.fetch_add(1, std::memory_order_relaxed);
  stream_.Read(&incoming_, &read_event_);
}

void StreamCall::OnRead(bool ok) {
  StreamItem* item = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (ok && !ended_) {
      item = &items_.emplace_back(this);
      item->request_.Swap(&incoming_);
      Hold(item, item->request_.Length());
      incoming_.Clear();
      references_.fetch_add(1, std::memory_order_relaxed);
      ReadNext();
    } else if (!ended_) {
      ended_ = true;
    }
    if (item == nullptr) WriteNext();
  }
  if (item != nullptr) method_->handler_->Handle(*item);
  Unref();
}

void StreamCall::Answered(StreamItem* item, grpc::ByteBuffer* response) {
  {
    absl::MutexLock lock(&mutex_);
    item->request_.Clear();
    item->response_.Swap(response);
    item->answered_ = true;
    Hold(item, item->response_.Length());
    ReadNext();
    WriteNext();
  }
  Unref();
}

void StreamCall::WriteNext() {
  if (writing_ || finishing_) return;
  while (broken_ && !items_.empty() && items_.front().answered_) PopItem();
  if (!items_.empty()) {
    if (!items_.front().answered_) return;
    writing_ = true;
    references_.fetch_add(1, std::memory_order_relaxed);
    grpc::WriteOptions options;
    // Answers that follow immediately may share a packet. The first one must not: the initial metadata goes with it,
    // and with a hint to buffer, gRPC may delay both, and with them the event of this write.
    if (metadata_sent_ && items_.size() > 1 && items_[1].answered_) options.set_buffer_hint();
    stream_.Write(items_.front().response_, options, &written_event_);
    return;
  }
  if (!ended_) return;
  finishing_ = true;
  stream_.Finish(final_status_, &finished_event_);
}

void StreamCall::OnWritten(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    metadata_sent_ = true;
    PopItem();
    if (!ok) {
      broken_ = true;
      ended_ = true;
    }
    ReadNext();
    WriteNext();
  }
  Unref();
}

void StreamCall::OnDone(bool) {
  if (context_.IsCancelled()) {
    cancelled_.store(true, std::memory_order_relaxed);
    absl::MutexLock lock(&mutex_);
    broken_ = true;
    ended_ = true;
    WriteNext();
  }
  Unref();
}

void StreamCall::OnFinished(bool) {
  if (!refused_) {
    {
      absl::MutexLock lock(&method_->mutex_);
      method_->open_.erase(this);
    }
    grpc::Status status;
    {
      absl::MutexLock lock(&mutex_);
      status = broken_ ? grpc::Status(grpc::StatusCode::CANCELLED, "client disconnected") : final_status_;
    }
    method_->handler_->End(*this, status);
  }
  Unref();
}

void StreamCall::End(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  ended_ = true;
  final_status_ = status;
  WriteNext();
}

void StreamCall::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  CompletionQueues* const queues = method_->queues_;
  delete this;
  queues->Unregister();
}

StreamMethod::StreamMethod(RequestFunction request, StreamHandler* handler, CompletionQueues* queues,
                           const Options& options)
    : request_(std::move(request)), handler_(handler), queues_(queues), options_(options) {}

void StreamMethod::Arm() {
  for (int queue = 0; queue < queues_->size(); ++queue) {
    for (int i = 0; i < options_.armed_per_queue; ++i) (new StreamCall(this, queue))->Arm();
  }
}

void StreamMethod::EndAll(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  for (StreamCall* const call : open_) call->End(status);
}

}  // namespace roicast
