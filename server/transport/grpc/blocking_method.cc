#include "server/transport/grpc/blocking_method.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/errors/errors.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {
namespace {

constexpr size_t kSmallAnswer = size_t{4} << 10;
// Answers below this are not worth compressing.
constexpr size_t kMinCompressedBytes = 1024;

// For ServerCall, which is spared blocks without fields.
const HeaderBlock* OrNone(const HeaderBlock& block) { return block.size() == 0 ? nullptr : &block; }

}  // namespace

BlockingCall::BlockingCall(BlockingMethod* method) : ServerCall(&method->options_.call), method_(*method) {}

void BlockingCall::Start(const CallStart& start) {
  Begin(start, !method_.options_.streams_in);
  held_bytes_ = held_bytes();
  if (method_.options_.streams_in) StartWorker();
}

void BlockingCall::StartWorker() {
  if (std::exchange(has_worker_, true)) return;
  SetArrival();
  Ref();
  const absl::Status started = method_.pool_.Run(host(), [this] { Work(); });
  if (started.ok()) return;
  CountCut(Cut::kSlowCalls);
  method_.refused_(*this, started);
  finished_ = true;
  SendStatusOnly(started);
  Unref();
}

void BlockingCall::Work() {
  EventLoop& on = loop();
  absl::Status status = method_.work_(*this);
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
    if (!ended_early_) status_ = std::move(status);
    incoming_.clear();
    incoming_bytes_ = 0;
    if (!std::exchange(awake_, true)) on.Post(this);
  }
  // Last, and apart from Run: whoever deletes the call must not meet this thread in its mutex.
  RunOnLoop(on, [this] { Unref(); });
}

absl::Duration BlockingCall::Patience() const {
  if (deadline() == std::chrono::steady_clock::time_point::max()) return absl::InfiniteDuration();
  return absl::FromChrono(deadline() - std::chrono::steady_clock::now());
}

absl::Duration BlockingCall::ReadPatience() const { return std::min(Patience(), method_.options_.call.body_timeout); }

bool BlockingCall::Read(std::string* message, bool* was_compressed) {
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !CannotRead(); };
  if (!changed_.Await(mutex_, ReadPatience(), ready)) {
    read_all_ = true;
    read_error_ =
        expired() ? absl::DeadlineExceededError("the deadline passed before the request was complete")
                  : absl::DeadlineExceededError(absl::StrCat("the request: expected its next message within ",
                                                             absl::FormatDuration(method_.options_.call.body_timeout),
                                                             ", and none came (the server's --body_timeout)"));
    return false;
  }
  if (incoming_.empty()) return false;
  *message = std::move(incoming_.front().bytes);
  if (was_compressed != nullptr) *was_compressed = incoming_.front().was_compressed;
  incoming_.pop_front();
  const bool was_full = incoming_bytes_ >= method_.options_.window_bytes;
  incoming_bytes_ -= message->size();
  if (was_full && incoming_bytes_ < method_.options_.window_bytes && !std::exchange(awake_, true)) loop().Post(this);
  return true;
}

absl::Status BlockingCall::ReadError() const {
  absl::MutexLock lock(&mutex_);
  return read_error_;
}

bool BlockingCall::CannotWrite() const {
  return answers_.size() >= method_.options_.window_bytes && !gone_ && !ended_early_;
}

bool BlockingCall::Compresses(size_t bytes, Compression compression) const {
  switch (compression) {
    case Compression::kAsClient:
      return gzip() && bytes >= kMinCompressedBytes;
    case Compression::kNone:
      return false;
    case Compression::kGzip:
      return method_.options_.gzip && takes_gzip();
  }
  return false;
}

bool BlockingCall::MayCompress() const { return gzip() || (method_.options_.gzip && takes_gzip()); }

bool BlockingCall::Write(std::string message, Compression compression) {
  const bool compress = Compresses(message.size(), compression);
  if (compress) message = DeflateGzip(message);
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !CannotWrite(); };
  if (!changed_.Await(mutex_, Patience(), ready) || gone_ || ended_early_) return false;
  if (!Keep(message.size())) return false;
  answers_.Add(message, {}, compress);
  if (!std::exchange(awake_, true)) loop().Post(this);
  return true;
}

absl::Status BlockingCall::WriteError() const {
  absl::MutexLock lock(&mutex_);
  return write_error_;
}

void BlockingCall::EndEarly(const absl::Status& status) {
  Cancel();
  absl::MutexLock lock(&mutex_);
  if (done_ || ended_early_) return;
  ended_early_ = true;
  status_ = read_error_ = status;
  read_all_ = true;
  incoming_.clear();
  incoming_bytes_ = 0;
  changed_.Notify();
  if (!std::exchange(awake_, true)) loop().Post(this);
}

absl::Status BlockingCall::EndedEarly() const {
  absl::MutexLock lock(&mutex_);
  return ended_early_ ? status_ : absl::OkStatus();
}

bool BlockingCall::Keep(size_t bytes) {
  const auto more = static_cast<int64_t>(bytes);
  const HeldLimits& limits = method_.options_.call.held;
  // Small answers do not go beyond the limits by much: there is one for each call.
  if (bytes < kSmallAnswer) {
    held_bytes_.TakeAnyway(more);
  } else if (const HeldBytes::Outcome outcome = held_bytes_.Take(more, true, limits);
             outcome.exceeded != HeldBytes::Limit::kNone) {
    write_error_ = held_bytes_.Refuse(outcome, limits);
    return false;
  }
  kept_ += bytes;
  return true;
}

void BlockingCall::LetGo(size_t bytes) {
  const size_t gone = std::min(bytes, kept_);
  kept_ -= gone;
  // Nothing is kept once the client is gone, and then its connection may be, too.
  if (gone > 0) held_bytes_.GiveBack(static_cast<int64_t>(gone));
}

void BlockingCall::AddHeader(absl::string_view name, absl::string_view value) {
  absl::MutexLock lock(&mutex_);
  answer_headers_.Add(name, value);
}

void BlockingCall::AddTrailer(absl::string_view name, absl::string_view value) {
  absl::MutexLock lock(&mutex_);
  answer_trailers_.Add(name, value);
}

void BlockingCall::Run() {
  bool has_answers = false;
  bool done = false;
  {
    absl::MutexLock lock(&mutex_);
    awake_ = false;
    has_answers = !answers_.empty();
    done = (done_ || ended_early_) && !finished_;
  }
  Continue();
  if (open() && has_answers) {
    if (!headers_sent()) {
      absl::MutexLock lock(&mutex_);
      SendHeaders(MayCompress(), OrNone(answer_headers_));
    } else if (std::exchange(waiting_, false)) {
      Resume();
    }
  }
  if (!done) return;
  finished_ = true;
  if (open()) {
    if (!headers_sent()) {
      absl::MutexLock lock(&mutex_);
      SendStatusOnly(status_, OrNone(answer_headers_), OrNone(answer_trailers_));
    } else if (std::exchange(waiting_, false)) {
      Resume();
    }
  }
}

void BlockingCall::OnMessage(std::string& message) {
  absl::MutexLock lock(&mutex_);
  incoming_bytes_ += message.size();
  incoming_.push_back({std::move(message), message_was_compressed()});
  changed_.Notify();
}

bool BlockingCall::paused() const {
  absl::MutexLock lock(&mutex_);
  return method_.options_.streams_in && incoming_bytes_ >= method_.options_.window_bytes;
}

size_t BlockingCall::holding() const {
  absl::MutexLock lock(&mutex_);
  return incoming_bytes_;
}

void BlockingCall::OnRequestEnd() {
  {
    absl::MutexLock lock(&mutex_);
    read_all_ = true;
    changed_.Notify();
  }
  StartWorker();
}

void BlockingCall::OnUnreadable(const absl::Status& why) {
  {
    absl::MutexLock lock(&mutex_);
    read_all_ = true;
    read_error_ = why;
    changed_.Notify();
  }
  // It counts and is logged like any other.
  StartWorker();
}

void BlockingCall::OnGone() {
  absl::MutexLock lock(&mutex_);
  gone_ = true;
  changed_.Notify();
  answers_.Clear();
  LetGo(kept_);
  if (!read_all_) read_error_ = absl::CancelledError("the client disconnected");
}

void BlockingCall::OnUnused() { delete this; }

size_t BlockingCall::ReadBody(char* to, size_t room, Next* next) {
  absl::MutexLock lock(&mutex_);
  const size_t size = answers_.Read(to, room);
  changed_.Notify();
  // With the five bytes in front of each message, which do not count.
  LetGo(answers_.empty() ? kept_ : size);
  if (!answers_.empty()) {
    *next = Next::kMore;
  } else if (finished_) {
    *next = Next::kTrailers;
    SendTrailers(status_, OrNone(answer_trailers_));
  } else {
    *next = Next::kWait;
    waiting_ = size == 0;
  }
  return size;
}

BlockingMethod::BlockingMethod(Work work, WorkerPool* pool, const Options& options, Refused refused)
    : work_(std::move(work)), pool_(*pool), options_(options), refused_(std::move(refused)) {}

ServerCall* BlockingMethod::Begin(const CallStart& start) {
  auto* const call = new BlockingCall(this);
  call->Start(start);
  return call;
}

}  // namespace roicast
