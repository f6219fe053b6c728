// Makes absl::Mutex visible to ThreadSanitizer. The packaged Abseil is built without it, so accesses ordered by a mutex
// would be reported as races. In the tsan preset only, the linker redirects our calls to these functions (--wrap, see
// cmake/RoicastTargets.cmake), which notify the sanitizer and call the real ones.
//
// Reads are ignored while the real function runs: Abseil evaluates the conditions of waiting threads in whichever
// thread holds the mutex.
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

#define ROICAST_WRAPPED(type, name, symbol, ...)          \
  type Real##name(__VA_ARGS__) __asm__("__real_" symbol); \
  type Wrap##name(__VA_ARGS__) __asm__("__wrap_" symbol)

namespace roicast::tsan {
namespace {

struct IgnoreReads {
  IgnoreReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~IgnoreReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

}  // namespace

using absl::Condition;
using absl::Mutex;

// A member function takes its object as the first argument (Itanium C++ ABI).
ROICAST_WRAPPED(void, Lock, "_ZN4absl7debian35Mutex4LockEv", Mutex*);
ROICAST_WRAPPED(void, Unlock, "_ZN4absl7debian35Mutex6UnlockEv", Mutex*);
ROICAST_WRAPPED(void, ReaderLock, "_ZN4absl7debian35Mutex10ReaderLockEv", Mutex*);
ROICAST_WRAPPED(void, ReaderUnlock, "_ZN4absl7debian35Mutex12ReaderUnlockEv", Mutex*);
ROICAST_WRAPPED(void, Await, "_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE", Mutex*, const Condition&);
ROICAST_WRAPPED(bool, AwaitWithTimeout, "_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE",
                Mutex*, const Condition&, absl::Duration);
ROICAST_WRAPPED(bool, AwaitWithDeadline, "_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE",
                Mutex*, const Condition&, absl::Time);

void WrapLock(Mutex* mutex) {
  {
    IgnoreReads ignore;
    RealLock(mutex);
  }
  __tsan_acquire(mutex);
}

void WrapUnlock(Mutex* mutex) {
  __tsan_release(mutex);
  IgnoreReads ignore;
  RealUnlock(mutex);
}

void WrapReaderLock(Mutex* mutex) {
  {
    IgnoreReads ignore;
    RealReaderLock(mutex);
  }
  __tsan_acquire(mutex);
}

void WrapReaderUnlock(Mutex* mutex) {
  __tsan_release(mutex);
  IgnoreReads ignore;
  RealReaderUnlock(mutex);
}

void WrapAwait(Mutex* mutex, const Condition& condition) {
  __tsan_release(mutex);
  {
    IgnoreReads ignore;
    RealAwait(mutex, condition);
  }
  __tsan_acquire(mutex);
}

bool WrapAwaitWithTimeout(Mutex* mutex, const Condition& condition, absl::Duration timeout) {
  __tsan_release(mutex);
  bool result = false;
  {
    IgnoreReads ignore;
    result = RealAwaitWithTimeout(mutex, condition, timeout);
  }
  __tsan_acquire(mutex);
  return result;
}

bool WrapAwaitWithDeadline(Mutex* mutex, const Condition& condition, absl::Time deadline) {
  __tsan_release(mutex);
  bool result = false;
  {
    IgnoreReads ignore;
    result = RealAwaitWithDeadline(mutex, condition, deadline);
  }
  __tsan_acquire(mutex);
  return result;
}

}  // namespace roicast::tsan
