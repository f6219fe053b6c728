#include "server/services/probes/grpc_probe.h"

#include <nghttp2/nghttp2.h>
#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/steady_clock.h"
#include "server/net/address.h"
#include "server/services/probes/probe_connection.h"

namespace roicast {
namespace {

// A gRPC message without bytes: HealthCheckRequest{}, which asks for the server as a whole.
constexpr uint8_t kEmptyMessage[5] = {};
// A gRPC message with HealthCheckResponse{status: SERVING}.
constexpr absl::string_view kServing("\0\0\0\0\2\x08\x01", 7);
constexpr size_t kMaxAnswerBytes = 1024;

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

  absl::Status Run(ProbeConnection& connection) {
    Submit(connection.is_secure() ? "https" : "http");
    while (!closed_) {
      ROICAST_RETURN_IF_ERROR(SendAll(connection));
      char bytes[4096];
      ROICAST_ASSIGN_OR_RETURN(const size_t count, connection.Read(absl::MakeSpan(bytes)));
      if (count == 0) return absl::UnavailableError("the connection was closed without an answer");
      if (nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes), count) < 0) {
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

  void Submit(absl::string_view scheme) {
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    const auto header = [](absl::string_view name, absl::string_view value) {
      const auto bytes = [](absl::string_view text) {
        return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 does not write to them.
      };
      return nghttp2_nv{bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
    };
    const nghttp2_nv headers[] = {header(":method", "POST"),
                                  header(":scheme", scheme),
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
  absl::Status SendAll(ProbeConnection& connection) {
    std::string bytes;
    const uint8_t* piece = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &piece)) != 0;) {
      if (size < 0) return absl::UnavailableError("no memory for a request");
      bytes.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
    }
    return connection.Write(bytes);
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

absl::Status CheckGrpcHealth(absl::string_view address, absl::Duration timeout, const TlsCredentials* tls,
                             OwnConnections* own) {
  const auto check = [&]() -> absl::Status {
    ROICAST_ASSIGN_OR_RETURN(const auto connection,
                             ProbeConnection::Make(address, tls, own, SteadyClock().Now() + timeout));
    return HealthCall().Run(*connection);
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

bool GrpcProbe::Ask(absl::string_view host, Asker asker) {
  std::vector<Asker> gone;
  absl::Status shared;
  {
    absl::MutexLock lock(&mutex_);
    if (std::chrono::steady_clock::now() >= shared_until_) return asked_.Add(host, asker, gone);
    shared = result_;
  }
  asker.done(shared);
  return true;
}

absl::Status GrpcProbe::CheckAll() const {
  const absl::Time deadline = SteadyClock().Now() + options_.timeout;
  for (const std::string& address : options_.addresses()) {
    const absl::Duration left = absl::Ceil(deadline - SteadyClock().Now(), absl::Milliseconds(1));
    ROICAST_RETURN_IF_ERROR(CheckGrpcHealth(address, left, options_.tls, options_.own));
  }
  return absl::OkStatus();
}

void GrpcProbe::Run() {
  while (true) {
    std::vector<Asker> asked, gone;
    bool stopping = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !asked_.empty(); };
      mutex_.Await(absl::Condition(&has_work));
      asked = asked_.Take(std::numeric_limits<size_t>::max(), gone);
      stopping = stopping_;
    }
    gone.clear();
    if (asked.empty()) {
      if (stopping) return;
      continue;
    }
    const absl::Status result = stopping ? absl::UnavailableError("the server is stopping") : CheckAll();
    {
      absl::MutexLock lock(&mutex_);
      result_ = result;
      shared_until_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.shared_for);
    }
    for (const Asker& asker : asked) asker.done(result);
  }
}

}  // namespace roicast
