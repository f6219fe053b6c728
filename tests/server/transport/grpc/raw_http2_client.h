// A client of the gRPC port that sends exactly the frames it is given, and reads what comes frame by frame.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/testing/read_socket.h"

namespace roicast::testing {

class RawHttp2Client {
 public:
  struct Frame {
    int type;
    int flags;
    int32_t stream;
    std::string body;

    bool acknowledges() const { return (flags & NGHTTP2_FLAG_ACK) != 0; }
  };
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Sends the preface and SETTINGS with this body.
  explicit RawHttp2Client(int port, const std::string& settings = "")
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // Nothing here takes as long; a test that waits for nothing has to end.
    const timeval patience = {60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    // What is written in pieces is sent in pieces.
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(nghttp2_hd_inflate_new(&inflater_), 0);
    Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    Send(NGHTTP2_SETTINGS, 0, 0, settings);
  }
  ~RawHttp2Client() {
    nghttp2_hd_inflate_del(inflater_);
    ::close(socket_);
  }
  RawHttp2Client(const RawHttp2Client&) = delete;
  RawHttp2Client& operator=(const RawHttp2Client&) = delete;

  // The body has less than 64 KiB.
  static std::string FrameBytes(int type, int flags, int32_t stream, const std::string& body) {
    std::string frame = {0, static_cast<char>(body.size() >> 8), static_cast<char>(body.size()),
                         static_cast<char>(type), static_cast<char>(flags)};
    for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(stream >> shift);
    return frame + body;
  }
  void Send(int type, int flags, int32_t stream, const std::string& body) {
    Write(FrameBytes(type, flags, stream, body));
  }
  void Write(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }

  // The headers of a call, with or instead of the usual ones, as a block that HPACK can read. An empty value: without
  // that header.
  static std::string BlockOf(const std::string& path, const Headers& more = {}) {
    std::map<std::string, std::string> fields = {{"content-type", "application/grpc"}, {"te", "trailers"}};
    for (const auto& [name, value] : more) fields[name] = value;
    std::string block;
    const auto add = [&block](const std::string& name, const std::string& value) {
      if (value.empty()) return;
      block += '\0';  // A literal without compression.
      for (const std::string& text : {name, value}) {
        block += static_cast<char>(text.size());
        block += text;
      }
    };
    add(":method", "POST");
    add(":scheme", "http");
    add(":path", path);
    add(":authority", "x");
    for (const auto& [name, value] : fields) add(name, value);
    return block;
  }
  void BeginCall(int32_t stream, const std::string& path, const Headers& more = {}) {
    Send(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, stream, BlockOf(path, more));
  }
  // A whole call with an empty message.
  void Call(int32_t stream, const std::string& path, const Headers& more = {}) {
    BeginCall(stream, path, more);
    Send(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, stream, std::string(5, '\0'));
  }
  // So that what was sent before has been read, once the server answers. Passes over other frames, and returns them.
  std::vector<Frame> AwaitPing() {
    Send(NGHTTP2_PING, 0, 0, "are you?");
    std::vector<Frame> before;
    while (std::optional<Frame> frame = Next()) {
      if (frame->type == NGHTTP2_PING && frame->acknowledges()) return before;
      before.push_back(*std::move(frame));
    }
    ADD_FAILURE() << "the server has closed the connection";
    return before;
  }

  // nullopt: the server has closed the connection.
  std::optional<Frame> Next() {
    const std::string head = Read(9);
    if (head.size() < 9) return std::nullopt;
    const auto number = [&head](size_t at, size_t bytes) {
      uint32_t value = 0;
      for (size_t i = at; i < at + bytes; ++i) value = value << 8 | static_cast<uint8_t>(head[i]);
      return value;
    };
    Frame frame{static_cast<int>(number(3, 1)), static_cast<int>(number(4, 1)), static_cast<int32_t>(number(5, 4)), ""};
    frame.body = Read(number(0, 3));
    if (frame.type == NGHTTP2_HEADERS) Inflate(frame);
    return frame;
  }
  // The next one of this type that acknowledges nothing. Passes over others, whose effects stay.
  std::optional<Frame> NextOf(int type) {
    std::optional<Frame> frame = Next();
    while (frame.has_value() && (frame->type != type || frame->acknowledges())) frame = Next();
    return frame;
  }
  // Reads until the call has ended, and returns its grpc-status; empty: it was reset, or the connection was closed.
  std::string StatusOf(int32_t stream) {
    while (statuses_.count(stream) == 0) {
      const std::optional<Frame> frame = Next();
      if (!frame.has_value() || (frame->type == NGHTTP2_RST_STREAM && frame->stream == stream)) return "";
    }
    return statuses_[stream];
  }
  // The status of calls that have ended so far.
  const std::map<int32_t, std::string>& statuses() const { return statuses_; }

 private:
  std::string Read(size_t size) { return testing::ReadSocket(socket_, size); }
  // Keeps the status that it has.
  void Inflate(const Frame& frame) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(frame.body.data());
    size_t left = frame.body.size();
    for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
      nghttp2_nv field;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, bytes, left, 1);
      ASSERT_GE(used, 0);
      bytes += used;
      left -= static_cast<size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
      const absl::string_view name(reinterpret_cast<const char*>(field.name), field.namelen);
      if (name != "grpc-status") continue;
      statuses_[frame.stream].assign(reinterpret_cast<const char*>(field.value), field.valuelen);
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  const int socket_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::map<int32_t, std::string> statuses_;
};

// The number that bytes begin with.
inline uint32_t NumberOf(const std::string& bytes, size_t at = 0) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes.at(i));
  return value;
}

}  // namespace roicast::testing
