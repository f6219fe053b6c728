#include "base/steady_clock.h"

#include <chrono>

#include "absl/time/time.h"

namespace roicast {
namespace {

class Steady final : public Clock {
 public:
  absl::Time Now() const override {
    return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace

const Clock& SteadyClock() {
  static const Steady* const clock = new Steady;
  return *clock;
}

}  // namespace roicast
