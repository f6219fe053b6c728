#include "base/steady_wait.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace roicast {
namespace {

TEST(SteadyWait, EndsOnceItIsReady) {
  SteadyWait wait;
  absl::Mutex mutex;
  bool ready = false;
  std::thread other([&] {
    absl::MutexLock lock(&mutex);
    ready = true;
    wait.Notify();
  });
  {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(wait.Await(mutex, absl::InfiniteDuration(), [&] { return ready; }));
    EXPECT_TRUE(wait.Await(mutex, absl::ZeroDuration(), [&] { return ready; })) << "at once";
  }
  other.join();
}

TEST(SteadyWait, EndsInTime) {
  SteadyWait wait;
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(wait.Await(mutex, absl::Milliseconds(20), [] { return false; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(20));
  EXPECT_FALSE(wait.Await(mutex, -absl::Seconds(1), [] { return false; }));
}

TEST(SteadyWait, ANoticeThatIsNotMeantForItDoesNotEndIt) {
  SteadyWait wait;
  absl::Mutex mutex;
  int changes = 0;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) {
      absl::MutexLock lock(&mutex);
      ++changes;
      wait.Notify();
    }
  });
  {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(wait.Await(mutex, absl::Hours(1), [&] { return changes == 3; }));
  }
  other.join();
}

}  // namespace
}  // namespace roicast
