// Submit, cancel, watch, list, publish and scrape at once, with two workers. For ThreadSanitizer above all.
#include <atomic>
#include <thread>

#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

class ConcurrencyTest : public ManagerFixture {};

TEST_F(ConcurrencyTest, EveryJobEndsOnceAndEverySuccessIsAVersion) {
  options_.workers = 2;
  options_.max_queued = 1000;
  Start();
  trainer_.AllowAll();
  constexpr int kThreads = 3, kJobs = 12,
                kImports = 200;  // A quick machine would reach the quota of versions otherwise.
  std::atomic<int> succeeded{0}, cancelled{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kJobs; ++i) {
        const std::string id = Submit(Spec(5));
        if ((i + t) % 3 == 0) {
          EXPECT_TRUE(manager_->Cancel(id).ok());
        }
        const v1::TrainingJob job = AwaitEnd(id);
        if (job.state() == v1::JOB_STATE_SUCCEEDED) ++succeeded;
        if (job.state() == v1::JOB_STATE_CANCELLED) ++cancelled;
      }
    });
  }
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    for (int i = 0; !stop; ++i) {
      EXPECT_TRUE(manager_->List("", "", 50).ok());
      EXPECT_FALSE(metrics_.Collect().empty());
      if (i < kImports) {
        EXPECT_TRUE(store_.store->Publish(NewVersion("import", "x")).ok());
      }
    }
  });
  for (std::thread& thread : threads) thread.join();
  stop = true;
  reader.join();
  EXPECT_EQ(succeeded + cancelled, kThreads * kJobs);
  EXPECT_EQ(store_.store->GetVersion("default", 0)->version, succeeded);
  EXPECT_EQ(published().size(), static_cast<size_t>(succeeded));
}

}  // namespace
}  // namespace roicast
