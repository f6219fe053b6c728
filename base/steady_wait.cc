#include "base/steady_wait.h"

#include <algorithm>
#include <chrono>

namespace roicast {
namespace {

// The clock's range ends some centuries from now.
constexpr absl::Duration kLongestWait = absl::Hours(24 * 365);

// As the standard library wants it.
struct LockedMutex {
  absl::Mutex& mutex;
  void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Lock(); }
  void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Unlock(); }
};

}  // namespace

bool SteadyWait::Await(absl::Mutex& mutex, absl::Duration patience, absl::FunctionRef<bool()> ready) {
  LockedMutex locked{mutex};
  const auto until = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(patience, kLongestWait));
  while (!ready()) {
    if (patience == absl::InfiniteDuration()) {
      changed_.wait(locked);
    } else if (changed_.wait_until(locked, until) == std::cv_status::timeout) {
      return ready();
    }
  }
  return true;
}

}  // namespace roicast
