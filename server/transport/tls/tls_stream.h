// The bytes of a connection over TLS, by OpenSSL. OpenSSL never sees the socket: what comes is read with one system
// call for all records that are there, and what goes is written with another (docs/adr/0091-tls.md).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/byte_stream.h"
#include "server/transport/connection/socket_stream.h"
#include "server/transport/loop/event_loop.h"
#include "server/transport/tls/message_budget.h"
#include "server/transport/tls/record_edge.h"
#include "server/transport/tls/tls_context.h"

namespace roicast {

// What the streams of one loop share: memory that none of them needs between two calls, the time for handshakes, and
// limits.
class TlsBuffers {
 public:
  static constexpr size_t kReadBytes = size_t{256} << 10;
  // Of the processor, in a turn of the loop: about one signature by RSA, or ten by an elliptic curve.
  static constexpr std::chrono::nanoseconds kHandshakeTime = std::chrono::milliseconds(1);

  // Each makes the server compute two keys and answer, some 10 µs; so many are no more than a third of a handshake's
  // signature by RSA. Clients renew their keys once in millions of records.
  static constexpr int kMostMessages = 32;

  struct Limits {
    std::chrono::nanoseconds handshake_time = kHandshakeTime;
    // A second, after the handshake; no more than kMostMessages count.
    int max_messages = kMostMessages;
  };

  TlsBuffers(EventLoop* loop, const Limits& limits)
      : loop_(*loop),
        handshake_time_(limits.handshake_time),
        max_messages_(std::min(limits.max_messages, kMostMessages)) {}

  // Whether one more step of a handshake may be made in this turn of the loop: the first always, others until the time
  // for them is over. What comes then has to wait, so that others' requests need not.
  bool MayShakeHands();
  // A step took so long.
  void ShookHands(std::chrono::nanoseconds time) { spent_ += time; }

 private:
  friend class TlsStream;
  EventLoop& loop_;
  const std::chrono::nanoseconds handshake_time_;
  const int max_messages_;
  std::unique_ptr<char[]> read_ = std::make_unique<char[]>(kReadBytes);
  // For the socket, since the last system call.
  std::string write_;
  EventLoop::Clock::time_point turn_;
  // On handshakes, in that turn.
  std::chrono::nanoseconds spent_{0};
};

class TlsStream final : public ByteStream {
 public:
  // Takes the socket. protocols: kAlpnHttp2 or kAlpnHttp. All that is referred to outlives the stream.
  TlsStream(int fd, TransportMetrics* metrics, std::shared_ptr<const TlsContext> context,
            const absl::string_view* protocols, TlsBuffers* buffers)
      : metrics_(*metrics),
        buffers_(*buffers),
        socket_(fd, metrics),
        context_(std::move(context)),
        protocols_(protocols) {}
  ~TlsStream() override { End(); }
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
  // OpenSSL has read or written a message.
  static void OnMessage(int written, int, int type, const void*, size_t, SSL*, void* self);

  // OpenSSL's object for the connection. Those who say nothing get none.
  void Begin();
  // Frees it.
  void End();
  // What came in `received` is part of a handshake, and of what follows it.
  void GoOn(absl::Span<char> to, Received& received);
  // False: it failed.
  bool ShakeHands();
  // Appends to `received` what the records that came say.
  void Decrypt(absl::Span<char> to, Received& received);
  // The same, with what it took.
  void DecryptAndMeasure(absl::Span<char> to, Received& received);
  // A message came that is none of the protocol's. Too many end the connection.
  void CountMessage();
  // Sends what OpenSSL has to say. False: the connection is gone.
  bool SendWritten();

  TransportMetrics& metrics_;
  TlsBuffers& buffers_;
  SocketStream socket_;
  // Until it begins.
  std::shared_ptr<const TlsContext> context_;
  const absl::string_view* const protocols_;
  UniqueSsl ssl_;
  // What came and OpenSSL has not taken yet; empty between two calls.
  absl::string_view arrived_;
  // After the handshake.
  MessageBudget messages_;
  RecordEdge edge_;
  bool flooded_ = false;
  bool open_ = false;
  // What comes does not count any more: the handshake or a record was wrong, or nothing will be written.
  bool over_ = false;
};

}  // namespace roicast
