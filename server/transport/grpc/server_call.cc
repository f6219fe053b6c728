#include "server/transport/grpc/server_call.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {
namespace {

// What may be inflated on the loop: some 100 µs.
constexpr size_t kInflateHere = size_t{64} << 10;
// Messages below this do not count as held: streams are limited, and so are these.
constexpr size_t kCountedBytes = size_t{4} << 10;
constexpr size_t kKeepPending = size_t{4} << 10;
// How often the memory budget is asked as a message grows.
constexpr size_t kBudgetStep = size_t{64} << 10;

using TrailerList = absl::InlinedVector<nghttp2_nv, 6>;

void AddStatus(const StatusHeaders& status, TrailerList& to) {
  to.push_back(StaticHeader("grpc-status", status.code));
  if (!status.message.empty()) to.push_back(CopiedHeader("grpc-message", status.message));
  if (!status.details.empty()) to.push_back(CopiedHeader("grpc-status-details-bin", status.details));
}

void AddFields(const HeaderBlock* fields, TrailerList& to) {
  if (fields == nullptr) return;
  for (size_t i = 0; i < fields->size(); ++i) {
    const HeaderBlock::Field field = (*fields)[i];
    nghttp2_nv header = StaticHeader(field.name, field.value);
    header.flags = NGHTTP2_NV_FLAG_NONE;  // Both are copied.
    to.push_back(header);
  }
}

}  // namespace

CallOptions WithRequestLimit(CallOptions calls, size_t bytes) {
  if (bytes >= calls.max_request_bytes) return calls;
  calls.max_request_bytes = bytes;
  calls.request_limit_name = "request bytes of this method";
  return calls;
}

void ServerCall::Begin(const CallStart& start, bool body_due) {
  session_ = start.session;
  loop_ = &session_->loop();
  stream_id_ = start.stream_id;
  std::swap(headers_, *start.headers);
  peer_ = session_->connection().peer();
  host_ = session_->connection().host();
  arrival_ = loop_->now();
  deadline_ = start.deadline;
  cancelled_.store(false, std::memory_order_relaxed);
  message_broken_.store(false, std::memory_order_relaxed);
  users_ = 1;  // The session.
  loop_->Enter();
  reader_.Begin(message_limit(), start.sends_gzip);
  pending_.clear();
  held_ = inflating_bytes_ = 0;
  sends_gzip_ = start.sends_gzip;
  takes_gzip_ = start.takes_gzip;
  body_due_ = body_due;
  open_ = true;
  inflating_ = half_closed_ = ended_ = refused_ = headers_sent_ = status_sent_ = false;
  if (body_due_) session_->connection().CheckBy(arrival_ + absl::ToChronoNanoseconds(options_.body_timeout));
}

size_t ServerCall::OnData(absl::string_view bytes) {
  const size_t came = bytes.size();
  if (refused_) return came;
  if (pending_.empty() && !inflating_ && !paused()) Parse(&bytes);
  if (refused_ || bytes.empty()) return came;
  pending_.append(bytes.data(), bytes.size());
  if (!CountHeld()) {
    RefuseForMemory();
    return came;
  }
  return came - bytes.size();
}

void ServerCall::Parse(absl::string_view* bytes) {
  parsing_ = true;
  ParseAll(bytes);
  parsing_ = false;
}

void ServerCall::ParseAll(absl::string_view* bytes) {
  while (!refused_ && !inflating_ && !paused()) {
    const absl::StatusOr<bool> complete = reader_.Read(bytes);
    if (!complete.ok()) {
      if (!PassOverTooLarge(complete.status())) return;
      reader_.Skip();
      continue;
    }
    if (!*complete) {
      if (!CountHeld()) RefuseForMemory();
      return;
    }
    message_was_compressed_ = reader_.is_compressed();
    if (message_was_compressed_) {
      const absl::StatusOr<size_t> size = InflatedSize(reader_.message());
      if (size.ok() && *size > kInflateHere && *size <= options_.max_request_bytes) {
        InflateElsewhere(std::move(reader_.message()), *size);
        continue;
      }
      absl::StatusOr<std::string> inflated = InflateGzip(reader_.message(), message_limit());
      if (!inflated.ok()) {
        if (!PassOverTooLarge(inflated.status())) return;
        continue;
      }
      reader_.message() = *std::move(inflated);
    }
    OnMessage(reader_.message());
    if (!refused_ && !CountHeld()) RefuseForMemory();
  }
}

void ServerCall::InflateElsewhere(std::string compressed, size_t size) {
  // Counted before it is there: a thousand messages may wait for a thread.
  inflating_bytes_ = compressed.size() + size;
  if (!CountHeld()) {
    inflating_bytes_ = 0;
    RefuseForMemory();
    return;
  }
  struct Work {
    std::string compressed;
    absl::StatusOr<std::string> inflated;
  };
  auto work = std::make_shared<Work>();
  work->compressed = std::move(compressed);
  const auto inflate = [this, work] {
    work->inflated = cancelled() ? ClientDisconnected() : InflateGzip(work->compressed, message_limit());
    std::string().swap(work->compressed);
  };
  const auto go_on = [this, work] {
    inflating_ = false;
    inflating_bytes_ = 0;
    if (open_ && !refused_) {
      if (work->inflated.ok()) {
        OnMessage(*work->inflated);
        if (!refused_ && !CountHeld()) RefuseForMemory();
      } else {
        Refuse(work->inflated.status());
      }
      Continue();
    }
    Unref();
  };
  inflating_ = true;
  Ref();
  if (options_.offload == nullptr) {
    inflate();
    go_on();
    return;
  }
  const absl::Status started = options_.offload(host(), [inflate, go_on, &loop = *loop_] {
    inflate();
    RunOnLoop(loop, go_on);
  });
  if (started.ok()) return;
  inflating_ = false;
  inflating_bytes_ = 0;
  Refuse(started);
  Unref();
}

void ServerCall::Continue() {
  // While messages are handed on, that goes on by itself.
  if (parsing_ || !open_ || refused_ || inflating_ || paused()) return;
  absl::string_view bytes = pending_;
  Parse(&bytes);
  const size_t parsed = pending_.size() - bytes.size();
  pending_.erase(0, parsed);
  if (pending_.empty() && pending_.capacity() > kKeepPending) std::string().swap(pending_);
  if (open_ && parsed > 0) session_->Consume(stream_id_, parsed);
  MaybeEnd();
}

void ServerCall::MaybeEnd() {
  if (!half_closed_ || ended_ || refused_ || inflating_ || !pending_.empty()) return;
  if (reader_.in_message()) {
    Refuse(absl::InternalError("the request ends within a message"));
    return;
  }
  ended_ = true;
  OnRequestEnd();
}

void ServerCall::OnEnd() {
  half_closed_ = true;
  MaybeEnd();
}

void ServerCall::StopReading() {
  refused_ = true;
  const size_t left = pending_.size();
  pending_.clear();
  if (open_ && left > 0) session_->Consume(stream_id_, left);
}

void ServerCall::Refuse(const absl::Status& why) {
  if (absl::IsInternal(why) && !status_sent_) {
    message_broken_.store(true, std::memory_order_relaxed);
    CountCut(Cut::kBrokenMessage);
  }
  StopReading();
  reader_.Trim();
  OnUnreadable(why);
}

void ServerCall::OnClosed() {
  open_ = false;
  if (!status_sent_) cancelled_.store(true, std::memory_order_relaxed);
  OnGone();
  CountHeld();
  session_ = nullptr;
  Unref();
}

void ServerCall::Unref() {
  if (--users_ > 0) return;
  loop_->Leave();
  // Calls are used again, and may not be for long.
  reader_.Trim();
  if (pending_.capacity() > kKeepPending) std::string().swap(pending_);
  OnUnused();
}

EventLoop::Clock::time_point ServerCall::BodyDue() const {
  if (!body_due_ || half_closed_ || status_sent_) return EventLoop::Clock::time_point::max();
  return arrival_ + absl::ToChronoNanoseconds(options_.body_timeout);
}

void ServerCall::OnBodyOverdue() {
  Refuse(absl::DeadlineExceededError(absl::StrCat("the request: expected all of it within ",
                                                  absl::FormatDuration(options_.body_timeout),
                                                  ", and it is not complete (the server's --body_timeout)")));
}

void ServerCall::CheckHeaders(const absl::Status& readable) {
  if (!readable.ok()) {
    Refuse(readable);
    return;
  }
  if (headers_.bytes() >= kCountedBytes && !CountHeld()) RefuseForMemory();
}

bool ServerCall::CountHeld() {
  size_t bytes = open_ ? holding() + reader_.held() + pending_.size() + inflating_bytes_ : 0;
  if (open_ && headers_.bytes() >= kCountedBytes) bytes += headers_.memory();
  if (bytes < kCountedBytes) bytes = 0;
  if (bytes == held_) return true;
  const int64_t more = static_cast<int64_t>(bytes) - static_cast<int64_t>(held_);
  if (more < 0) {
    held_bytes().GiveBack(-more);
  } else {
    held_outcome_ = held_bytes().Take(more, bytes / kBudgetStep != held_ / kBudgetStep, options_.held);
    if (held_outcome_.exceeded != HeldBytes::Limit::kNone) return false;
  }
  held_ = bytes;
  return true;
}

bool ServerCall::PassOverTooLarge(const absl::Status& why) {
  if (absl::IsResourceExhausted(why)) {
    session_->metrics().Count(Cut::kMessageBytes);
    if (PassOver(why)) return true;
  }
  Refuse(why);
  return false;
}

HeldBytes ServerCall::held_bytes() const {
  Connection& connection = session_->connection();
  return {&connection.metrics(), &connection.use(), &connection.bytes_held()};
}

absl::Status ServerCall::TooMuchHeld() { return held_bytes().Refuse(held_outcome_, options_.held); }

void ServerCall::RefuseForMemory() { Refuse(TooMuchHeld()); }

void ServerCall::SendHeaders(bool gzip, const HeaderBlock* more) {
  if (!open_) return;
  headers_sent_ = true;
  static const nghttp2_nv kHeaders[] = {StaticHeader(":status", "200"),
                                        StaticHeader("content-type", "application/grpc"),
                                        StaticHeader("grpc-encoding", "gzip")};
  const absl::Span<const nghttp2_nv> usual = absl::MakeConstSpan(kHeaders, gzip ? 3 : 2);
  if (more == nullptr) {
    session_->SubmitHeaders(stream_id_, this, usual, true);
    return;
  }
  TrailerList headers(usual.begin(), usual.end());
  AddFields(more, headers);
  session_->SubmitHeaders(stream_id_, this, headers, true);
}

void ServerCall::SendStatusOnly(const absl::Status& status, const HeaderBlock* more, const HeaderBlock* trailers) {
  if (!open_) return;
  status_sent_ = headers_sent_ = true;
  StopReading();
  const StatusHeaders encoded = ToHeaders(status, options_.message_text);
  TrailerList headers = {StaticHeader(":status", "200"), StaticHeader("content-type", "application/grpc")};
  AddFields(more, headers);
  AddStatus(encoded, headers);
  // What a client needs to know whose encoding is not.
  if (absl::IsUnimplemented(status)) headers.push_back(StaticHeader("grpc-accept-encoding", "identity,gzip"));
  AddFields(trailers, headers);
  session_->Answer(stream_id_, headers);
}

void ServerCall::SendTrailers(const absl::Status& status, const HeaderBlock* more) {
  if (!open_) return;
  status_sent_ = true;
  StopReading();
  if (status.ok() && more == nullptr) {
    static const nghttp2_nv kOk[] = {StaticHeader("grpc-status", "0")};
    session_->SubmitTrailers(stream_id_, kOk);
    return;
  }
  const StatusHeaders encoded = ToHeaders(status, options_.message_text);
  TrailerList trailers;
  AddStatus(encoded, trailers);
  AddFields(more, trailers);
  session_->SubmitTrailers(stream_id_, trailers);
}

}  // namespace roicast
