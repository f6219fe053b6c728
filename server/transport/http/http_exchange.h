// A request and its answer on their way through the server: finds the route, collects the body, calls the handler, and
// hands the answer to the connection, from whichever thread it comes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/peer_use.h"
#include "server/transport/http/http_limits.h"
#include "server/transport/http/http_message.h"
#include "server/transport/http/http_routes.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

// On its loop, but for Answer, Resume and gone.
class HttpExchange {
 public:
  // The connection's side.
  class Sink {
   public:
    // response() is there. Once.
    virtual void OnAnswer() = 0;
    virtual void OnResume() = 0;

   protected:
    ~Sink() = default;
  };
  // All of them outlive the exchange, but for the sink.
  struct Parts {
    EventLoop* loop;
    TransportMetrics* metrics;
    const HttpRoutes* routes;
    const HttpLimits* limits;
    // Of the client's address; there for as long as something is counted.
    PeerUse* use;
    Sink* sink;
  };

  static std::shared_ptr<HttpExchange> Make(const Parts& parts);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // Filled by the connection before Route; empty once it is handled or refused.
  HttpRequest& request() { return request_; }
  const HttpRequest& request() const { return request_; }

  // Finds who answers. content_length: as announced; 0: unknown, or there is none. False: it is answered already, with
  // a refusal; also where there is no room for its headers, unless they are small, as those of probes are.
  bool Route(uint64_t content_length);
  // A part of the body. False: it is too large, and answered.
  bool AddBody(absl::string_view bytes);
  // The request is complete: calls the handler. self: this.
  static void Run(const std::shared_ptr<HttpExchange>& self);
  // Answers without a handler.
  void Refuse(HttpResponse response);
  // The connection is done with it, or gone. Drops request and response. Somebody else has to hold the exchange.
  void Detach();

  bool answered() const { return answered_; }
  // The answer has no body, but the headers of one.
  bool is_head() const { return is_head_; }
  HttpResponse& response() { return response_; }

  // Any thread. self: this.
  static void Answer(const std::shared_ptr<HttpExchange>& self, HttpResponse response);
  static void Resume(const std::shared_ptr<HttpExchange>& self);
  bool gone() const { return gone_.load(std::memory_order_relaxed); }

 private:
  explicit HttpExchange(const Parts& parts);
  ~HttpExchange();
  void Deliver(HttpResponse response);
  // What is counted for it: in all of the port, and of its address.
  struct Held {
    int64_t in_all = 0;
    int64_t of_address = 0;
  };
  // Counts so many bytes as held, of which `held` are counted already. False: that is too much, and no more are
  // counted. shared: whoever made them has counted them, and they are there for as long as anybody holds them.
  bool Hold(size_t bytes, Held& held, bool shared = false);
  void Release(Held& held);
  // Counts so many bytes as those of the request as such.
  void Count(int64_t bytes);
  // The headers have come. False: there is no room for them.
  bool HoldHeaders();
  // Whoever answers may take long, or never look whether the client is gone.
  void DropRequest();

  const Parts parts_;
  Sink* sink_;
  HttpRequest request_;
  const HttpRoute* route_ = nullptr;
  HttpResponse response_;
  Held headers_held_;
  Held body_held_;
  Held response_held_;
  int64_t counted_ = 0;
  bool is_head_ = false;
  bool answered_ = false;
  std::atomic<bool> gone_{false};
};

}  // namespace roicast
