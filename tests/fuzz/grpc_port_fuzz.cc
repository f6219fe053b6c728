// Fuzz target: what a client may send to the gRPC port, against two methods that echo.
//
// The first byte: 1: without a preface and SETTINGS of its own, these come first; 2: the client hangs up at the end;
// otherwise it ends its side and reads the answers. The second byte: the rest is sent in pieces of so many bytes; 0: at
// once.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/socket_stream.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/grpc/stream_method.h"
#include "server/transport/grpc/unary_method.h"
#include "server/transport/http2/http2_session.h"
#include "server/transport/loop/event_loop.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {
namespace {

// A message that begins with 'e' is an error; one that begins with 'l' is answered later.
class Echo final : public UnaryHandler, public StreamHandler {
 public:
  using UnaryHandler::Refuse;

  void Handle(UnaryCall& call) override {
    std::string answer(call.request());
    const absl::Status status = answer.starts_with('e') ? absl::InvalidArgumentError(answer) : absl::OkStatus();
    if (answer.starts_with('l')) {
      calls_.push_back(&call);
    } else {
      call.Finish(status, answer);
    }
  }

  absl::Status Begin(const StreamCall& call) override {
    ++streams_;
    if (call.metadata("refuse").empty()) return absl::OkStatus();
    --streams_;
    return absl::FailedPreconditionError("refused");
  }
  void Handle(StreamItem& item) override {
    if (absl::StartsWith(item.request(), "l")) {
      items_.push_back(&item);
    } else {
      item.Answer(item.request());
    }
  }
  void Refuse(StreamItem& item, const absl::Status& why) override { item.Answer(why.message()); }
  void End(const StreamCall&, const absl::Status&) override { --streams_; }

  void AnswerLate() {
    for (UnaryCall* const call : std::exchange(calls_, {})) {
      late_ = "late";
      call->Finish(absl::OkStatus(), late_);
    }
    for (StreamItem* const item : std::exchange(items_, {})) item->Answer("late");
  }
  int streams() const { return streams_; }

 private:
  std::vector<UnaryCall*> calls_;
  std::vector<StreamItem*> items_;
  std::string late_;
  int streams_ = 0;
};

// The client: sends a piece in each turn of the loop, reads what comes, and stops the loop when the connection is gone.
class Client final : public EventLoop::Task {
 public:
  Client(EventLoop* loop, Echo* echo, int fd, std::string bytes, size_t piece, bool hangs_up)
      : loop_(*loop), echo_(*echo), fd_(fd), bytes_(std::move(bytes)), piece_(piece), hangs_up_(hangs_up) {}

  void ConnectionClosed() { closed_ = true; }

  void Run() override {
    char buffer[1 << 16];
    while (recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT) > 0) {
    }
    const size_t part = std::min(piece_, bytes_.size() - sent_);
    if (part > 0) {
      const ssize_t count = send(fd_, bytes_.data() + sent_, part, MSG_DONTWAIT | MSG_NOSIGNAL);
      sent_ += count > 0 ? static_cast<size_t>(count) : 0;
    }
    ++turn_;
    if (turn_ % 3 == 0 || closed_) echo_.AnswerLate();
    if (sent_ == bytes_.size() && !closed_ && !ended_ && turn_ % 3 == 0) {
      ended_ = true;
      shutdown(fd_, hangs_up_ ? SHUT_RDWR : SHUT_WR);
    }
    // Once more after it is closed, for what was posted by the late answers.
    if (closed_ && std::exchange(last_turn_, true)) {
      loop_.Stop();
    } else {
      loop_.Post(this);
    }
  }

 private:
  EventLoop& loop_;
  Echo& echo_;
  const int fd_;
  const std::string bytes_;
  const size_t piece_;
  const bool hangs_up_;
  size_t sent_ = 0;
  int turn_ = 0;
  bool ended_ = false;
  bool closed_ = false;
  bool last_turn_ = false;
};

// What lives as long as a server.
struct Port {
  Echo echo;
  TransportMetrics metrics;
  LoopThreads threads{1};
  PeerUse use;
  UnaryMethod unary;
  StreamMethod stream;
  GrpcRequests requests;
  Http2Limits limits;

  Port() : unary(&echo, Calls(), 1), stream(&echo, &threads, {.call = Calls(), .window = 4, .window_bytes = 4096}) {
    requests.Add("/u", &unary);
    requests.Add("/s", &stream);
    limits.max_streams = 8;
    limits.max_header_bytes = 512;
    limits.stream_window = 4096;
  }
  static CallOptions Calls() {
    CallOptions options;
    options.max_request_bytes = 2048;
    options.held.max_bytes = 16384;
    options.held.max_bytes_per_connection = 12288;
    options.max_calls_per_peer = 6;
    return options;
  }
};

void Converse(const uint8_t* data, size_t size) {
  static Port& port = *new Port();
  const uint8_t flags = size > 0 ? data[0] : 0;
  const size_t piece = size > 1 && data[1] != 0 ? data[1] : SIZE_MAX;
  std::string bytes;
  if ((flags & 1) == 0) {
    constexpr absl::string_view kOpening("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    bytes.append(kOpening.data(), kOpening.size());
  }
  if (size > 2) bytes.append(reinterpret_cast<const char*>(data) + 2, size - 2);

  int fds[2];
  ROICAST_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  auto loop = EventLoop::Make(0);
  ROICAST_CHECK(loop.ok());
  LoopBuffers buffers(loop->get());
  Client client(loop->get(), &port.echo, fds[1], std::move(bytes), piece, (flags & 2) != 0);
  const Connection::Speak speak = [](Connection* connection) {
    return std::make_unique<Http2Session>(connection, &port.requests, &port.limits);
  };
  const Connection::Parts parts = {.loop = loop->get(),
                                   .buffers = &buffers,
                                   .metrics = &port.metrics,
                                   .use = &port.use,
                                   .speak = &speak,
                                   .on_closed = [&client](Connection*) { client.ConnectionClosed(); }};
  auto* const connection =
      new Connection(parts, Connection::Limits(), std::make_unique<SocketStream>(fds[0], &port.metrics),
                     PeerAddress{"fuzz:1", "fuzz"});
  connection->Start();
  (*loop)->Post(&client);
  (*loop)->Run();
  close(fds[1]);

  // Nothing is left of the connection, whatever was sent.
  ROICAST_CHECK((*loop)->residents() == 0);
  ROICAST_CHECK(port.echo.streams() == 0);
  ROICAST_CHECK(port.metrics.connections.load() == 0);
  ROICAST_CHECK(port.metrics.streams.load() == 0);
  ROICAST_CHECK(port.metrics.bytes_held.load() == 0);
  ROICAST_CHECK(port.use.streams.load() == 0);
  ROICAST_CHECK(port.use.calls.load() == 0);
}

}  // namespace
}  // namespace roicast

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  roicast::Converse(data, size);
  return 0;
}
