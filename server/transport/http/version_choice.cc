#include "server/transport/http/version_choice.h"

#include <algorithm>

#include "server/transport/http/http_requests.h"

namespace roicast {
namespace {

constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

VersionChoice::VersionChoice(Connection* connection, HttpRequests* requests)
    : connection_(*connection),
      requests_(*requests),
      due_(EventLoop::Clock::now() + absl::ToChronoNanoseconds(requests->limits().preface_timeout)) {}

bool VersionChoice::Receive(absl::string_view bytes) {
  if (chosen_ != nullptr) return chosen_->Receive(bytes);
  first_.append(bytes.data(), bytes.size());
  const size_t size = std::min(first_.size(), kPreface.size());
  const bool is_preface = kPreface.substr(0, size) == absl::string_view(first_).substr(0, size);
  if (is_preface && size < kPreface.size()) return true;
  chosen_ = is_preface ? requests_.SpeakHttp2(&connection_) : requests_.SpeakHttp1(&connection_);
  // It has deadlines of its own.
  connection_.CheckBy(EventLoop::Clock::now());
  std::string first;
  first.swap(first_);
  return chosen_->Receive(first);
}

void VersionChoice::Produce(OutputBuffer& out) {
  if (chosen_ != nullptr) chosen_->Produce(out);
}

void VersionChoice::Drain() {
  draining_ = true;
  if (chosen_ != nullptr) chosen_->Drain();
}

std::optional<Cut> VersionChoice::Overdue(EventLoop::Clock::time_point now, EventLoop::Clock::time_point* next) {
  if (chosen_ != nullptr) return chosen_->Overdue(now, next);
  *next = due_;
  if (now >= due_) return Cut::kPreface;
  return std::nullopt;
}

void VersionChoice::OnClosed() {
  if (chosen_ != nullptr) chosen_->OnClosed();
}

}  // namespace roicast
