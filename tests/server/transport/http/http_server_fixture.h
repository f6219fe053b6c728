// A server with a few routes on the HTTP port.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/transport_server.h"
#include "tests/server/transport/http/http_client.h"

namespace roicast::testing {

constexpr size_t kLargeBytes = size_t{1} << 20;
constexpr size_t kEchoLimit = 1000;
constexpr size_t kUploadLimit = size_t{100} << 10;

// Says "piece 0\n" to "piece 2\n", each when it is resumed.
class PiecesBody final : public HttpBody {
 public:
  explicit PiecesBody(HttpResponder responder) : responder_(std::move(responder)) {}
  ~PiecesBody() override {
    if (resumer_.joinable()) resumer_.join();
  }
  size_t Read(char* to, size_t room, Next* next) override {
    EXPECT_GE(room, size_t{8});
    if (!ready_) {
      ready_ = true;
      *next = Next::kWait;
      if (resumer_.joinable()) resumer_.join();
      resumer_ = std::thread([responder = responder_] { responder.Resume(); });
      return 0;
    }
    ready_ = false;
    const std::string piece = absl::StrCat("piece ", number_++, "\n");
    std::memcpy(to, piece.data(), piece.size());
    *next = number_ == 3 ? Next::kEnd : Next::kMore;
    return piece.size();
  }

 private:
  const HttpResponder responder_;
  std::thread resumer_;
  bool ready_ = false;
  int number_ = 0;
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.listen = {"127.0.0.1:0"};
    options_.http_listen = {"127.0.0.1:0"};
  }
  ~HttpServerTest() override {
    if (server_ != nullptr) server_->Shutdown(absl::Seconds(5));
    if (later_.joinable()) later_.join();
  }

  void Start() {
    const absl::Status started = TryStart();
    ASSERT_TRUE(started.ok()) << started;
  }
  absl::Status TryStart() {
    server_ = std::make_unique<TransportServer>(options_, &metrics_);
    HttpRoutes& routes = server_->http();
    routes.Add("GET", "/hello", {.handler = [](const HttpRequest& request, const HttpResponder& responder) {
                 responder.Answer(PlainText(200, absl::StrCat("hello ", request.query)));
               }});
    routes.Add("POST", "/echo",
               {.handler =
                    [](const HttpRequest& request, const HttpResponder& responder) {
                      HttpResponse response;
                      response.body = request.body;
                      response.headers.emplace_back("x-body-bytes", absl::StrCat(request.body.size()));
                      responder.Answer(std::move(response));
                    },
                .max_body_bytes = kEchoLimit});
    routes.Add("POST", "/upload",
               {.handler =
                    [](const HttpRequest& request, const HttpResponder& responder) {
                      responder.Answer(PlainText(200, absl::StrCat(request.body.size())));
                    },
                .max_body_bytes = kUploadLimit});
    routes.Add("GET", "/large", {.handler = [](const HttpRequest&, const HttpResponder& responder) {
                 HttpResponse response;
                 response.body.assign(kLargeBytes, 'x');
                 responder.Answer(std::move(response));
               }});
    routes.Add("GET", "/shared", {.handler = [this](const HttpRequest&, const HttpResponder& responder) {
                 HttpResponse response;
                 response.shared_body = shared_;
                 responder.Answer(std::move(response));
               }});
    routes.Add("GET", "/stream", {.handler = [](const HttpRequest&, const HttpResponder& responder) {
                 HttpResponse response;
                 response.stream = std::make_unique<PiecesBody>(responder);
                 responder.Answer(std::move(response));
               }});
    routes.Add("GET", "/dropped", {.handler = [](const HttpRequest&, const HttpResponder&) {}});
    // Answered by AnswerHeld.
    routes.Add("GET", "/held", {.handler = [this](const HttpRequest&, const HttpResponder& responder) {
                 absl::MutexLock lock(&mutex_);
                 held_.emplace(responder);
               }});
    return server_->Start();
  }

  int port() const { return server_->http_port(); }

  // Waits for a request for /held, and answers it from another thread.
  void AnswerHeld(const std::string& line) {
    const auto is_held = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return held_.has_value(); };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&is_held));
    held_->Answer(PlainText(200, line));
    held_.reset();
  }

  // One request with Connection: close, and everything that comes back.
  std::string Request(const std::string& method, const std::string& target, const std::string& headers = "",
                      const std::string& body = "") {
    RawConnection connection(port());
    EXPECT_TRUE(connection.connected());
    connection.Write(absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", headers,
                                  "\r\n", body));
    return connection.ReadAll();
  }
  // Everything that comes back for these bytes.
  std::string Say(absl::string_view bytes) {
    RawConnection connection(port());
    EXPECT_TRUE(connection.connected());
    connection.Write(bytes);
    return connection.ReadAll();
  }

  TransportServer::Options options_;
  TransportMetrics metrics_;
  const std::shared_ptr<const std::string> shared_ = std::make_shared<const std::string>(kLargeBytes, 'x');
  std::unique_ptr<TransportServer> server_;
  std::thread later_;
  absl::Mutex mutex_;
  std::optional<HttpResponder> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast::testing
