#include "server/transport/http/http_exchange.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_room.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {
namespace {

// Below this nothing counts as held: connections are limited, and so is this.
constexpr size_t kSmallBytes = size_t{4} << 10;
// Where all clients hold what they may: an address may still hold the limit divided by this, and all such addresses
// together as much beyond the limit.
constexpr int64_t kSpare = 8;
// What a request takes by itself, with the handler's part.
constexpr int64_t kBytesOfExchange = 1 << 10;

HttpResponse TooMuchHeld() { return PlainText(503, "the server holds too much for other clients: try again later"); }

}  // namespace

std::shared_ptr<HttpExchange> HttpExchange::Make(const Parts& parts) {
  return {new HttpExchange(parts), [](HttpExchange* exchange) {
            // A handler's thread may be the last to let go of it.
            EventLoop& loop = *exchange->parts_.loop;
            if (loop.InLoop()) {
              delete exchange;
            } else {
              RunOnLoop(loop, [exchange] { delete exchange; });
            }
          }};
}

HttpExchange::HttpExchange(const Parts& parts) : parts_(parts), sink_(parts.sink) {
  parts_.loop->Enter();
  Count(kBytesOfExchange);
}

HttpExchange::~HttpExchange() {
  Release(headers_held_);
  Release(body_held_);
  Release(response_held_);
  Count(0);
  parts_.loop->Leave();
}

void HttpExchange::Count(int64_t bytes) {
  parts_.metrics->http_bytes.fetch_add(bytes - std::exchange(counted_, bytes), std::memory_order_relaxed);
}

void HttpExchange::DropRequest() {
  request_ = HttpRequest();
  Release(headers_held_);
  Release(body_held_);
  Count(kBytesOfExchange);
}

void HttpExchange::Release(Held& held) {
  if (held.of_address == 0) return;
  const Held released = std::exchange(held, {});
  parts_.metrics->http_bytes.fetch_sub(released.in_all, std::memory_order_relaxed);
  // Afterwards it may be gone.
  parts_.use->bytes_held.fetch_sub(released.of_address, std::memory_order_relaxed);
}

bool HttpExchange::Hold(size_t bytes, Held& held, bool shared) {
  if (bytes < kSmallBytes) return true;
  const int64_t more = static_cast<int64_t>(bytes) - held.of_address;
  const int64_t more_in_all = shared ? 0 : more;
  // Whoever made a shared body has counted it already: an address may have one, whatever its size.
  const int64_t counted = shared ? static_cast<int64_t>(bytes) : 0;
  const int64_t of_all = parts_.metrics->http_bytes.load(std::memory_order_relaxed) - counted + more_in_all;
  const int64_t of_address = parts_.use->bytes_held.load(std::memory_order_relaxed) + more;
  const int64_t limit = parts_.limits->max_bytes_held;
  // What one address holds does not shut out others.
  if (const int64_t spare = std::max(limit / kSpare, counted);
      of_all > limit && (of_address > spare || of_all > limit + spare)) {
    parts_.metrics->Count(Cut::kBytesHeld);
    return false;
  }
  parts_.metrics->http_bytes.fetch_add(more_in_all, std::memory_order_relaxed);
  parts_.use->bytes_held.fetch_add(more, std::memory_order_relaxed);
  held.in_all += more_in_all;
  held.of_address += more;
  return true;
}

bool HttpExchange::HoldHeaders() {
  const size_t bytes = request_.headers.memory() + request_.path.capacity() + request_.query.capacity();
  if (request_.headers.bytes() + request_.path.size() + request_.query.size() < kSmallBytes) {
    Count(kBytesOfExchange + static_cast<int64_t>(bytes));
    return true;
  }
  if (!Hold(bytes, headers_held_)) return false;
  if (HasRoomBesidePredictions(*parts_.limits->memory, 0)) return true;
  parts_.metrics->Count(Cut::kBytesHeld);
  return false;
}

bool HttpExchange::Route(uint64_t content_length) {
  if (!HoldHeaders()) {
    Refuse(TooMuchHeld());
    return false;
  }
  HttpResponse refusal;
  route_ = parts_.routes->Find(request_.method, request_.path, &refusal);
  if (route_ == nullptr) {
    Refuse(std::move(refusal));
    return false;
  }
  if (content_length > route_->max_body_bytes) {
    parts_.metrics->Count(Cut::kMessageBytes);
    Refuse(PlainText(413,
                     absl::StrCat("body: expected at most ", route_->max_body_bytes, " bytes, got ", content_length)));
    return false;
  }
  return true;
}

bool HttpExchange::AddBody(absl::string_view bytes) {
  if (answered_) return false;
  if (request_.body.size() + bytes.size() > route_->max_body_bytes) {
    parts_.metrics->Count(Cut::kMessageBytes);
    Refuse(PlainText(413, absl::StrCat("body: expected at most ", route_->max_body_bytes, " bytes, got more")));
    return false;
  }
  if (!Hold(request_.body.size() + bytes.size(), body_held_)) {
    Refuse(TooMuchHeld());
    return false;
  }
  request_.body.append(bytes.data(), bytes.size());
  return true;
}

void HttpExchange::Run(const std::shared_ptr<HttpExchange>& self) {
  if (self->answered_) return;
  self->is_head_ = self->request_.method == "HEAD";
  self->route_->handler(self->request_, HttpResponder(self));
  self->DropRequest();
}

void HttpExchange::Refuse(HttpResponse response) {
  if (answered_) return;
  is_head_ = request_.method == "HEAD";
  Deliver(std::move(response));
  DropRequest();
}

void HttpExchange::Detach() {
  sink_ = nullptr;
  gone_.store(true, std::memory_order_relaxed);
  DropRequest();
  // Its stream may refer to the exchange.
  const HttpResponse dropped = std::move(response_);
  Release(response_held_);
}

void HttpExchange::Deliver(HttpResponse response) {
  if (std::exchange(answered_, true) || sink_ == nullptr) return;
  if (!Hold(response.bytes().size(), response_held_, response.shared_body != nullptr)) {
    response = TooMuchHeld();
  }
  response_ = std::move(response);
  sink_->OnAnswer();
}

void HttpExchange::Answer(const std::shared_ptr<HttpExchange>& self, HttpResponse response) {
  if (self->parts_.loop->InLoop()) {
    self->Deliver(std::move(response));
    return;
  }
  const auto kept = std::make_shared<HttpResponse>(std::move(response));
  RunOnLoop(*self->parts_.loop, [self, kept] { self->Deliver(std::move(*kept)); });
}

void HttpExchange::Resume(const std::shared_ptr<HttpExchange>& self) {
  RunOnLoop(*self->parts_.loop, [self] {
    if (self->sink_ != nullptr) self->sink_->OnResume();
  });
}

struct HttpResponder::Shared {
  explicit Shared(std::shared_ptr<HttpExchange> given) : exchange(std::move(given)) {}
  ~Shared() {
    if (!answered.exchange(true)) HttpExchange::Answer(exchange, PlainText(500, "the handler gave no answer"));
  }
  const std::shared_ptr<HttpExchange> exchange;
  std::atomic<bool> answered{false};
};

HttpResponder::HttpResponder(std::shared_ptr<HttpExchange> exchange)
    : shared_(std::make_shared<Shared>(std::move(exchange))) {}

void HttpResponder::Answer(HttpResponse response) const {
  if (!shared_->answered.exchange(true)) HttpExchange::Answer(shared_->exchange, std::move(response));
}

void HttpResponder::Resume() const { HttpExchange::Resume(shared_->exchange); }

bool HttpResponder::gone() const { return shared_->exchange->gone(); }
}  // namespace roicast
