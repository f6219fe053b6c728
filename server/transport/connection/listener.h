// A socket that is listened on: host:port or unix:/path. Hands new connections to whoever wants them, and survives that
// file descriptors run out.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/peer_address.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

class Listener final : public EventLoop::Watcher {
 public:
  // A connection that was accepted: its socket, which does not block, and whose it is.
  using OnAccepted = std::function<void(int fd, PeerAddress from)>;

  // Listens; nothing is accepted before Start. ipv6_only: [::] leaves IPv4 to others. A stale file of a unix socket
  // that nobody listens on any more is replaced. Errors: FailedPrecondition (somebody listens there), PermissionDenied,
  // InvalidArgument.
  static absl::StatusOr<std::unique_ptr<Listener>> Make(absl::string_view address, TransportMetrics* metrics,
                                                        OnAccepted on_accepted, bool ipv6_only = false);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The TCP port; 0: a unix socket.
  int port() const { return port_; }
  // As it was given, with the port that it has.
  const std::string& address() const { return address_; }
  // The same, with a number for its host.
  const std::string& numeric_address() const { return numeric_address_; }

  // On the loop. Errors: ResourceExhausted.
  absl::Status Start(EventLoop* loop);
  // On the loop, or once that has ended: accepts no more, and removes the file of a unix socket, unless somebody has
  // put another one in its place.
  void Stop();

 private:
  Listener(TransportMetrics* metrics, OnAccepted on_accepted);
  void OnReady(uint32_t events) override;
  // Takes a connection that there is no descriptor for, and closes it, so that its client does not wait.
  void TurnAway();
  // Removes the file at path_ if it is the one that was bound.
  void RemoveFile() const;

  TransportMetrics& metrics_;
  const OnAccepted on_accepted_;
  EventLoop* loop_ = nullptr;
  int fd_ = -1;
  // Kept for TurnAway.
  int reserve_ = -1;
  int port_ = 0;
  std::string address_;
  std::string numeric_address_;
  // Of a unix socket: its file, removed by Stop. The inode is not used again while the socket is open.
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace roicast
