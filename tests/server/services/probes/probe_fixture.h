// A server with gRPC's health service, and the routes of the HTTP port.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "prometheus/registry.h"
#include "server/services/health/health_service.h"
#include "server/services/probes/grpc_probe.h"
#include "server/services/probes/probe_routes.h"
#include "server/telemetry/metrics.h"
#include "server/transport/transport_server.h"
#include "tests/server/transport/http/http_client.h"

namespace roicast::testing {

class ProbeTest : public ::testing::Test {
 protected:
  ProbeTest() {
    options_.listen = {"127.0.0.1:0"};
    options_.http_listen = {"127.0.0.1:0"};
  }
  ~ProbeTest() override { Stop(); }

  absl::Status TryStart() {
    Stop();
    options_.own = &own_;
    server_ = std::make_unique<TransportServer>(options_, &transport_metrics_);
    health_ =
        std::make_unique<HealthService>(std::vector<std::string>(), CallOptions(), &server_->grpc(), &server_->loops());
    health_->SetServing("", true);
    if (grpc_address_.empty()) {
      probe_ = std::make_unique<GrpcProbe>(GrpcProbe::Options{
          .addresses = [this] { return std::vector<std::string>{absl::StrCat("127.0.0.1:", server_->port())}; },
          .shared_for = absl::ZeroDuration()});
    } else {
      probe_ = std::make_unique<GrpcProbe>(GrpcProbe::Options{
          .addresses = [this] { return std::vector<std::string>{grpc_address_}; }, .shared_for = absl::ZeroDuration()});
    }
    routes_ = std::make_unique<ProbeRoutes>(ProbeRoutes::Parts{.metrics = collected_,
                                                               .ready = [this] { return ready_; },
                                                               .grpc = probe_.get(),
                                                               .transport = &transport_metrics_},
                                            &server_->http());
    return server_->Start();
  }
  void Start() {
    const absl::Status started = TryStart();
    ASSERT_TRUE(started.ok()) << started;
  }
  void Stop() {
    if (server_ != nullptr) server_->Shutdown(absl::Seconds(5));
    routes_.reset();
    probe_.reset();
    health_.reset();
    server_.reset();
  }

  std::string Request(const std::string& method, const std::string& path, const std::string& headers = "") {
    RawConnection connection(server_->http_port());
    EXPECT_TRUE(connection.connected());
    connection.Write(
        absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", headers, "\r\n"));
    return connection.ReadAll();
  }

  OwnConnections own_;
  TransportServer::Options options_;
  // Where the probe calls; empty: the server.
  std::string grpc_address_;
  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {"1.2.3", "g++", "none"}};
  // What /metrics says.
  const prometheus::Collectable* collected_ = &metrics_;
  TransportMetrics transport_metrics_;
  absl::Status ready_;
  std::unique_ptr<TransportServer> server_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<GrpcProbe> probe_;
  std::unique_ptr<ProbeRoutes> routes_;
};

// Listens on a port of the loopback address, and accepts nothing.
class DeafPort {
 public:
  DeafPort() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(descriptor_, 8), 0);
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~DeafPort() { Close(); }
  void Close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  // Takes one connection, and says something to it.
  void Answer(const std::string& bytes) const {
    const int connection = ::accept(descriptor_, nullptr, nullptr);
    EXPECT_EQ(::write(connection, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::shutdown(connection, SHUT_WR);
    char buffer[4096];
    while (::read(connection, buffer, sizeof buffer) > 0) continue;
    ::close(connection);
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int descriptor_;
  int port_ = 0;
};

}  // namespace roicast::testing
