// A connection: a stream of bytes, what it speaks, and bounds on both directions. Reads as much as is there with one
// system call, and writes all answers to it with another.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/address_turns.h"
#include "server/transport/connection/byte_stream.h"
#include "server/transport/connection/peer_address.h"
#include "server/transport/connection/peer_use.h"
#include "server/transport/connection/protocol.h"
#include "server/transport/connection/read_size.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

// What the connections of a loop share: memory that none of them needs between two turns, and the time of a turn.
struct LoopBuffers {
  explicit LoopBuffers(EventLoop* loop) : addresses(loop) {}

  static constexpr size_t kReadBytes = ReadSize::kMax;
  static constexpr size_t kWriteBytes = size_t{64} << 10;
  std::unique_ptr<char[]> read = std::make_unique<char[]>(kReadBytes + ByteStream::kReadSlack);
  OutputBuffer write{kWriteBytes};
  TurnTime turn;
  AddressTurns addresses;
};

// Lives on its loop, and is used there alone. Deletes itself when it is closed.
class Connection final : public EventLoop::Watcher, private EventLoop::Task, private AddressTurns::Waiter {
 public:
  // What a connection speaks once its stream is open.
  using Speak = std::function<std::unique_ptr<Protocol>(Connection*)>;

  struct Parts {
    EventLoop* loop;
    LoopBuffers* buffers;
    TransportMetrics* metrics;
    // Of the client's address; calls may use it until they leave it.
    PeerUse* use;
    // Outlives the connection.
    const Speak* speak;
    // Told as the last thing before the connection is deleted.
    std::function<void(Connection*)> on_closed;
  };
  struct Limits {
    // How long a client may leave bytes unread before it is cut off.
    absl::Duration write_timeout = absl::Seconds(20);
    // How long it may take until the stream is open.
    absl::Duration handshake_timeout = absl::Seconds(10);
    // How long a piece of the open stream, such as a record of TLS, may take from its beginning to its end.
    absl::Duration piece_timeout = absl::Seconds(10);
  };

  Connection(const Parts& parts, const Limits& limits, std::unique_ptr<ByteStream> stream, PeerAddress from);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to read. False: there was no descriptor for it, and the connection is gone.
  bool Start();

  // As logs name the client, such as "ipv4:127.0.0.1:40000", and as limits count it: see PeerAddress.
  const std::string& peer() const { return from_.peer; }
  const std::string& host() const { return from_.host; }
  PeerUse& use() const { return use_; }
  // Of its requests and answers in memory; small ones do not count. Any thread.
  std::atomic<int64_t>& bytes_held() { return bytes_held_; }
  EventLoop& loop() const { return loop_; }
  TransportMetrics& metrics() const { return metrics_; }

  // Has the protocol produce what it can, at the end of the loop's turn.
  void SendSoon() { loop_.RunSoon(this); }
  // Has the protocol asked whether something is overdue by then at the latest.
  void CheckBy(EventLoop::Clock::time_point when);
  // Takes no new requests, and closes once those under way are answered.
  void Drain();
  // Closes now.
  void Close();
  // Closes now, and counts why.
  void CutOff(Cut why);

 private:
  ~Connection();
  void OnReady(uint32_t events) override;
  // Sends: the task of SendSoon.
  void Run() override;
  // Reads and sends, as an address that waited.
  void OnTurn() override;
  // Reads and sends, and counts the time for the address.
  void Serve();
  void Read();
  // Hands on what came.
  void Receive(const ByteStream::Received& received);
  void Send();
  // Notes whether a piece of the stream has begun that has not ended.
  void NoteTorn(const ByteStream::Received& received);
  // The client does not read.
  void Stall();
  // The stream is open: the protocol begins.
  void Open();
  void Check();
  void UpdateInterest();
  void Linger();

  EventLoop& loop_;
  LoopBuffers& buffers_;
  TransportMetrics& metrics_;
  PeerUse& use_;
  const Speak& speak_;
  const std::function<void(Connection*)> on_closed_;
  const Limits limits_;
  const std::unique_ptr<ByteStream> stream_;
  const PeerAddress from_;
  std::unique_ptr<Protocol> protocol_;
  std::atomic<int64_t> bytes_held_{0};
  EventLoop::Timer check_timer_;
  EventLoop::Clock::time_point check_at_ = EventLoop::Clock::time_point::max();
  EventLoop::Clock::time_point linger_until_;
  // Since when the client has not read.
  EventLoop::Clock::time_point stalled_since_;
  // Since when a piece of the stream is incomplete; max: none is.
  EventLoop::Clock::time_point torn_since_ = EventLoop::Clock::time_point::max();
  ReadSize read_size_;
  uint32_t interest_ = 0;
  // The stream is not open yet.
  bool opening_ = false;
  // Nothing that arrives counts any more.
  bool ending_ = false;
  // The client has closed its direction.
  bool end_of_input_ = false;
  // Our direction is closed, and the client may still read what is on its way.
  bool lingering_ = false;
  bool closed_ = false;
};

}  // namespace roicast
