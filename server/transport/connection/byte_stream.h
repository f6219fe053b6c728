// The bytes of a connection as its protocol sees them: those of its socket, or what they mean where they are encrypted.
#pragma once

#include <chrono>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/telemetry/transport_metrics.h"

namespace roicast {

// Has a socket that does not block. Lives on the connection's loop, and is used there alone.
class ByteStream {
 public:
  // What Read may write beyond what it was asked for: the beginning of it had arrived before.
  static constexpr size_t kReadSlack = size_t{32} << 10;

  enum class Input {
    kOpen,     // More may come.
    kEnded,    // The client has finished sending, and may still read.
    kBroken,   // The connection is gone.
    kRefused,  // What came is nothing that this stream takes. What there is to say about it is written.
  };
  struct Received {
    // Bytes of the protocol; 0: none for now.
    size_t size = 0;
    // What follows them.
    Input input = Input::kOpen;
    // Why it is refused, where it is.
    Cut cut = Cut::kTls;
    // Of the socket, where the stream had work with them; and how long that took, unless they were few.
    size_t taken = 0;
    std::chrono::nanoseconds took{};
    // Then: a piece that means nothing before its end has begun, and has not ended; and another one ended before.
    bool torn = false;
    bool ended_another = false;
  };

  virtual ~ByteStream() = default;

  virtual int fd() const = 0;
  // The protocol may begin. Where it may not at once, Read makes it so.
  virtual bool open() const = 0;

  // Takes up to `most` bytes from the socket; `to` has room for kReadSlack more.
  virtual Received Read(char* to, size_t most) = 0;

  // Sends bytes of the protocol, and keeps what the socket does not take. False: the connection is gone.
  virtual bool Write(absl::string_view bytes) = 0;
  // How many bytes are kept.
  virtual size_t unsent() const = 0;
  // Sends more of what is kept. False: the connection is gone.
  virtual bool Flush() = 0;
  // Nothing will be written any more, and the client is told; what it still sends is read to no end. False: the
  // connection is gone.
  virtual bool EndWriting() = 0;
};

}  // namespace roicast
