// Stops a computation where it asks for the n-th time, and counts.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>

#include "absl/status/status.h"
#include "base/stop_check.h"

namespace roicast::testing {

// Calls run(stop) without stopping it, which has to succeed and to ask at least `least` times; then again, and stops it
// where it asks for the first time, the last time, and between: each time it has to end with what `stop` said, without
// asking again more than `late` times. However long the work between two questions takes, that is all that follows.
inline void ExpectStopsWhereItAsks(const std::function<absl::Status(const StopCheck&)>& run, int64_t least,
                                   int64_t late = 0) {
  int64_t asked = 0, stop_at = std::numeric_limits<int64_t>::max();
  const StopCheck stop = [&] {
    return ++asked >= stop_at ? absl::CancelledError("nobody waits for it") : absl::OkStatus();
  };
  ASSERT_TRUE(run(stop).ok());
  const int64_t all = asked;
  ASSERT_GE(all, std::max<int64_t>(least, 1));
  constexpr int64_t kPlaces = 9;
  for (int64_t place = 0; place <= kPlaces; ++place) {
    stop_at = 1 + (all - 1) * place / kPlaces;
    asked = 0;
    EXPECT_EQ(run(stop), absl::CancelledError("nobody waits for it")) << "stopped at " << stop_at << " of " << all;
    EXPECT_LE(asked, stop_at + late) << "of " << all;
  }
}

}  // namespace roicast::testing
