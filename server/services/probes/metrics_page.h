// All metrics as Prometheus reads them. Scrapes that waited together share one collection, however many there are.
#pragma once

#include <chrono>
#include <string>

#include "prometheus/collectable.h"
#include "server/transport/http/http_message.h"

namespace roicast {

// Not thread-safe.
class MetricsPage {
 public:
  using Clock = std::chrono::steady_clock;

  // metrics outlives it.
  explicit MetricsPage(const prometheus::Collectable* metrics) : metrics_(*metrics) {}

  // asked: when the request came. What the page shows is never older than that. Compressed if the request accepts it.
  HttpResponse Answer(const HttpRequest& request, Clock::time_point asked);

 private:
  const prometheus::Collectable& metrics_;
  // When text_ began to be collected.
  Clock::time_point collected_ = Clock::time_point::min();
  std::string text_;
  // The same compressed; empty: nobody has wanted it yet.
  std::string compressed_;
};

}  // namespace roicast
