// Clock and counters shared by unary and stream load.
#pragma once

#include <time.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "client/load/load.h"

namespace roicast::client {

inline int64_t MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

inline void SleepUntilNanos(int64_t when) {
  const timespec until{static_cast<time_t>(when / 1'000'000'000), static_cast<long>(when % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

// Lowers the timer slack of the calling thread from 50 µs, so that sleeps end on time.
void SharpenTimers();

// When a run begins, starts to measure and ends, on the monotonic clock.
struct LoadSchedule {
  explicit LoadSchedule(const LoadOptions& options)
      : begin(MonotonicNanos()),
        measure(begin + absl::ToInt64Nanoseconds(options.warm_up)),
        end(measure + absl::ToInt64Nanoseconds(options.duration)) {}
  int64_t begin;
  int64_t measure;
  int64_t end;
};

// Counters of one thread.
struct LoadTally {
  LatencyHistogram latency;
  std::map<std::string, int64_t> errors;
  std::string first_error;
  int64_t calls = 0;
  int64_t answered = 0;
  int64_t not_started = 0;

  // due: when the call was scheduled to start.
  void Record(const LoadSchedule& schedule, int64_t due, const absl::Status& status);
  // Open loop: counts the calls due every `interval` nanoseconds from `due` until now or the end as not started.
  void RecordNotStarted(const LoadSchedule& schedule, double due, double interval);
  void MergeInto(LoadResult* result) const;
};

}  // namespace roicast::client
