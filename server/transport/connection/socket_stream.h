// The bytes of a socket as they are.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/byte_stream.h"

namespace roicast {

// One system call for each Read, Write and Flush.
class SocketStream final : public ByteStream {
 public:
  // Takes the socket. The metrics outlive the stream.
  SocketStream(int fd, TransportMetrics* metrics) : fd_(fd), metrics_(*metrics) {}
  ~SocketStream() override;
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  int fd() const override { return fd_; }
  bool open() const override { return true; }
  Received Read(char* to, size_t most) override;
  bool Write(absl::string_view bytes) override;
  size_t unsent() const override { return unsent_.size(); }
  bool Flush() override;
  bool EndWriting() override;

 private:
  // Takes off what the socket took. False: the connection is gone.
  bool Send(absl::string_view* bytes);
  void Keep(std::string bytes);

  const int fd_;
  TransportMetrics& metrics_;
  std::string unsent_;
};

}  // namespace roicast
