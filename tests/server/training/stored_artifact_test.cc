#include "server/training/stored_artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/errors/errors.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

// EvaluateModel and AnalyzeModel read versions that nobody counted.
TEST(StoredArtifact, DrawsFromTheBudgetBeforeItIsRead) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  ASSERT_TRUE(store.Publish(NewVersion("shop", std::string(1'000'000, 'x'))).ok());
  MemoryBudget small(3'000'000, 1'000'000);
  EXPECT_EQ(ReadStoredArtifact(store, "shop", 1, &small).status(),
            MemoryShort(absl::ResourceExhaustedError(
                "memory for answers: 4 MB more are needed, 2 MB of the budget of 3 MB are free; kept for predictions: "
                "1 MB (the server's --memory_budget)")));
  // With the memory it is read, and found to be no artifact; then the memory is free again.
  MemoryBudget large(5'000'000, 1'000'000);
  const absl::Status damaged = ReadStoredArtifact(store, "shop", 1, &large).status();
  EXPECT_FALSE(damaged.ok());
  EXPECT_FALSE(absl::IsResourceExhausted(damaged)) << damaged;
  EXPECT_EQ(large.held(), 0u);
}

}  // namespace
}  // namespace roicast
