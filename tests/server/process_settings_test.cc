#include "server/process_settings.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

namespace roicast {
namespace {

TEST(ProcessSettings, DescriptorsAreRaisedToTheHardLimit) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {std::min<rlim_t>(before.rlim_max, 64), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(DescriptorLimit(), static_cast<int64_t>(low.rlim_cur));
  RaiseDescriptorLimit();
  EXPECT_EQ(DescriptorLimit(), static_cast<int64_t>(std::min<rlim_t>(before.rlim_max, 1000000)));
  rlimit raised{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

// A heap for each thread kept up to 32 MiB for good, since the C library trims the end of none but the first.
TEST(ProcessSettings, FreedMemoryOfManyThreadsIsGivenBackButForTheEndsOfAFewHeaps) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers allocate by themselves";
#endif
  constexpr int kThreads = 12;
  constexpr size_t kMegabyte = size_t{1} << 20;
  // Less than is trimmed as it is freed.
  constexpr size_t kMegabytes = 30;
  KeepFreedMemory();
  const uint64_t before = ResidentMemory();
  absl::BlockingCounter allocated(kThreads), freed(kThreads);
  absl::Notification go_on, end;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      std::vector<std::unique_ptr<char[]>> blocks;
      for (size_t block = 0; block < kMegabytes; ++block) blocks.push_back(std::make_unique<char[]>(kMegabyte));
      allocated.DecrementCount();
      go_on.WaitForNotification();
      blocks.clear();
      freed.DecrementCount();
      end.WaitForNotification();
    });
  }
  allocated.Wait();
  EXPECT_GE(ResidentMemory(), before + kThreads * kMegabytes * kMegabyte);
  go_on.Notify();
  freed.Wait();
  GiveFreedMemoryBack();
  const uint64_t heaps = std::clamp<uint64_t>(std::thread::hardware_concurrency(), 2, kMaxHeaps);
  EXPECT_LT(ResidentMemory(), before + (heaps * 32 + 24) * kMegabyte);
  end.Notify();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace roicast
