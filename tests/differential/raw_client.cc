#include "tests/differential/raw_client.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "tests/differential/loopback.h"

namespace roicast {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);

// A frame of RawCall::between.
void SubmitBetween(nghttp2_session* http2, int32_t stream, char kind) {
  switch (kind) {
    case 's':
      nghttp2_submit_settings(http2, NGHTTP2_FLAG_NONE, nullptr, 0);
      break;
    case 'w':
      nghttp2_submit_window_update(http2, NGHTTP2_FLAG_NONE, stream, 1000);
      break;
    case 'r': {
      nghttp2_priority_spec priority;
      nghttp2_priority_spec_init(&priority, 0, 16, 0);
      nghttp2_submit_priority(http2, NGHTTP2_FLAG_NONE, stream, &priority);
      break;
    }
    case 'p':
      nghttp2_submit_ping(http2, NGHTTP2_FLAG_NONE, nullptr);
      break;
    default:
      break;
  }
}

}  // namespace

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
  Answer answer;

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
  session.fd = ConnectToLoopback(port);
  nghttp2_session_callbacks* callbacks = nullptr;
  ROICAST_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                    const uint8_t* value, size_t value_size, uint8_t, void* data) {
        auto& of = *static_cast<Session*>(data);
        if (frame->hd.stream_id != of.stream) return 0;
        of.answer.OnHeader({reinterpret_cast<const char*>(name), name_size},
                           {reinterpret_cast<const char*>(value), value_size});
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void* data) {
        auto& of = *static_cast<Session*>(data);
        if (id == of.stream) of.answer.OnData({reinterpret_cast<const char*>(bytes), size});
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
        auto& of = *static_cast<Session*>(data);
        if (frame->hd.stream_id != of.stream) return 0;
        if (frame->hd.type == NGHTTP2_RST_STREAM) of.answer.OnReset(frame->rst_stream.error_code);
        if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
          of.answer.OnEndStream();
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
  session.closed = false;
  session.answer = Answer();
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
      if (session.next_part > 0) SubmitBetween(session.http2, session.stream, call.between[session.next_part - 1]);
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
  if (!session.closed) session.broken = true;
  return session.answer.Finish(!session.closed);
}

}  // namespace roicast
