#include "server/telemetry/http_endpoint.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "prometheus/text_serializer.h"
#include "server/net/address.h"

namespace roicast {
namespace {

constexpr absl::string_view kPlain = "text/plain; charset=utf-8";
constexpr absl::string_view kIndex =
    "<!DOCTYPE html><title>roicast</title><h1>roicast</h1><ul>"
    "<li><a href=\"/metrics\">/metrics</a> metrics for Prometheus"
    "<li><a href=\"/healthz\">/healthz</a> whether the process is alive"
    "<li><a href=\"/readyz\">/readyz</a> whether calls are answered</ul>\n";

struct Response {
  int status = 200;
  absl::string_view content_type = kPlain;
  std::string body;
  // The body is gzip.
  bool compressed = false;
};

// Whether an Accept-Encoding header allows gzip. RFC 9110, section 12.5.3. The only weight that matters is 0.
bool AcceptsGzip(const char* header) {
  if (header == nullptr) return false;
  for (const absl::string_view coding : absl::StrSplit(header, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(coding, absl::MaxSplits(';', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.first), "gzip")) continue;
    absl::string_view weight = absl::StripAsciiWhitespace(parts.second);
    double q = 1;
    return !absl::ConsumePrefix(&weight, "q=") || !absl::SimpleAtod(weight, &q) || q > 0;
  }
  return false;
}

// Compresses the body; leaves it unchanged if that fails.
void Compress(Response* response) {
  constexpr int kFast = 1;
  constexpr int kGzip = 15 + 16;  // The largest window, with a gzip header.
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (deflateInit2(&stream, kFast, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) return;
  std::string out(deflateBound(&stream, response->body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(response->body.data());
  stream.avail_in = static_cast<uInt>(response->body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!done) return;
  response->body = std::move(out);
  response->compressed = true;
}

absl::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

void Send(mg_connection* connection, const Response& response, bool with_body) {
  std::string out =
      absl::StrCat("HTTP/1.1 ", response.status, " ", Reason(response.status),
                   "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
                   "\r\nCache-Control: no-store", response.compressed ? "\r\nContent-Encoding: gzip" : "",
                   response.status == 405 ? "\r\nAllow: GET, HEAD" : "", "\r\nConnection: close\r\n\r\n");
  if (with_body) out.append(response.body);
  // A client that disconnected needs no response.
  static_cast<void>(mg_write(connection, out.data(), out.size()));
}

// The numeric form of an address or a host name; "" means all addresses. The packaged civetweb listens on IPv4 only.
absl::StatusOr<std::string> NumericAddress(const std::string& host) {
  if (host.empty()) return "0.0.0.0";
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot listen on \"", host, "\": expected an IPv4 address such as ",
                                                   "0.0.0.0, or a name that has one: ", ::gai_strerror(error)));
  }
  char text[INET_ADDRSTRLEN] = {};
  const auto* const address = reinterpret_cast<const sockaddr_in*>(found->ai_addr);
  ::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
  ::freeaddrinfo(found);
  return std::string(text);
}

// Connects and hangs up.
void Knock(const std::string& address, int port) {
  sockaddr_in socket_address{};
  socket_address.sin_family = AF_INET;
  socket_address.sin_port = htons(static_cast<uint16_t>(port));
  if (::inet_pton(AF_INET, address.c_str(), &socket_address.sin_addr) != 1) return;
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return;
  // On Linux, connecting to 0.0.0.0 reaches this machine.
  static_cast<void>(::connect(descriptor, reinterpret_cast<const sockaddr*>(&socket_address), sizeof socket_address));
  ::close(descriptor);
}

}  // namespace

absl::Status HttpEndpointOptions::Validate() const {
  if (port < 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("metrics port: expected 0 to 65535, got ", port));
  }
  if (threads < 1 || threads > 64) {
    return absl::InvalidArgumentError(absl::StrCat("metrics threads: expected 1 to 64, got ", threads));
  }
  if (io_timeout < absl::Milliseconds(1) || io_timeout > absl::Hours(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("metrics io_timeout: expected 1ms to 1h, got ", absl::FormatDuration(io_timeout)));
  }
  if (metrics == nullptr) return absl::InvalidArgumentError("metrics endpoint: expected metrics, got none");
  if (!ready) return absl::InvalidArgumentError("metrics endpoint: expected a readiness check, got none");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(const HttpEndpointOptions& given) {
  ROICAST_RETURN_IF_ERROR(given.Validate());
  HttpEndpointOptions options = given;
  absl::StatusOr<std::string> address = NumericAddress(given.address);
  if (!address.ok()) return WithContext(address.status(), "metrics endpoint");
  options.address = *std::move(address);
  static absl::once_flag once;
  absl::call_once(once, [] { mg_init_library(MG_FEATURES_DEFAULT); });

  std::unique_ptr<HttpEndpoint> endpoint(new HttpEndpoint(options));
  const std::string listening = absl::StrCat(options.address, ":", options.port);
  const std::string threads = absl::StrCat(options.threads);
  const std::string timeout = absl::StrCat(absl::ToInt64Milliseconds(options.io_timeout));
  const char* const settings[] = {"listening_ports",
                                  listening.c_str(),
                                  "num_threads",
                                  threads.c_str(),
                                  "request_timeout_ms",
                                  timeout.c_str(),
                                  "enable_keep_alive",
                                  "no",
                                  "tcp_nodelay",
                                  "1",
                                  nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = [](mg_connection* connection) {
    return static_cast<const HttpEndpoint*>(mg_get_request_info(connection)->user_data)->Answer(connection);
  };
  // civetweb would write its own messages to stderr, bypassing our log.
  callbacks.log_message = [](const mg_connection*, const char*) { return 1; };
  mg_init_data init{};
  init.callbacks = &callbacks;
  init.user_data = endpoint.get();
  init.configuration_options = const_cast<const char**>(settings);
  char text[256] = {};
  mg_error_data error{};
  error.text = text;
  error.text_buffer_size = sizeof text;
  // civetweb's own message does not name the cause.
  ROICAST_RETURN_IF_ERROR(WithContext(ProbeListening(options.address, options.port), "metrics endpoint"));
  endpoint->server_ = mg_start2(&init, &error);
  if (endpoint->server_ == nullptr) {
    return absl::InternalError(absl::StrCat("metrics endpoint: cannot listen on ", listening, ": ", text));
  }
  mg_server_port port{};
  if (mg_get_server_ports(endpoint->server_, 1, &port) != 1) {
    return absl::InternalError(absl::StrCat("metrics endpoint: no port for ", listening));
  }
  endpoint->port_ = port.port;
  return endpoint;
}

HttpEndpoint::~HttpEndpoint() {
  if (server_ == nullptr) return;
  // civetweb's listening thread checks its stop flag when a connection arrives, and otherwise every two seconds.
  std::atomic<bool> stopped{false};
  std::thread waker([this, &stopped] {
    while (!stopped.load()) {
      Knock(options_.address, port_);
      absl::SleepFor(absl::Milliseconds(2));
    }
  });
  mg_stop(server_);
  stopped.store(true);
  waker.join();
}

int HttpEndpoint::Answer(mg_connection* connection) const {
  const mg_request_info* request = mg_get_request_info(connection);
  const absl::string_view method = request->request_method;
  const absl::string_view path = request->local_uri;
  Response response;
  if (method != "GET" && method != "HEAD") {
    response.status = 405;
    response.body = absl::StrCat(method, " is not allowed: expected GET or HEAD\n");
  } else if (path == "/metrics") {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus::TextSerializer().Serialize(options_.metrics->Collect());
    if (AcceptsGzip(mg_get_header(connection, "Accept-Encoding"))) Compress(&response);
  } else if (path == "/healthz") {
    response.body = "ok\n";
  } else if (path == "/readyz") {
    const absl::Status ready = options_.ready();
    response.status = ready.ok() ? 200 : 503;
    response.body = ready.ok() ? "ready\n" : absl::StrCat("not ready: ", ready.message(), "\n");
  } else if (path == "/") {
    response.content_type = "text/html; charset=utf-8";
    response.body = std::string(kIndex);
  } else {
    response.status = 404;
    response.body = "not found: there are /metrics, /healthz and /readyz\n";
  }
  Send(connection, response, method != "HEAD");
  return response.status;
}

}  // namespace roicast
