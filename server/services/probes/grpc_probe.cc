#include "server/services/probes/grpc_probe.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/net/address.h"

namespace roicast {
namespace {

// A gRPC message without bytes: HealthCheckRequest{}, which asks for the server as a whole.
constexpr uint8_t kEmptyMessage[5] = {};
// A gRPC message with HealthCheckResponse{status: SERVING}.
constexpr absl::string_view kServing("\0\0\0\0\2\x08\x01", 7);
constexpr size_t kMaxAnswerBytes = 1024;
constexpr uint32_t kSource = 0x7fffff01;  // 127.255.255.1

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

  // Waits until it can be read or written, as `events` say.
  absl::Status Wait(int16_t events, absl::Time deadline) const {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    pollfd waiting{.fd = fd_, .events = events, .revents = 0};
    if (left > 0 && poll(&waiting, 1, static_cast<int>(left)) > 0) return absl::OkStatus();
    return absl::DeadlineExceededError("no answer in time");
  }

 private:
  const int fd_;
};

absl::Status ErrnoStatus(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

struct SocketAddress {
  sockaddr_storage bytes;
  socklen_t size;
};

absl::StatusOr<SocketAddress> Resolve(absl::string_view address) {
  SocketAddress resolved{};
  if (absl::ConsumePrefix(&address, "unix:")) {
    auto* const place = reinterpret_cast<sockaddr_un*>(&resolved.bytes);
    place->sun_family = AF_UNIX;
    std::memcpy(place->sun_path, address.data(), std::min(address.size(), sizeof(place->sun_path) - 1));
    resolved.size = sizeof(sockaddr_un);
    return resolved;
  }
  ROICAST_ASSIGN_OR_RETURN(const auto place, ParseAddress(address));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(place.first.c_str(), std::to_string(place.second).c_str(), &hints, &found);
  if (error != 0) return absl::UnavailableError(gai_strerror(error));
  std::memcpy(&resolved.bytes, found->ai_addr, found->ai_addrlen);
  resolved.size = found->ai_addrlen;
  freeaddrinfo(found);
  return resolved;
}

// Over the loopback, the call comes from an address that nobody else has. Local clients and proxies share 127.0.0.1,
// and what they use up of its share of connections says nothing about others.
void ChooseSource(const Socket& socket, const SocketAddress& to) {
  if (to.bytes.ss_family != AF_INET) return;
  const uint32_t loopback = ntohl(reinterpret_cast<const sockaddr_in&>(to.bytes).sin_addr.s_addr) >> 24;
  if (loopback != IN_LOOPBACKNET) return;
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(kSource);
  // Otherwise it comes from where the others come from.
  static_cast<void>(bind(socket.fd(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)));
}

absl::Status Connect(const Socket& socket, const SocketAddress& address, absl::Time deadline) {
  if (socket.fd() < 0) return ErrnoStatus("no socket");
  const int on = 1;
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // Fails where there is nothing to delay.
  ChooseSource(socket, address);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) == 0) {
    return absl::OkStatus();
  }
  if (errno != EINPROGRESS) return ErrnoStatus("cannot connect");
  ROICAST_RETURN_IF_ERROR(WithContext(socket.Wait(POLLOUT, deadline), "cannot connect"));
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) return absl::OkStatus();
  errno = error;
  return ErrnoStatus("cannot connect");
}

// One call over HTTP/2, by nghttp2's client.
class HealthCall {
 public:
  HealthCall() {
    nghttp2_session_callbacks* callbacks = nullptr;
    ROICAST_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* self) {
          static_cast<HealthCall*>(self)->OnHeader({reinterpret_cast<const char*>(name), name_size},
                                                   {reinterpret_cast<const char*>(value), value_size});
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, uint8_t, int32_t, const uint8_t* data, size_t size, void* self) {
          std::string& answer = static_cast<HealthCall*>(self)->answer_;
          answer.append(reinterpret_cast<const char*>(data), std::min(size, kMaxAnswerBytes - answer.size()));
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           [](nghttp2_session*, int32_t, uint32_t, void* self) {
                                                             static_cast<HealthCall*>(self)->closed_ = true;
                                                             return 0;
                                                           });
    ROICAST_CHECK(nghttp2_session_client_new(&session_, callbacks, this) == 0);
    nghttp2_session_callbacks_del(callbacks);
  }
  ~HealthCall() { nghttp2_session_del(session_); }
  HealthCall(const HealthCall&) = delete;
  HealthCall& operator=(const HealthCall&) = delete;

  absl::Status Run(const Socket& socket, absl::Time deadline) {
    Submit();
    while (!closed_) {
      ROICAST_RETURN_IF_ERROR(SendAll(socket, deadline));
      ROICAST_RETURN_IF_ERROR(socket.Wait(POLLIN, deadline));
      uint8_t bytes[4096];
      const ssize_t count = recv(socket.fd(), bytes, sizeof(bytes), 0);
      if (count == 0) return absl::UnavailableError("the connection was closed without an answer");
      if (count < 0) return ErrnoStatus("cannot read");
      if (nghttp2_session_mem_recv(session_, bytes, static_cast<size_t>(count)) < 0) {
        return absl::UnavailableError("the answer is not HTTP/2");
      }
    }
    return Outcome();
  }

 private:
  void OnHeader(absl::string_view name, absl::string_view value) {
    if (name == "grpc-status") grpc_status_ = std::string(value);
    if (name == ":status") http_status_ = std::string(value);
  }

  void Submit() {
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    const auto header = [](absl::string_view name, absl::string_view value) {
      const auto bytes = [](absl::string_view text) {
        return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 does not write to them.
      };
      return nghttp2_nv{bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
    };
    const nghttp2_nv headers[] = {header(":method", "POST"),
                                  header(":scheme", "http"),
                                  header(":authority", "localhost"),
                                  header(":path", "/grpc.health.v1.Health/Check"),
                                  header("te", "trailers"),
                                  header("content-type", "application/grpc"),
                                  header("user-agent", "roicast-readyz")};
    nghttp2_data_provider body{};
    body.read_callback = [](nghttp2_session*, int32_t, uint8_t* to, size_t, uint32_t* flags, nghttp2_data_source*,
                            void*) -> ssize_t {
      std::memcpy(to, kEmptyMessage, sizeof(kEmptyMessage));
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      return sizeof(kEmptyMessage);
    };
    nghttp2_submit_request(session_, nullptr, headers, std::size(headers), &body, nullptr);
  }

  // In one piece: pieces would wait for each other's acknowledgement.
  absl::Status SendAll(const Socket& socket, absl::Time deadline) {
    std::string bytes;
    const uint8_t* piece = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &piece)) != 0;) {
      if (size < 0) return absl::UnavailableError("no memory for a request");
      bytes.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
    }
    for (absl::string_view left = bytes; !left.empty();) {
      const ssize_t count = send(socket.fd(), left.data(), left.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) {
        ROICAST_RETURN_IF_ERROR(socket.Wait(POLLOUT, deadline));
        continue;
      }
      if (count < 0) return ErrnoStatus("cannot write");
      left.remove_prefix(static_cast<size_t>(count));
    }
    return absl::OkStatus();
  }

  absl::Status Outcome() const {
    if (http_status_ != "200" || grpc_status_ != "0") {
      return absl::UnavailableError(absl::StrCat("Health/Check: expected HTTP status 200 and gRPC status 0, got \"",
                                                 http_status_, "\" and \"", grpc_status_, "\""));
    }
    if (answer_ != kServing) return absl::UnavailableError("Health/Check: expected SERVING, got another status");
    return absl::OkStatus();
  }

  nghttp2_session* session_ = nullptr;
  std::string http_status_;
  std::string grpc_status_;
  std::string answer_;
  bool closed_ = false;
};

}  // namespace

absl::Status CheckGrpcHealth(absl::string_view address, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  const auto check = [&]() -> absl::Status {
    ROICAST_ASSIGN_OR_RETURN(const SocketAddress resolved, Resolve(address));
    const Socket connection(socket(resolved.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ROICAST_RETURN_IF_ERROR(Connect(connection, resolved, deadline));
    return HealthCall().Run(connection, deadline);
  };
  const absl::Status checked = check();
  if (absl::IsDeadlineExceeded(checked)) {
    return absl::DeadlineExceededError(
        absl::StrCat("a call through ", address, " had no answer within ", absl::FormatDuration(timeout)));
  }
  return WithContext(checked, absl::StrCat("a call through ", address, " failed"));
}

std::string ReachableAddress(absl::string_view address) {
  const auto place = ParseAddress(address);
  if (!place.ok()) return std::string(address);  // unix:/path
  const auto& [host, port] = *place;
  if (host.empty() || host == "0.0.0.0") return absl::StrCat("127.0.0.1:", port);
  if (host == "::") return absl::StrCat("[::1]:", port);
  return host.find(':') == std::string::npos ? absl::StrCat(host, ":", port) : absl::StrCat("[", host, "]:", port);
}

GrpcProbe::GrpcProbe(Options options) : options_(std::move(options)), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "grpc-probe");
}

GrpcProbe::~GrpcProbe() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void GrpcProbe::Ask(Done done) {
  absl::MutexLock lock(&mutex_);
  asked_.push_back(std::move(done));
}

void GrpcProbe::Run() {
  while (true) {
    std::vector<Done> asked;
    bool stopping = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !asked_.empty(); };
      mutex_.Await(absl::Condition(&has_work));
      asked.swap(asked_);
      stopping = stopping_;
    }
    if (stopping && asked.empty()) return;
    const absl::Status result = stopping ? absl::UnavailableError("the server is stopping")
                                         : CheckGrpcHealth(options_.address(), options_.timeout);
    for (const Done& done : asked) done(result);
  }
}

}  // namespace roicast
