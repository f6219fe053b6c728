// A connection whose version of HTTP its first bytes decide: HTTP/2 begins with a preface that no request of HTTP/1.1
// begins with (RFC 9113, section 3.4).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/protocol.h"

namespace roicast {

class HttpRequests;

class VersionChoice final : public Protocol {
 public:
  // Both outlive it.
  VersionChoice(Connection* connection, HttpRequests* requests);
  VersionChoice(const VersionChoice&) = delete;
  VersionChoice& operator=(const VersionChoice&) = delete;

  bool Receive(absl::string_view bytes) override;
  void Produce(OutputBuffer& out) override;
  bool finished() const override { return chosen_ != nullptr ? chosen_->finished() : draining_; }
  bool busy() const override { return chosen_ != nullptr && chosen_->busy(); }
  bool unread() const override { return chosen_ != nullptr && chosen_->unread(); }
  void Drain() override;
  std::optional<Cut> Overdue(EventLoop::Clock::time_point now, EventLoop::Clock::time_point* next) override;
  void OnClosed() override;

 private:
  Connection& connection_;
  HttpRequests& requests_;
  const EventLoop::Clock::time_point due_;
  // The beginning of the preface.
  std::string first_;
  std::unique_ptr<Protocol> chosen_;
  bool draining_ = false;
};

}  // namespace roicast
