// How much the store takes and how much room is left, sampled now and then: a scrape must not wait for a disk.
#pragma once

#include <chrono>
#include <future>
#include <string>

#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace roicast {

// Not thread-safe. The gauges keep their last values if the folder cannot be read.
class DiskMetrics {
 public:
  // `folder` is the store's: database files directly in it, datasets in datasets/. The registry outlives the object.
  DiskMetrics(std::string folder, prometheus::Registry& registry);

  // Starts a sample on its own thread if the last one has ended and began at least 15 s ago. Never waits.
  void SampleIfDue(std::chrono::steady_clock::time_point now);
  // Joins the thread of a sample that has ended. Never waits.
  void JoinEnded();
  // Waits for the running sample.
  void Wait();

 private:
  void Sample() const;

  const std::string folder_;
  prometheus::Gauge* const database_;
  prometheus::Gauge* const datasets_;
  prometheus::Gauge* const free_;
  prometheus::Gauge* const size_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::time_point::min();
  std::future<void> sample_;  // Its destructor waits.
};

}  // namespace roicast
