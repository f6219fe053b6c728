#include "server/transport/transport_server.h"

#include <unistd.h>

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {

TransportServer::TransportServer(const Options& options, TransportMetrics* metrics)
    : options_(options), metrics_(*metrics), table_(options.table, metrics, options.threads), loops_(options.threads) {}

TransportServer::~TransportServer() { Shutdown(absl::InfinitePast()); }

absl::Status TransportServer::Start() {
  ROICAST_RETURN_IF_ERROR(loops_.Make());
  for (int i = 0; i < loops_.size(); ++i) buffers_.push_back(std::make_unique<LoopBuffers>());
  for (const std::string& address : options_.listen) {
    ROICAST_ASSIGN_OR_RETURN(auto listener,
                             Listener::Make(address, &metrics_, [this](int fd, std::string peer, std::string host) {
                               Accept(fd, std::move(peer), std::move(host));
                             }));
    listeners_.push_back(std::move(listener));
  }
  for (auto& listener : listeners_) ROICAST_RETURN_IF_ERROR(listener->Start(&loops_.loop(0)));
  loops_.Start();
  started_ = true;
  return absl::OkStatus();
}

int TransportServer::port() const {
  for (const auto& listener : listeners_) {
    if (listener->port() != 0) return listener->port();
  }
  return 0;
}

void TransportServer::Accept(int fd, std::string peer, std::string host) {
  if (!table_.Enter(host)) {
    close(fd);
    return;
  }
  const int index = next_loop_;
  next_loop_ = (next_loop_ + 1) % loops_.size();
  const auto begin = [this, index, fd, peer = std::move(peer), host = std::move(host)] {
    const Connection::Parts parts = {.loop = &loops_.loop(index),
                                     .buffers = buffers_[static_cast<size_t>(index)].get(),
                                     .metrics = &metrics_,
                                     .on_closed = [this, index, host](Connection* connection) {
                                       table_.Remove(index, connection);
                                       table_.Leave(host);
                                     }};
    auto* const connection = new Connection(parts, options_.connection, fd, peer);
    table_.Add(index, connection);
    connection->Start(std::make_unique<Http2Session>(connection, &grpc_, &options_.http2));
  };
  if (index == 0) {
    begin();
  } else {
    RunOnLoop(loops_.loop(index), begin);
  }
}

void TransportServer::Drain() {
  loops_.RunOnEachAndWait(
      [this](int loop) { table_.ForEach(loop, [](Connection& connection) { connection.Drain(); }); });
}

void TransportServer::Shutdown(absl::Time deadline) {
  if (!std::exchange(started_, false)) return;
  loops_.RunOnEachAndWait([this](int loop) {
    if (loop != 0) return;
    for (auto& listener : listeners_) listener->Stop();
  });
  Drain();
  // Polled: this happens once in the life of a process.
  while (table_.size() > 0 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  loops_.RunOnEachAndWait(
      [this](int loop) { table_.ForEach(loop, [](Connection& connection) { connection.Close(); }); });
  // Work for calls whose clients are gone ends by itself, and soon: it sees that they are cancelled.
  std::atomic<int64_t> residents{1};
  while (residents.load() > 0) {
    residents.store(0);
    loops_.RunOnEachAndWait([&](int loop) { residents.fetch_add(loops_.loop(loop).residents()); });
    if (residents.load() > 0) absl::SleepFor(absl::Milliseconds(1));
  }
  loops_.Shutdown();
  listeners_.clear();
}

}  // namespace roicast
