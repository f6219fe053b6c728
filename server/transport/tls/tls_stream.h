// The bytes of a connection over TLS, by OpenSSL. OpenSSL never sees the socket: what comes is read with one system
// call for all records that are there, and what goes is written with another (docs/adr/0091-tls.md).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/byte_stream.h"
#include "server/transport/connection/socket_stream.h"
#include "server/transport/loop/event_loop.h"
#include "server/transport/tls/tls_context.h"

namespace roicast {

// What the streams of one loop share: memory that none of them needs between two calls, and the time for handshakes.
class TlsBuffers {
 public:
  static constexpr size_t kReadBytes = size_t{256} << 10;
  static constexpr int kMaxHandshakeSteps = 4;

  // max_handshake_steps: how many steps of handshakes may be made in a turn of the loop.
  explicit TlsBuffers(EventLoop* loop, int max_handshake_steps = kMaxHandshakeSteps)
      : loop_(*loop), max_handshake_steps_(max_handshake_steps) {}

  // Whether one more step may be made in this turn. Each costs up to a millisecond, which others wait for.
  bool MayShakeHands();

 private:
  friend class TlsStream;
  EventLoop& loop_;
  const int max_handshake_steps_;
  std::unique_ptr<char[]> read_ = std::make_unique<char[]>(kReadBytes);
  // For the socket, since the last system call.
  std::string write_;
  EventLoop::Clock::time_point turn_;
  int steps_ = 0;
};

class TlsStream final : public ByteStream {
 public:
  // Takes the socket. protocols: kAlpnHttp2 or kAlpnHttp. The stream keeps what it needs of the context; all others
  // outlive it.
  TlsStream(int fd, TransportMetrics* metrics, const TlsContext& context, const absl::string_view* protocols,
            TlsBuffers* buffers);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  int fd() const override { return socket_.fd(); }
  // The handshake is done.
  bool open() const override { return open_; }
  Received Read(char* to, size_t most) override;
  bool Write(absl::string_view bytes) override;
  size_t unsent() const override { return socket_.unsent(); }
  bool Flush() override { return socket_.Flush(); }
  // By close_notify. Clients that end without it are as welcome: HTTP says by itself where its messages end.
  bool EndWriting() override;

 private:
  // OpenSSL's side of the buffers.
  static BIO_METHOD* Method();
  static int TakeRead(BIO* bio, char* to, int size);
  static int GiveWritten(BIO* bio, const char* bytes, int size);
  static long Control(BIO* bio, int command, long, void*);

  // False: it failed.
  bool ShakeHands();
  // Appends to `received` what the records that came say.
  void Decrypt(absl::Span<char> to, Received& received);
  // Sends what OpenSSL has to say. False: the connection is gone.
  bool SendWritten();

  TransportMetrics& metrics_;
  TlsBuffers& buffers_;
  SocketStream socket_;
  const UniqueSsl ssl_;
  // What came and OpenSSL has not taken yet; empty between two calls.
  absl::string_view arrived_;
  bool open_ = false;
  // What comes does not count any more: the handshake or a record was wrong, or nothing will be written.
  bool over_ = false;
};

}  // namespace roicast
