// What a connection speaks: turns the bytes that arrive into requests, and answers into bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

// Bytes on their way to a socket; of a fixed capacity, so that what a client does not read stays small.
class OutputBuffer {
 public:
  explicit OutputBuffer(size_t capacity) : bytes_(capacity) {}

  size_t room() const { return bytes_.size() - size_; }
  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {bytes_.data(), size_}; }
  void Clear() { size_ = 0; }
  // Needs as much room.
  void Append(absl::string_view bytes) {
    std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // For those who write in place: up to room() bytes at end(), then Advance.
  char* end() { return bytes_.data() + size_; }
  void Advance(size_t bytes) { size_ += bytes; }

 private:
  std::vector<char> bytes_;
  size_t size_ = 0;
};

// Lives on the connection's loop, and is called there alone.
class Protocol {
 public:
  virtual ~Protocol() = default;

  // Takes bytes that arrived; they are valid during the call only. False: nothing more is to be read; the connection
  // closes once what there is to say has been written.
  virtual bool Receive(absl::string_view bytes) = 0;

  // Appends what is to be sent as long as there is room for a whole piece of it. Called again once that is written.
  virtual void Produce(OutputBuffer& out) = 0;

  // Nothing will be sent any more: the connection closes once what was produced is written.
  virtual bool finished() const = 0;

  // An answer is on its way: no more bytes are wanted for now, and the connection stays open although the client has
  // finished sending.
  virtual bool busy() const { return false; }

  // Once finished: the client is still sending, and needs more time than others to read why that is in vain.
  virtual bool unread() const { return false; }

  // Takes no new requests, answers those that it has, and then is finished.
  virtual void Drain() = 0;

  // What is overdue, if anything: then the connection is cut. Sets `next` to the time at which to ask again.
  virtual std::optional<Cut> Overdue(EventLoop::Clock::time_point now, EventLoop::Clock::time_point* next) = 0;

  // The connection is closed or about to be: every request under way is cancelled. Nothing is called afterwards.
  virtual void OnClosed() = 0;
};

}  // namespace roicast
