#include "server/transport/grpc/stream_method.h"

#include <utility>

#include "server/errors/errors.h"

namespace roicast {
namespace {

// Answers below this are not worth compressing; those above take too long for a loop.
constexpr size_t kMinCompressedBytes = 1024;
constexpr size_t kMaxCompressedBytes = size_t{64} << 10;

}  // namespace

void StreamItem::Answer(absl::string_view head, absl::string_view body) {
  EventLoop& loop = call_.loop();
  if (loop.InLoop()) {
    call_.Answered(this, head, body);
    return;
  }
  // The answer may be part of the request.
  std::string answer;
  answer.reserve(head.size() + body.size());
  answer.append(head.data(), head.size());
  answer.append(body.data(), body.size());
  request_.swap(answer);
  loop.Post(this);
}

void StreamItem::Run() {
  const std::string answer = std::move(request_);
  call_.Answered(this, answer, {});
}

StreamCall::StreamCall(StreamMethod* method) : ServerCall(&method->options_.call), method_(*method) {}

void StreamCall::Start(const CallStart& start) {
  Begin(start, false);
  method_.open_[static_cast<size_t>(loop_index())].insert(this);
  const absl::Status status = method_.handler_.Begin(*this);
  begun_ = status.ok();
  if (!begun_) {
    read_all_ = finishing_ = true;
    SendStatusOnly(status);
  }
}

void StreamCall::HoldItem(StreamItem* item, size_t bytes) {
  bytes_ += bytes - item->bytes_;
  item->bytes_ = bytes;
}

bool StreamCall::paused() const {
  return read_all_ || items_.size() >= method_.options_.window ||
         bytes_ + answers_.size() >= method_.options_.window_bytes;
}

void StreamCall::OnMessage(std::string& message) {
  StreamItem& item = items_.emplace_back(this);
  item.request_.swap(message);
  HoldItem(&item, item.request_.size());
  Ref();
  method_.handler_.Handle(item);
}

bool StreamCall::PassOver(const absl::Status& why) {
  StreamItem& item = items_.emplace_back(this);
  Ref();
  method_.handler_.Refuse(item, why);
  return true;
}

void StreamCall::Answered(StreamItem* item, absl::string_view head, absl::string_view body) {
  item->answered_ = true;
  if (open()) {
    // Most answers are the next to go.
    if (item == &items_.front()) {
      const size_t size = head.size() + body.size();
      const bool compress = gzip() && size >= kMinCompressedBytes && size <= kMaxCompressedBytes;
      if (compress) {
        answers_.Add(DeflateGzip(std::string(head) + std::string(body)), {}, true);
      } else {
        answers_.Add(head, body);
      }
      bytes_ -= item->bytes_;
      items_.pop_front();
    } else {
      std::string answer(head);
      answer.append(body.data(), body.size());
      item->request_ = std::move(answer);
      HoldItem(item, item->request_.size());
    }
  }
  Send();
  MaybeFinish();
  Continue();
  Unref();
}

void StreamCall::Send() {
  while (!items_.empty() && items_.front().answered_) {
    StreamItem& item = items_.front();
    if (open()) answers_.Add(item.request_);
    bytes_ -= item.bytes_;
    items_.pop_front();
  }
  if (!open() || answers_.empty()) return;
  if (!CountHeld()) RefuseForMemory();
  if (!headers_sent()) {
    SendHeaders(gzip());
  } else if (std::exchange(waiting_, false)) {
    Resume();
  }
}

void StreamCall::End(const absl::Status& status) {
  if (read_all_) return;
  read_all_ = true;
  final_status_ = status;
  MaybeFinish();
}

void StreamCall::MaybeFinish() {
  if (!read_all_ || !items_.empty() || finishing_) return;
  finishing_ = true;
  if (!open()) {
    final_status_ = ClientDisconnected();
  } else if (!headers_sent()) {
    SendStatusOnly(final_status_);
  } else if (std::exchange(waiting_, false)) {
    Resume();
  }
  if (std::exchange(begun_, false)) method_.handler_.End(*this, final_status_);
}

size_t StreamCall::ReadBody(char* to, size_t room, Next* next) {
  const bool was_paused = paused();
  const size_t size = answers_.Read(to, room);
  if (!answers_.empty()) {
    *next = Next::kMore;
  } else if (finishing_) {
    *next = Next::kTrailers;
    SendTrailers(final_status_);
  } else {
    *next = Next::kWait;
    waiting_ = size == 0;
  }
  // Not from here: nghttp2 is at work.
  if (was_paused && !paused() && !std::exchange(will_continue_, true)) {
    Ref();
    loop().RunSoon(this);
  }
  return size;
}

void StreamCall::Run() {
  will_continue_ = false;
  Continue();
  Unref();
}

void StreamCall::OnGone() {
  method_.open_[static_cast<size_t>(loop_index())].erase(this);
  answers_.Clear();
  read_all_ = true;
  Send();
  MaybeFinish();
}

void StreamCall::OnUnused() { delete this; }

StreamMethod::StreamMethod(StreamHandler* handler, LoopThreads* loops, const Options& options)
    : handler_(*handler), loops_(*loops), options_(options), open_(static_cast<size_t>(loops->size())) {}

ServerCall* StreamMethod::Begin(const CallStart& start) {
  auto* const call = new StreamCall(this);
  call->Start(start);
  return call;
}

void StreamMethod::EndAll(const absl::Status& status) {
  loops_.RunOnEach([this, status](int loop) {
    const auto& open = open_[static_cast<size_t>(loop)];
    const std::vector<StreamCall*> now(open.begin(), open.end());
    for (StreamCall* const call : now) call->End(status);
  });
}

}  // namespace roicast
