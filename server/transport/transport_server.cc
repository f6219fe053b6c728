#include "server/transport/transport_server.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/net/address.h"
#include "server/transport/connection/socket_stream.h"

namespace roicast {
namespace {

// How long requests over HTTP have to be answered in when the server stops.
constexpr std::chrono::seconds kHttpGrace(2);
// Has a share of its own.
constexpr char kOwnHost[] = "this server";

// Whether an IPv4 address of the list has the port of this one, so that [::] must leave IPv4 to it.
bool SharesPort(absl::string_view address, const std::vector<std::string>& addresses) {
  const auto place = ParseAddress(address);
  return place.ok() && place->second != 0 &&
         std::any_of(addresses.begin(), addresses.end(), [&](const std::string& other) {
           const auto of_other = ParseAddress(other);
           return of_other.ok() && of_other->second == place->second && of_other->first.find(':') == std::string::npos;
         });
}

}  // namespace

TransportServer::TransportServer(const Options& options, TransportMetrics* metrics)
    : options_(options),
      metrics_(*metrics),
      http_(options.http),
      grpc_door_{.listeners = {},
                 .table = {options.table, metrics, options.threads},
                 .speak =
                     [this](Connection* connection) {
                       return std::make_unique<Http2Session>(connection, &grpc_, &options_.http2);
                     },
                 .tls_protocols = options.tls != nullptr ? &kAlpnHttp2 : nullptr},
      http_door_{.listeners = {},
                 .table = {options.http_table, metrics, options.threads},
                 .speak = [this](Connection* connection) { return http_.Speak(connection); },
                 .tls_protocols = options.tls != nullptr && options.http_tls ? &kAlpnHttp : nullptr},
      loops_(options.threads) {}

TransportServer::~TransportServer() { Shutdown(absl::ZeroDuration()); }

absl::Status TransportServer::Start() {
  ROICAST_RETURN_IF_ERROR(loops_.Make());
  for (int i = 0; i < loops_.size(); ++i) {
    per_loop_.push_back(
        {.buffers = std::make_unique<LoopBuffers>(&loops_.loop(i)),
         .tls = options_.tls != nullptr
                    ? std::make_unique<TlsBuffers>(
                          &loops_.loop(i), TlsBuffers::Limits{.max_messages = options_.http2.max_useless_frames})
                    : nullptr});
  }
  if (const absl::Status listening = ListenEverywhere(); !listening.ok()) {
    // No file of a unix socket is left behind, whatever becomes of the process.
    grpc_door_.listeners.clear();
    http_door_.listeners.clear();
    return listening;
  }
  for (const auto& listener : grpc_door_.listeners) {
    addresses_.push_back(listener->address());
    numeric_addresses_.push_back(listener->numeric_address());
  }
  loops_.Start();
  started_ = true;
  return absl::OkStatus();
}

absl::Status TransportServer::ListenEverywhere() {
  ROICAST_RETURN_IF_ERROR(Listen(options_.listen, grpc_door_));
  ROICAST_RETURN_IF_ERROR(WithContext(Listen(options_.http_listen, http_door_), "HTTP"));
  for (Door* const door : {&grpc_door_, &http_door_}) {
    for (auto& listener : door->listeners) ROICAST_RETURN_IF_ERROR(listener->Start(&loops_.loop(0)));
  }
  return absl::OkStatus();
}

absl::Status TransportServer::Listen(const std::vector<std::string>& addresses, Door& door) {
  for (const std::string& address : addresses) {
    const bool secure = door.tls_protocols != nullptr && UnixPath(address).empty();
    const auto accept = [this, &door, secure](int fd, PeerAddress from) { Accept(door, secure, fd, std::move(from)); };
    ROICAST_ASSIGN_OR_RETURN(auto listener, Listener::Make(address, &metrics_, accept, SharesPort(address, addresses)));
    door.listeners.push_back(std::move(listener));
  }
  return absl::OkStatus();
}

int TransportServer::PortOf(const Door& door) {
  for (const auto& listener : door.listeners) {
    if (listener->port() != 0) return listener->port();
  }
  return 0;
}

std::unique_ptr<ByteStream> TransportServer::MakeStream(const Door& door, bool secure, int loop, int fd) {
  if (!secure) return std::make_unique<SocketStream>(fd, &metrics_);
  return std::make_unique<TlsStream>(fd, &metrics_, options_.tls->Current(), door.tls_protocols,
                                     per_loop_[static_cast<size_t>(loop)].tls.get());
}

void TransportServer::Accept(Door& door, bool secure, int fd, PeerAddress from) {
  if (options_.own != nullptr && options_.own->Has(fd, from)) from.host = kOwnHost;
  PeerUse* const use = door.table.Enter(from.host);
  if (use == nullptr) {
    close(fd);
    return;
  }
  const int index = next_loop_;
  next_loop_ = (next_loop_ + 1) % loops_.size();
  const auto begin = [this, &door, secure, index, fd, use, from = std::move(from)] {
    const Connection::Parts parts = {.loop = &loops_.loop(index),
                                     .buffers = per_loop_[static_cast<size_t>(index)].buffers.get(),
                                     .metrics = &metrics_,
                                     .use = use,
                                     .speak = &door.speak,
                                     .on_closed = [&door, index](Connection* connection) {
                                       door.table.Remove(index, connection);
                                       door.table.Leave(connection->host());
                                     }};
    auto* const connection = new Connection(parts, options_.connection, MakeStream(door, secure, index, fd), from);
    door.table.Add(index, connection);
    connection->Start();
  };
  if (index == 0) {
    begin();
  } else {
    RunOnLoop(loops_.loop(index), begin);
  }
}

void TransportServer::DrainAll(Door& door) {
  loops_.RunOnEachAndWait(
      [&door](int loop) { door.table.ForEach(loop, [](Connection& connection) { connection.Drain(); }); });
}

void TransportServer::Close(Door& door, std::chrono::steady_clock::time_point deadline) {
  loops_.RunOnEachAndWait([&door](int loop) {
    if (loop != 0) return;
    for (auto& listener : door.listeners) listener->Stop();
  });
  DrainAll(door);
  // Polled: this happens once in the life of a process.
  while (door.table.size() > 0 && std::chrono::steady_clock::now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  loops_.RunOnEachAndWait(
      [&door](int loop) { door.table.ForEach(loop, [](Connection& connection) { connection.Close(); }); });
}

void TransportServer::Shutdown(absl::Duration patience) {
  if (!std::exchange(started_, false)) return;
  constexpr absl::Duration kForEver = absl::Hours(24 * 365);
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(patience, kForEver));
  Close(grpc_door_, deadline);
  // Its answers are short.
  Close(http_door_, std::min(deadline, std::chrono::steady_clock::now() + kHttpGrace));
  // Work for calls whose clients are gone ends by itself, and soon: it sees that they are cancelled.
  std::atomic<int64_t> residents{1};
  while (residents.load() > 0) {
    residents.store(0);
    loops_.RunOnEachAndWait([&](int loop) { residents.fetch_add(loops_.loop(loop).residents()); });
    if (residents.load() > 0) absl::SleepFor(absl::Milliseconds(1));
  }
  loops_.Shutdown();
  grpc_door_.listeners.clear();
  http_door_.listeners.clear();
}

}  // namespace roicast
