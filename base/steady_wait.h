// Waits with a time limit that the wall clock has no part in: Abseil's own end when that clock says so, which is an
// hour late where it is set back by one.
#pragma once

#include <condition_variable>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace roicast {

// Thread-safe. Unlike with absl::Condition, whoever changes what is waited for says so.
class SteadyWait {
 public:
  // Waits until it is ready, or for so long (InfiniteDuration: for ever). Returns whether it is ready, which is asked
  // with the mutex held: at first, after each notice, and at the end.
  bool Await(absl::Mutex& mutex, absl::Duration patience, absl::FunctionRef<bool()> ready)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // With the mutex held, or after it.
  void Notify() { changed_.notify_all(); }

 private:
  std::condition_variable_any changed_;
};

}  // namespace roicast
