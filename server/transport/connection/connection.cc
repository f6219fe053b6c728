#include "server/transport/connection/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace roicast {

using Clock = EventLoop::Clock;

namespace {

// What all connections read in one turn of their loop; small calls in 256 KiB take some 5 ms.
constexpr size_t kReadBytesPerTurn = size_t{256} << 10;

}  // namespace

namespace {

constexpr auto kLinger = std::chrono::milliseconds(100);
constexpr auto kUnreadLinger = std::chrono::seconds(2);

}  // namespace

Connection::Connection(const Parts& parts, const Limits& limits, int fd, std::string peer)
    : loop_(*parts.loop),
      buffers_(*parts.buffers),
      metrics_(*parts.metrics),
      use_(*parts.use),
      on_closed_(parts.on_closed),
      limits_(limits),
      fd_(fd),
      peer_(std::move(peer)),
      check_timer_(parts.loop, [this] { Check(); }) {
  metrics_.connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  metrics_.connections.fetch_sub(1, std::memory_order_relaxed);
  metrics_.bytes_held.fetch_sub(static_cast<int64_t>(unsent_.size()), std::memory_order_relaxed);
  close(fd_);
}

bool Connection::Start(std::unique_ptr<Protocol> protocol) {
  protocol_ = std::move(protocol);
  interest_ = EPOLLIN;
  if (!loop_.Watch(fd_, interest_, this).ok()) {
    interest_ = 0;
    CutOff(Cut::kDescriptors);
    return false;
  }
  Check();
  SendSoon();
  return true;
}

void Connection::OnReady(uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0) {
    Close();
    return;
  }
  if ((events & EPOLLIN) != 0) Read();
  if (!closed_) Send();
}

void Connection::Read() {
  // Many that send much take their turns in small steps, for others wait meanwhile.
  const size_t share = kReadBytesPerTurn / static_cast<size_t>(std::max(loop_.ready(), 1));
  const ssize_t count = recv(fd_, buffers_.read.get(), read_size_.Next(share), 0);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) Close();
    return;
  }
  if (count == 0) {
    // Whoever has finished sending may still read what has been answered.
    ending_ = end_of_input_ = true;
    if (lingering_) Close();
    return;
  }
  if (ending_) return;
  metrics_.bytes_received.fetch_add(count, std::memory_order_relaxed);
  const absl::string_view bytes(buffers_.read.get(), static_cast<size_t>(count));
  if (ReadSize::IsSmall(bytes.size())) {
    ending_ = !protocol_->Receive(bytes);
    return;
  }
  const Clock::time_point begin = Clock::now();
  ending_ = !protocol_->Receive(bytes);
  read_size_.Took(bytes.size(), Clock::now() - begin);
}

void Connection::Run() {
  if (closed_) {
    delete this;
    return;
  }
  Send();
}

bool Connection::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) {
        Close();
        return false;
      }
      break;
    }
    metrics_.bytes_sent.fetch_add(count, std::memory_order_relaxed);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  if (bytes.empty()) return true;
  metrics_.write_stalls.fetch_add(1, std::memory_order_relaxed);
  metrics_.bytes_held.fetch_add(static_cast<int64_t>(bytes.size()) - static_cast<int64_t>(unsent_.size()),
                                std::memory_order_relaxed);
  // `bytes` may be the end of what was unsent already.
  unsent_ = std::string(bytes);
  return false;
}

void Connection::Send() {
  if (lingering_) return;
  if (!unsent_.empty()) {
    const std::string before = std::move(unsent_);
    unsent_.clear();
    metrics_.bytes_held.fetch_sub(static_cast<int64_t>(before.size()), std::memory_order_relaxed);
    const bool all = Write(before);
    if (closed_) return;
    if (unsent_.size() < before.size()) stalled_since_ = loop_.now();
    if (!all) {
      UpdateInterest();
      return;
    }
  }
  OutputBuffer& out = buffers_.write;
  while (true) {
    out.Clear();
    protocol_->Produce(out);
    if (out.empty()) break;
    if (!Write(out.view())) {
      if (closed_) return;
      stalled_since_ = loop_.now();
      CheckBy(stalled_since_ + absl::ToChronoNanoseconds(limits_.write_timeout));
      break;
    }
  }
  if (unsent_.empty() && (protocol_->finished() || (ending_ && !protocol_->busy()))) {
    Linger();
    return;
  }
  UpdateInterest();
}

// A socket that is closed while something arrives is reset, and the client may lose what it has not read yet.
void Connection::Linger() {
  if (end_of_input_ || shutdown(fd_, SHUT_WR) != 0) {
    Close();
    return;
  }
  ending_ = lingering_ = true;
  linger_until_ = loop_.now() + (protocol_->unread() ? kUnreadLinger : kLinger);
  CheckBy(linger_until_);
  UpdateInterest();
}

void Connection::UpdateInterest() {
  // What a client does not read stays where it is, and then so does what it sends.
  const uint32_t reads = protocol_->busy() ? 0U : uint32_t{EPOLLIN};
  const uint32_t wanted = unsent_.empty() ? reads : uint32_t{EPOLLOUT};
  if (wanted == interest_) return;
  interest_ = wanted;
  loop_.Change(fd_, interest_, this);
}

void Connection::CheckBy(Clock::time_point when) {
  if (when >= check_at_) return;
  check_at_ = when;
  check_timer_.Set(when);
}

void Connection::Check() {
  check_at_ = Clock::time_point::max();
  const Clock::time_point now = std::max(loop_.now(), Clock::now());
  if (lingering_) {
    if (now >= linger_until_) {
      Close();
    } else {
      CheckBy(linger_until_);
    }
    return;
  }
  if (!unsent_.empty()) {
    const Clock::time_point limit = stalled_since_ + absl::ToChronoNanoseconds(limits_.write_timeout);
    if (now >= limit) {
      CutOff(Cut::kWrite);
      return;
    }
    CheckBy(limit);
  }
  Clock::time_point next = Clock::time_point::max();
  if (const std::optional<Cut> overdue = protocol_->Overdue(now, &next); overdue.has_value()) {
    CutOff(*overdue);
    return;
  }
  CheckBy(next);
  SendSoon();
}

void Connection::Drain() {
  if (closed_) return;
  protocol_->Drain();
  SendSoon();
}

void Connection::CutOff(Cut why) {
  metrics_.Count(why);
  Close();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  loop_.Unwatch(fd_, this);
  check_timer_.Cancel();
  protocol_->OnClosed();
  if (on_closed_) on_closed_(this);
  // Its own methods may be running: Run deletes it.
  SendSoon();
}

}  // namespace roicast
