// The peer of the transport's benchmark: the least that answers a gRPC call over nghttp2. One thread, epoll, one answer
// for every request; no limits, no deadlines, no parsing, nothing of gRPC but its bytes.
//   bare_http2 PORT
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

// A PredictResponse as the server writes it has about as many bytes.
constexpr char kAnswer[] =
    "\0\0\0\0\x54\x0a\x4d\x0a\x07"
    "default\x10\x01\x1a\x40"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\x15\0\0\0\x3f";
constexpr size_t kAnswerBytes = sizeof(kAnswer) - 1;

nghttp2_nv Header(const char* name, const char* value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name)), reinterpret_cast<uint8_t*>(const_cast<char*>(value)),
          std::strlen(name), std::strlen(value), NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

ssize_t ReadAnswer(nghttp2_session* session, int32_t id, uint8_t* to, size_t room, uint32_t* flags,
                   nghttp2_data_source*, void*) {
  if (room < kAnswerBytes) std::abort();
  std::memcpy(to, kAnswer, kAnswerBytes);
  *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  const nghttp2_nv trailers[] = {Header("grpc-status", "0")};
  nghttp2_submit_trailer(session, id, trailers, 1);
  return static_cast<ssize_t>(kAnswerBytes);
}

int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void*) {
  if (frame->hd.type != NGHTTP2_DATA || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  const nghttp2_nv headers[] = {Header(":status", "200"), Header("content-type", "application/grpc")};
  nghttp2_data_provider body{};
  body.read_callback = ReadAnswer;
  return nghttp2_submit_response(session, frame->hd.stream_id, headers, 2, &body);
}

struct Connection {
  int fd;
  nghttp2_session* session;
};

void Close(Connection* connection) {
  nghttp2_session_del(connection->session);
  close(connection->fd);
  delete connection;
}

// False: the connection is gone.
bool Serve(Connection* connection) {
  static std::array<uint8_t, 65536> in;
  static std::string out;
  const ssize_t count = recv(connection->fd, in.data(), in.size(), 0);
  if (count <= 0) return count < 0 && errno == EAGAIN;
  if (nghttp2_session_mem_recv(connection->session, in.data(), static_cast<size_t>(count)) < 0) return false;
  out.clear();
  const uint8_t* piece = nullptr;
  for (ssize_t size; (size = nghttp2_session_mem_send(connection->session, &piece)) > 0;) {
    out.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
  }
  for (size_t sent = 0; sent < out.size();) {
    const ssize_t part = send(connection->fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (part < 0 && errno != EAGAIN) return false;
    sent += static_cast<size_t>(std::max<ssize_t>(part, 0));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bare_http2 PORT\n");
    return 2;
  }
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(listener, 64) != 0) {
    std::perror("bare_http2");
    return 1;
  }
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  const int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  while (true) {
    std::array<epoll_event, 64> ready;
    const int count = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(ready[static_cast<size_t>(i)].data.ptr);
      if (connection != nullptr) {
        if (!Serve(connection)) Close(connection);
        continue;
      }
      connection = new Connection{accept4(listener, nullptr, nullptr, SOCK_NONBLOCK), nullptr};
      setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      nghttp2_session_server_new(&connection->session, callbacks, connection);
      const nghttp2_settings_entry streams[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1024}};
      nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, streams, 1);
      event.events = EPOLLIN;
      event.data.ptr = connection;
      epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
    }
  }
}
