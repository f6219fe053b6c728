#include "tests/differential/conversation.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "server/transport/grpc/message_reader.h"
#include "tests/differential/echo_servers.h"

namespace roicast {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);
constexpr size_t kMaxPart = 16384;

std::string Framed(absl::string_view message, char flag) {
  std::string framed(1, flag);
  for (int shift = 24; shift >= 0; shift -= 8) framed.push_back(static_cast<char>(message.size() >> shift));
  return absl::StrCat(framed, message);
}

std::string RandomText(std::mt19937_64& random, size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

template <typename T>
const T& OneOf(std::mt19937_64& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

void SetHeader(RawCall& call, absl::string_view name, const std::string& value) {
  for (auto& [known, current] : call.headers) {
    if (known == name) {
      current = value;
      return;
    }
  }
  call.headers.emplace_back(std::string(name), value);
}

void RemoveHeader(RawCall& call, absl::string_view name) {
  std::erase_if(call.headers, [name](const auto& header) { return header.first == name; });
}

// One change of the headers or of the body.
void Mutate(std::mt19937_64& random, RawCall& call, std::string& body) {
  const auto note = [&call](absl::string_view what) { absl::StrAppend(&call.mutations, what, "; "); };
  switch (random() % 20) {
    case 0:
      SetHeader(call, ":path", OneOf<std::string>(random, {"/x", "/", "/grpc.testing.TestService/", "/a/b/c"}));
      return note(absl::StrCat("path ", call.header(":path")));
    case 1:
      SetHeader(call, "content-type",
                OneOf<std::string>(random, {"application/grpc+proto", "application/grpc;v=1", "application/json", "",
                                            "application/grpcx", "Application/gRPC"}));
      return note(absl::StrCat("content-type ", call.header("content-type")));
    case 2:
      RemoveHeader(call, OneOf<std::string>(random, {"te", "content-type", ":authority", "user-agent"}));
      return note("a header less");
    case 3:
      SetHeader(call, ":method", OneOf<std::string>(random, {"GET", "PUT", "post", "OPTIONS"}));
      return note(absl::StrCat("method ", call.header(":method")));
    case 4:
      SetHeader(call, "grpc-timeout",
                OneOf<std::string>(random, {"10S", "1H", "99999999H", "1M", "20000m", "30000000u", "99999999n", "10",
                                            "S", "10s", "-1S", "1 S", "123456789S", "1.5S", ""}));
      return note(absl::StrCat("timeout ", call.header("grpc-timeout")));
    case 5:
      SetHeader(call, "grpc-encoding",
                OneOf<std::string>(random, {"identity", "gzip", "deflate", "snappy", "GZIP", ""}));
      return note(absl::StrCat("encoding ", call.header("grpc-encoding")));
    case 6: {
      SetHeader(call, "grpc-encoding", "gzip");
      SetHeader(call, "grpc-accept-encoding", "identity,gzip");
      const size_t size = OneOf<size_t>(random, {0, 5, 2000, kMaxMessageBytes, kMaxMessageBytes + 1, 1000000});
      body = Framed(DeflateGzip(std::string(size, 'x')), 1);
      return note(absl::StrCat("gzip of ", size));
    }
    case 7:
      if (!body.empty()) body[0] = static_cast<char>(OneOf<int>(random, {1, 2, 128, 255}));
      return note("flag");
    case 8:
      if (body.size() >= 5) body[4] = static_cast<char>(random());
      return note("length");
    case 9:
      body.clear();
      return note("no message");
    case 10:
      body += std::string(body);
      return note("twice");
    case 11:
      body = Framed(RandomText(random, OneOf<size_t>(random, {kMaxMessageBytes - 1, kMaxMessageBytes,
                                                              kMaxMessageBytes + 1, 2 * kMaxMessageBytes})),
                    0);
      return note("large");
    case 12:
      body.append(RandomText(random, 1 + random() % 10));
      return note("more bytes");
    case 13:
      body.resize(random() % (body.size() + 1));
      return note("truncated");
    case 14:
      if (!body.empty()) body[random() % body.size()] ^= static_cast<char>(1 << random() % 8);
      return note("a bit");
    case 15:
      call.headers.emplace_back("x-repeated", RandomText(random, random() % 50));
      call.headers.emplace_back("x-repeated", RandomText(random, random() % 2000));
      call.headers.emplace_back("x-bytes-bin", OneOf<std::string>(random, {"AAEC", "AAE=", "AAE", "", "AA,BB"}));
      return note("metadata");
    case 16:
      call.resets = true;
      return note("reset");
    case 17:
      call.trailers = true;
      return note("trailers");
    case 18:
      SetHeader(call, "grpc-accept-encoding",
                OneOf<std::string>(random, {"gzip", "identity", "deflate,gzip", "identity, gzip", "x", ""}));
      return note("accept-encoding");
    default:
      body = Framed("", 0);
      return note("empty message");
  }
}

}  // namespace

absl::string_view RawCall::header(absl::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

RawCall RandomCall(std::mt19937_64& random) {
  RawCall call;
  call.headers = {
      {":method", "POST"},         {":scheme", "http"}, {":path", random() % 2 == 0 ? kUnaryPath : kStreamPath},
      {":authority", "localhost"}, {"te", "trailers"},  {"content-type", "application/grpc"},
      {"user-agent", "test"}};
  std::string body = Framed(RandomText(random, random() % 3000), 0);
  for (int i = static_cast<int>(random() % 4); i > 0; --i) Mutate(random, call, body);
  while (!body.empty()) {
    const size_t size = std::min({body.size(), size_t{1} + random() % (random() % 3 == 0 ? 20 : 8000), kMaxPart});
    call.parts.push_back(body.substr(0, size));
    body.erase(0, size);
    if (random() % 8 == 0) call.parts.emplace_back();
    if (call.parts.size() > 50) {
      for (; !body.empty(); body.erase(0, std::min(body.size(), kMaxPart)))
        call.parts.push_back(body.substr(0, kMaxPart));
    }
  }
  for (size_t i = 0; i < call.parts.size(); ++i) call.between.push_back("....swr"[random() % 7]);
  return call;
}

std::string Outcome::ToString() const {
  std::string text = absl::StrCat("HTTP ", http_status, ", grpc-status ", grpc_status, ", reset ", reset,
                                  unanswered ? ", unanswered" : "", ", messages");
  for (const std::string& message : messages) absl::StrAppend(&text, " ", message.size());
  return text;
}

struct RawClient::Session {
  int fd = -1;
  nghttp2_session* http2 = nullptr;
  bool broken = false;
  // Of the call under way.
  const RawCall* call = nullptr;
  int32_t stream = 0;
  size_t next_part = 0;
  // Of the next part: what the windows had room for already.
  size_t part_sent = 0;
  bool may_send = false;
  bool closed = false;
  bool ended = false;
  bool gzip = false;
  std::string body;
  Outcome outcome;

  bool Write() {
    while (true) {
      const uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(http2, &bytes);
      if (size <= 0) return size == 0;
      for (ssize_t sent = 0; sent < size;) {
        const ssize_t count = send(fd, bytes + sent, static_cast<size_t>(size - sent), MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += count;
      }
    }
  }
  // Reads what there is within so many milliseconds.
  bool Read(int milliseconds) {
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, milliseconds) <= 0) return true;
    uint8_t bytes[1 << 16];
    const ssize_t count = recv(fd, bytes, sizeof(bytes), 0);
    return count > 0 && nghttp2_session_mem_recv(http2, bytes, static_cast<size_t>(count)) == count;
  }
};

RawClient::RawClient(int port) : session_(std::make_unique<Session>()) {
  Session& session = *session_;
  session.fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ROICAST_CHECK(connect(session.fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  const int on = 1;
  setsockopt(session.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

  nghttp2_session_callbacks* callbacks = nullptr;
  ROICAST_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                    const uint8_t* value, size_t value_size, uint8_t, void* data) {
        auto& of = *static_cast<Session*>(data);
        if (frame->hd.stream_id != of.stream) return 0;
        const std::string text(reinterpret_cast<const char*>(value), value_size);
        const absl::string_view key(reinterpret_cast<const char*>(name), name_size);
        if (key == ":status") of.outcome.http_status = text;
        if (key == "grpc-status") of.outcome.grpc_status = text;
        if (key == "grpc-encoding") of.gzip = text == "gzip";
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void* data) {
        auto& of = *static_cast<Session*>(data);
        if (id == of.stream) of.body.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
        auto& of = *static_cast<Session*>(data);
        if (frame->hd.stream_id != of.stream) return 0;
        if (frame->hd.type == NGHTTP2_RST_STREAM && !of.ended) of.outcome.reset = frame->rst_stream.error_code;
        if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          of.ended = true;
        }
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                         [](nghttp2_session*, int32_t id, uint32_t, void* data) {
                                                           auto& of = *static_cast<Session*>(data);
                                                           if (id == of.stream) of.closed = true;
                                                           return 0;
                                                         });
  ROICAST_CHECK(nghttp2_session_client_new(&session.http2, callbacks, &session) == 0);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session.http2, NGHTTP2_FLAG_NONE, nullptr, 0);
}

RawClient::~RawClient() {
  nghttp2_session_del(session_->http2);
  close(session_->fd);
}

bool RawClient::usable() const {
  return !session_->broken && nghttp2_session_check_request_allowed(session_->http2) != 0;
}

Outcome RawClient::Send(const RawCall& call) {
  Session& session = *session_;
  session.call = &call;
  session.next_part = session.part_sent = 0;
  session.closed = session.ended = session.gzip = false;
  session.body.clear();
  session.outcome = Outcome();
  std::vector<nghttp2_nv> headers;
  for (const auto& [name, value] : call.headers) {
    headers.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                       reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                       NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider body{};
  body.read_callback = [](nghttp2_session* http2, int32_t id, uint8_t* to, size_t room, uint32_t* flags,
                          nghttp2_data_source*, void* data) -> ssize_t {
    auto& of = *static_cast<Session*>(data);
    const RawCall& sends = *of.call;
    if (!std::exchange(of.may_send, false)) return NGHTTP2_ERR_DEFERRED;
    const std::string part = of.next_part < sends.parts.size() ? sends.parts[of.next_part] : std::string();
    const size_t count = std::min(part.size() - of.part_sent, room);
    std::memcpy(to, part.data() + of.part_sent, count);
    of.part_sent += count;
    if (of.part_sent < part.size()) {
      of.may_send = true;  // as soon as the server has opened its windows
      return static_cast<ssize_t>(count);
    }
    of.part_sent = 0;
    ++of.next_part;
    if (of.next_part >= sends.parts.size() && !sends.resets) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (sends.trailers) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        char name[] = "x-trailer";
        char value[] = "yes";
        const nghttp2_nv trailer{reinterpret_cast<uint8_t*>(name), reinterpret_cast<uint8_t*>(value), 9, 3,
                                 NGHTTP2_NV_FLAG_NONE};
        nghttp2_submit_trailer(http2, id, &trailer, 1);
      }
    }
    return static_cast<ssize_t>(count);
  };
  session.may_send = true;
  session.stream = nghttp2_submit_request(session.http2, nullptr, headers.data(), headers.size(), &body, nullptr);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  bool reset = false;
  while (!session.closed && !session.broken && std::chrono::steady_clock::now() < until) {
    session.broken = !session.Write() || !session.Read(0);
    if (session.broken || session.closed) break;
    if (session.part_sent > 0) {
      session.broken = !session.Read(1);
    } else if (session.next_part < call.parts.size()) {
      if (session.next_part > 0) {
        switch (call.between[session.next_part - 1]) {
          case 's':
            nghttp2_submit_settings(session.http2, NGHTTP2_FLAG_NONE, nullptr, 0);
            break;
          case 'w':
            nghttp2_submit_window_update(session.http2, NGHTTP2_FLAG_NONE, session.stream, 1000);
            break;
          case 'r': {
            nghttp2_priority_spec priority;
            nghttp2_priority_spec_init(&priority, 0, 16, 0);
            nghttp2_submit_priority(session.http2, NGHTTP2_FLAG_NONE, session.stream, &priority);
            break;
          }
          default:
            break;
        }
      }
      session.may_send = true;
      nghttp2_session_resume_data(session.http2, session.stream);
    } else if (call.resets && !std::exchange(reset, true)) {
      nghttp2_submit_rst_stream(session.http2, NGHTTP2_FLAG_NONE, session.stream, NGHTTP2_CANCEL);
    } else if (call.parts.empty()) {
      session.may_send = true;
      nghttp2_session_resume_data(session.http2, session.stream);
      session.broken = !session.Read(1);
    } else {
      session.broken = !session.Read(10);
    }
  }
  Outcome& outcome = session.outcome;
  outcome.unanswered = !session.closed;
  if (!session.closed) session.broken = true;
  MessageReader reader;
  const MessageLimit limit{size_t{1} << 24};
  reader.Begin(limit, session.gzip);
  absl::string_view left = session.body;
  while (!left.empty()) {
    const auto complete = reader.Read(&left);
    if (!complete.ok() || !*complete) {
      outcome.messages.emplace_back("torn");
      break;
    }
    outcome.messages.push_back(reader.is_compressed() ? InflateGzip(reader.message(), limit).value_or("bad gzip")
                                                      : reader.message());
  }
  return outcome;
}

}  // namespace roicast
