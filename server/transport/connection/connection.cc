#include "server/transport/connection/connection.h"

#include <algorithm>
#include <utility>

namespace roicast {

using Clock = EventLoop::Clock;

namespace {

// What all connections read in one turn of their loop; small calls in 256 KiB take some 5 ms.
constexpr size_t kReadBytesPerTurn = size_t{256} << 10;
// However many take their turns.
constexpr size_t kLeastShare = size_t{4} << 10;
// Of bytes that cost little whatever they are.
constexpr size_t kLeastCheapRead = size_t{16} << 10;

constexpr auto kLinger = std::chrono::milliseconds(100);
constexpr auto kUnreadLinger = std::chrono::seconds(2);

// What a connection speaks until its stream is open: nothing.
class Opening final : public Protocol {
 public:
  explicit Opening(Clock::time_point due) : due_(due) {}
  bool Receive(absl::string_view) override { return true; }
  void Produce(OutputBuffer&) override {}
  bool finished() const override { return draining_; }
  void Drain() override { draining_ = true; }
  std::optional<Cut> Overdue(Clock::time_point now, Clock::time_point* next) override {
    *next = due_;
    return now >= due_ ? std::optional<Cut>(Cut::kHandshake) : std::nullopt;
  }
  void OnClosed() override {}

 private:
  const Clock::time_point due_;
  bool draining_ = false;
};

}  // namespace

Connection::Connection(const Parts& parts, const Limits& limits, std::unique_ptr<ByteStream> stream, PeerAddress from)
    : loop_(*parts.loop),
      buffers_(*parts.buffers),
      metrics_(*parts.metrics),
      use_(*parts.use),
      speak_(*parts.speak),
      on_closed_(parts.on_closed),
      limits_(limits),
      stream_(std::move(stream)),
      from_(std::move(from)),
      check_timer_(parts.loop, [this] { Check(); }) {
  metrics_.connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() { metrics_.connections.fetch_sub(1, std::memory_order_relaxed); }

bool Connection::Start() {
  if (stream_->open()) {
    protocol_ = speak_(this);
  } else {
    protocol_ = std::make_unique<Opening>(Clock::now() + absl::ToChronoNanoseconds(limits_.handshake_timeout));
    opening_ = true;
  }
  interest_ = EPOLLIN;
  if (!loop_.Watch(stream_->fd(), interest_, this).ok()) {
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
  AddressTurns& addresses = buffers_.addresses;
  if ((events & EPOLLIN) == 0 || !addresses.crowded()) {
    if ((events & EPOLLIN) != 0) Read();
    if (!closed_) Send();
    return;
  }
  if (addresses.MayGoOn(use_)) {
    Serve();
    return;
  }
  addresses.Wait(use_, this);
  UpdateInterest();
}

void Connection::OnTurn() {
  UpdateInterest();
  Serve();
}

void Connection::Serve() {
  const Clock::time_point begin = Clock::now();
  Read();
  if (!closed_) Send();
  buffers_.addresses.Spend(use_, Clock::now() - begin);
}

void Connection::Open() {
  opening_ = false;
  const bool draining = protocol_->finished();
  protocol_ = speak_(this);
  if (draining) protocol_->Drain();
  // It has deadlines of its own.
  CheckBy(Clock::now());
}

void Connection::Read() {
  // Many that send much take their turns in small steps, for others wait meanwhile.
  const size_t share = kReadBytesPerTurn / static_cast<size_t>(std::max(loop_.ready(), 1));
  buffers_.turn.Begin(loop_.now());
  // Handshakes have a limit of their own, and what is thrown away costs nothing: in small pieces both would only last.
  const bool is_cheap = opening_ || ending_;
  const size_t most = is_cheap ? std::clamp(share, kLeastCheapRead, ReadSize::kMax)
                               : read_size_.Next(std::max(share, kLeastShare), buffers_.turn.share());
  const ByteStream::Received received = stream_->Read(buffers_.read.get(), most);
  // The stream may have had to answer by itself.
  if (stream_->unsent() > 0) Stall();
  const bool opened = opening_ && stream_->open();
  if (opened) Open();
  if (!ending_ && !closed_) Receive(received);
  if (closed_) return;
  if (opened || received.taken > 0) NoteTorn(received);
  switch (received.input) {
    case ByteStream::Input::kOpen:
      return;
    case ByteStream::Input::kEnded:
      // Whoever has finished sending may still read what has been answered.
      ending_ = end_of_input_ = true;
      if (lingering_) Close();
      return;
    case ByteStream::Input::kBroken:
      Close();
      return;
    case ByteStream::Input::kRefused:
      metrics_.Count(received.cut);
      Linger();
      return;
  }
}

void Connection::NoteTorn(const ByteStream::Received& received) {
  if (!received.torn) {
    torn_since_ = Clock::time_point::max();
  } else if (received.ended_another || torn_since_ == Clock::time_point::max()) {
    torn_since_ = loop_.now();
    CheckBy(torn_since_ + absl::ToChronoNanoseconds(limits_.piece_timeout));
  }
}

void Connection::Receive(const ByteStream::Received& received) {
  // What means nothing to the protocol may have been work for the stream.
  const size_t came = std::max(received.size, received.taken);
  if (came == 0) return;
  const absl::string_view bytes(buffers_.read.get(), received.size);
  const auto hand_on = [&] {
    if (!bytes.empty() && !protocol_->Receive(bytes)) ending_ = true;
  };
  if (ReadSize::IsSmall(came)) {
    read_size_.TookSmall();
    hand_on();
    return;
  }
  const Clock::time_point begin = Clock::now();
  hand_on();
  const std::chrono::nanoseconds took = received.took + (Clock::now() - begin);
  read_size_.Took(came, took);
  buffers_.turn.Spend(took);
}

void Connection::Run() {
  if (closed_) {
    delete this;
    return;
  }
  Send();
}

void Connection::Send() {
  if (lingering_) return;
  if (const size_t before = stream_->unsent(); before > 0) {
    if (!stream_->Flush()) {
      Close();
      return;
    }
    if (stream_->unsent() < before) stalled_since_ = loop_.now();
    if (stream_->unsent() > 0) {
      UpdateInterest();
      return;
    }
  }
  OutputBuffer& out = buffers_.write;
  while (true) {
    out.Clear();
    protocol_->Produce(out);
    if (closed_) return;
    if (out.empty()) break;
    if (!stream_->Write(out.view())) {
      Close();
      return;
    }
    if (stream_->unsent() > 0) {
      Stall();
      break;
    }
  }
  if (stream_->unsent() == 0 && (protocol_->finished() || (ending_ && !protocol_->busy()))) {
    Linger();
    return;
  }
  UpdateInterest();
}

void Connection::Stall() {
  stalled_since_ = loop_.now();
  CheckBy(stalled_since_ + absl::ToChronoNanoseconds(limits_.write_timeout));
}

// A socket that is closed while something arrives is reset, and the client may lose what it has not read yet.
void Connection::Linger() {
  if (end_of_input_ || !stream_->EndWriting()) {
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
  // Nor does one that waits for its turn have to say so again.
  const uint32_t reads = protocol_->busy() || waits() ? 0U : uint32_t{EPOLLIN};
  const uint32_t wanted = stream_->unsent() == 0 || lingering_ ? reads : uint32_t{EPOLLOUT};
  if (wanted == interest_) return;
  interest_ = wanted;
  loop_.Change(stream_->fd(), interest_, this);
}

void Connection::CheckBy(Clock::time_point when) {
  if (closed_ || when >= check_at_) return;
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
  if (stream_->unsent() > 0) {
    const Clock::time_point limit = stalled_since_ + absl::ToChronoNanoseconds(limits_.write_timeout);
    if (now >= limit) {
      CutOff(Cut::kWrite);
      return;
    }
    CheckBy(limit);
  }
  if (torn_since_ != Clock::time_point::max()) {
    // Nobody can send the rest of it while it is not read.
    if ((interest_ & EPOLLIN) == 0) torn_since_ = now;
    const Clock::time_point limit = torn_since_ + absl::ToChronoNanoseconds(limits_.piece_timeout);
    if (now >= limit) {
      CutOff(Cut::kRecord);
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
  loop_.Unwatch(stream_->fd(), this);
  buffers_.addresses.Forget(this);
  check_timer_.Cancel();
  protocol_->OnClosed();
  if (on_closed_) on_closed_(this);
  // Its own methods may be running: Run deletes it.
  SendSoon();
}

}  // namespace roicast
