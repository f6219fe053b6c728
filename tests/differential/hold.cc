#include "tests/differential/hold.h"

#include <fcntl.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "tests/differential/loopback.h"

namespace roicast {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);
constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr int64_t kFirstWindow = 65535;

bool IsHeaderBlock(const RawFrame& frame) {
  return frame.type == NGHTTP2_HEADERS || frame.type == NGHTTP2_CONTINUATION;
}

// Calls set(id, value) for each setting.
void ForEachSetting(absl::string_view payload, const std::function<void(uint32_t id, uint32_t value)>& set) {
  for (; payload.size() >= 6; payload.remove_prefix(6)) {
    set(ReadNumber(payload.substr(0, 2)), ReadNumber(payload.substr(2, 4)));
  }
}

class Client {
 public:
  Client(const Conversation& conversation, int port)
      : conversation_(conversation), fd_(ConnectToLoopback(port)), streams_(conversation.calls.size()) {
    ROICAST_CHECK(::fcntl(fd_, F_SETFL, O_NONBLOCK) == 0);
    ROICAST_CHECK(nghttp2_hd_inflate_new(&inflater_) == 0);
  }
  ~Client() {
    nghttp2_hd_inflate_del(inflater_);
    ::close(fd_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  HeldConversation Hold() {
    for (const Conversation::Step& step : conversation_.steps) Send(step);
    Await([this] { return std::all_of(streams_.begin(), streams_.end(), [](const auto& s) { return s.complete(); }); });
    HeldConversation held;
    for (const Stream& stream : streams_) held.calls.push_back(stream.answer.Finish(!stream.complete()));
    held.broken = broken_ || goaway_;
    held.violation = violation_;
    return held;
  }

 private:
  struct Stream {
    Answer answer;
    // The client has reset it.
    bool reset = false;
    // DATA that the client may send, and the server: beyond initial_window_ and widest_window_.
    int64_t window = 0;
    int64_t answer_window = 0;

    bool complete() const { return reset || answer.complete(); }
  };

  void Send(const Conversation::Step& step) {
    const RawFrame& frame = step.frame;
    if (frame.type == NGHTTP2_DATA) AwaitWindow(frame);
    NoteSent(frame);
    const std::string bytes = frame.Bytes();
    out_ += bytes;
    in_block_ = IsHeaderBlock(frame) && !frame.has(NGHTTP2_FLAG_END_HEADERS);
    if (step.cut != Conversation::kTogether) {
      kept_ = bytes.size() - step.cut;
      Await([this] { return out_.size() == kept_; });
      kept_ = 0;
    }
    if (step.awaits_answers) {
      Await([this] { return pings_.empty() && settings_ == 0; });
    }
  }

  // Where the server has no use for the stream any more, only the connection's window counts.
  void AwaitWindow(const RawFrame& frame) {
    const auto size = static_cast<int64_t>(frame.payload.size());
    Stream& stream = StreamOf(frame.stream);
    Await([&] { return window_ >= size && (stream.answer.complete() || initial_window_ + stream.window >= size); });
    window_ -= size;
    stream.window -= size;
  }

  // What the server may do from now on, and has to.
  void NoteSent(const RawFrame& frame) {
    switch (frame.type) {
      case NGHTTP2_RST_STREAM:
        StreamOf(frame.stream).reset = true;
        break;
      case NGHTTP2_PING:
        pings_.push_back(frame.payload);
        break;
      case NGHTTP2_SETTINGS:
        ++settings_;
        ForEachSetting(frame.payload, [this](uint32_t id, uint32_t value) {
          if (id == NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) widest_window_ = std::max<int64_t>(widest_window_, value);
        });
        break;
      case NGHTTP2_WINDOW_UPDATE:
        (frame.stream == 0 ? answer_window_ : StreamOf(frame.stream).answer_window) += ReadNumber(frame.payload);
        break;
      default:
        break;
    }
  }

  // Writes and reads until `done`; broken_: it cannot be, or not in time.
  void Await(const std::function<bool()>& done) {
    while (!broken_ && !done()) {
      // Not within a frame, nor within a header block.
      if (kept_ == 0 && !in_block_) out_ += std::exchange(replies_, {});
      const short writes = out_.size() > kept_ ? POLLOUT : 0;
      pollfd ready{fd_, static_cast<short>(POLLIN | writes), 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now());
      if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
        broken_ = true;
        return;
      }
      if ((ready.revents & POLLOUT) != 0) Write();
      if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) Read();
    }
  }

  void Write() {
    const ssize_t count = ::send(fd_, out_.data(), out_.size() - kept_, MSG_NOSIGNAL);
    if (count > 0) out_.erase(0, static_cast<size_t>(count));
    if (count < 0 && errno != EAGAIN) broken_ = true;
  }

  void Read() {
    char bytes[1 << 16];
    const ssize_t count = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      broken_ = true;
      return;
    }
    in_.append(bytes, static_cast<size_t>(count));
    absl::string_view left = in_;
    while (const std::optional<RawFrame> frame = TakeFrame(&left)) OnFrame(*frame);
    in_.erase(0, in_.size() - left.size());
  }

  void OnFrame(const RawFrame& frame) {
    if (frame.stream != 0 && (frame.stream % 2 == 0 || static_cast<size_t>(frame.stream / 2) >= streams_.size())) {
      return Violates(frame, "no stream of the client's");
    }
    switch (frame.type) {
      case NGHTTP2_DATA:
        return OnData(frame);
      case NGHTTP2_HEADERS:
      case NGHTTP2_CONTINUATION:
        return OnHeaders(frame);
      case NGHTTP2_RST_STREAM:
        return StreamOf(frame.stream).answer.OnReset(ReadNumber(frame.payload));
      case NGHTTP2_SETTINGS:
        return OnSettings(frame);
      case NGHTTP2_PING:
        return OnPing(frame);
      case NGHTTP2_GOAWAY:
        goaway_ = true;
        return;
      case NGHTTP2_WINDOW_UPDATE:
        (frame.stream == 0 ? window_ : StreamOf(frame.stream).window) += ReadNumber(frame.payload);
        return;
      default:
        return;
    }
  }

  void OnData(const RawFrame& frame) {
    Stream& stream = StreamOf(frame.stream);
    if (frame.has(NGHTTP2_FLAG_PADDED)) return Violates(frame, "padding, which neither server is known to send");
    if (stream.answer.ended()) return Violates(frame, "a frame behind the end of its stream");
    const auto size = static_cast<int64_t>(frame.payload.size());
    answer_window_ -= size;
    stream.answer_window -= size;
    if (answer_window_ < 0) return Violates(frame, "more than the connection's window");
    if (widest_window_ + stream.answer_window < 0) return Violates(frame, "more than the stream's window");
    stream.answer.OnData(frame.payload);
    if (frame.has(NGHTTP2_FLAG_END_STREAM)) stream.answer.OnEndStream();
  }

  void OnHeaders(const RawFrame& frame) {
    Stream& stream = StreamOf(frame.stream);
    if (frame.type == NGHTTP2_HEADERS) {
      if (frame.has(NGHTTP2_FLAG_PADDED | NGHTTP2_FLAG_PRIORITY)) {
        return Violates(frame, "padding or a priority, which neither server is known to send");
      }
      if (stream.answer.ended()) return Violates(frame, "a frame behind the end of its stream");
      block_.clear();
      block_ends_stream_ = frame.has(NGHTTP2_FLAG_END_STREAM);
    }
    block_ += frame.payload;
    if (!frame.has(NGHTTP2_FLAG_END_HEADERS)) return;
    if (!Inflate(stream.answer)) return Violates(frame, "a header block that cannot be read");
    if (block_ends_stream_) stream.answer.OnEndStream();
  }

  bool Inflate(Answer& answer) {
    absl::string_view left = block_;
    for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
      nghttp2_nv field;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags,
                                                  reinterpret_cast<const uint8_t*>(left.data()), left.size(), 1);
      if (used < 0) return false;
      left.remove_prefix(static_cast<size_t>(used));
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
      answer.OnHeader({reinterpret_cast<const char*>(field.name), field.namelen},
                      {reinterpret_cast<const char*>(field.value), field.valuelen});
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return true;
  }

  void OnSettings(const RawFrame& frame) {
    if (!frame.has(NGHTTP2_FLAG_ACK)) {
      ForEachSetting(frame.payload, [this](uint32_t id, uint32_t value) {
        if (id == NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) initial_window_ = value;
      });
      replies_ += RawFrame{NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, {}}.Bytes();
      return;
    }
    // The table of HPACK stays as large as it was: gRPC's server does not say when it takes a smaller one.
    if (settings_-- == 0) return Violates(frame, "no SETTINGS to acknowledge");
  }

  void OnPing(const RawFrame& frame) {
    if (!frame.has(NGHTTP2_FLAG_ACK)) {
      replies_ += RawFrame{NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, frame.payload}.Bytes();
      return;
    }
    if (pings_.empty() || pings_.front() != frame.payload) return Violates(frame, "not the data of the next PING");
    pings_.pop_front();
  }

  // Nothing that comes afterwards can be relied on.
  void Violates(const RawFrame& frame, absl::string_view what) {
    violation_ = absl::StrCat(frame.ToString(), ": ", what);
    broken_ = true;
  }

  Stream& StreamOf(int32_t id) { return streams_[static_cast<size_t>(id / 2)]; }

  using Clock = std::chrono::steady_clock;
  const Conversation& conversation_;
  const int fd_;
  const Clock::time_point until_ = Clock::now() + kPatience;
  std::vector<Stream> streams_;
  bool broken_ = false;
  bool goaway_ = false;
  std::string violation_;

  // To be written, but for the last kept_ bytes.
  std::string out_ = kPreface;
  size_t kept_ = 0;
  // A header block has begun and not ended.
  bool in_block_ = false;
  // Answers to the server's PING and SETTINGS, which wait for their place in out_.
  std::string replies_;
  // Without an answer: PINGs, by their data, and SETTINGS.
  std::deque<std::string> pings_;
  int settings_ = 0;

  // As the server has set them, for the client; then as the client has, for the server.
  int64_t window_ = kFirstWindow;
  int64_t initial_window_ = kFirstWindow;
  int64_t answer_window_ = kFirstWindow;
  int64_t widest_window_ = kFirstWindow;

  // Read, and not a frame yet.
  std::string in_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string block_;
  bool block_ends_stream_ = false;
};

}  // namespace

HeldConversation Hold(const Conversation& conversation, int port) { return Client(conversation, port).Hold(); }

}  // namespace roicast
